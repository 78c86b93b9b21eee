// Follows a network file: shows how its run stands, what is wrong with it, and the page of the last run that came through.
(() => {
"use strict";
const [state, bar, mistakes, room] = ["#state", "progress", "#mistakes", "main"].map((name) => document.querySelector(name));
const made = (kind, kindOf, ...inside) => {
  const element = document.createElement(kind);
  element.className = kindOf;
  element.append(...inside);
  return element;
};
const say = (text) => { if (state.textContent !== text) state.textContent = text; };
const clock = (seconds) => (seconds < 1 ? `${Math.max(Math.round(1000 * seconds), 1)} ms` : seconds < 100 ? `${seconds.toPrecision(3)} s` : `${Math.round(seconds / 60)} min`);

// The page on show, and the number of the one that is on show or on its way.
let shown = null, page = 0;
const show = (number) => {
  if (number === page || !number) return;
  page = number;
  const next = made("iframe", "next");
  [next.title, next.src] = ["Report of the last run", `report?${number}`];
  next.addEventListener("load", async () => {
    if (number !== page) return next.remove();
    const inside = next.contentWindow.qhh, before = shown?.contentWindow.qhh;
    if (inside && before) inside.stand(before.standing());
    await inside?.ready;
    if (number !== page) return next.remove();
    next.className = "";
    shown?.remove();
    shown = next;
    document.body.dataset.page = number;
    document.title = next.contentDocument?.title || document.title;
  });
  room.append(next);
};

const shownMistake = ({ message, remedy, path, place, lines }) => {
  // Most messages name the entry themselves.
  const where = [place && `line ${place[0]}, column ${place[1]}`, !message.includes(path) && path].filter(Boolean).join(", ");
  const parts = [made("p", "", ...(where ? [made("b", "", where), ": "] : []), message)];
  const width = String(lines.at(-1)?.[0] ?? "").length;
  if (lines.length) {
    parts.push(made("pre", "", ...lines.flatMap(([number, text]) => {
      const line = [made("i", "", `${String(number).padStart(width)} │ `), text];
      return [...(number === place[0] ? [made("b", "", ...line)] : line), "\n"];
    })));
  }
  if (remedy) parts.push(made("p", "remedy", remedy));
  return parts;
};

const kinds = {
  running: ({ share }) => { bar.value = share; say(share > 0 ? `running, ${Math.floor(100 * share)} %` : "running"); },
  done: ({ seconds }) => say(`up to date, ran in ${clock(seconds)}`),
  failed: (told) => say(told.mistakes.length > 1 ? `${told.mistakes.length} mistakes` : "not run"),
};
const take = (told) => {
  document.body.className = told.state;
  kinds[told.state](told);
  // While it runs again what was wrong stays, so that nothing jumps.
  if (told.state !== "running") {
    mistakes.replaceChildren(...(told.mistakes || []).flatMap(shownMistake));
    mistakes.hidden = !told.mistakes;
  }
  show(told.page);
};
const events = new EventSource("events");
events.addEventListener("message", (event) => take(JSON.parse(event.data)));
events.addEventListener("error", () => { document.body.className = "failed"; say("qhh watch has ended"); });
})();
