// Sets the equations, which stand in the pages as LaTeX.
for (const place of document.querySelectorAll(".equation")) {
  katex.render(place.textContent, place, { displayMode: place.localName === "div", throwOnError: false });
}
