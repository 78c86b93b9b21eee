// Moves the pointer over a page under test and writes what it is told, a line for each place.
addEventListener("load", () => {
  const lines = PROBES.map(([id, u, v]) => {
    const frame = document.querySelector(`#${id} .frame`), box = frame.getBoundingClientRect();
    const at = { clientX: box.left + u * box.width, clientY: box.top + v * box.height, bubbles: true };
    frame.dispatchEvent(new PointerEvent("pointermove", at));
    const rows = [...frame.querySelectorAll(".tip p")].map((p) => `${p.children[0].textContent}\t${p.children[1].textContent}`);
    frame.dispatchEvent(new PointerEvent("pointerleave"));
    return rows.join(";");
  });
  const told = document.createElement("pre");
  told.id = "tips";
  told.textContent = lines.join("\n");
  document.body.append(told);
});
