// Moves the pointer over a page under test and writes what it is told, a line for each place.
addEventListener("load", async () => {
  await qhh.ready;
  qhh.drawAll();
  const lines = PROBES.map(([id, u, v]) => {
    const [view] = qhh.figures.find((figure) => figure.element.id === id).views, { plot } = view;
    const { left, right, top, bottom } = view.frame(), box = plot.getBoundingClientRect();
    const at = { clientX: box.left + left + u * (right - left), clientY: box.top + top + v * (bottom - top), bubbles: true };
    plot.dispatchEvent(new PointerEvent("pointermove", at));
    const rows = [...plot.querySelectorAll(".tip p")].map((p) => `${p.children[0].textContent}\t${p.children[1].textContent}`);
    plot.dispatchEvent(new PointerEvent("pointerleave"));
    return rows.join(";");
  });
  const told = document.createElement("pre");
  told.id = "tips";
  told.textContent = lines.join("\n");
  document.body.append(told);
});
