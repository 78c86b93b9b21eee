// The figures of the page: legends, downloads, printing.

const views = [];
const live = document.body.appendChild(made("p", "spoken"));
live.setAttribute("aria-live", "polite");

class Figure {
  constructor(element, data) {
    Object.assign(this, { element, data, hidden: new Set() });
    const plots = [...element.querySelectorAll(".plot")];
    this.views = data.panels.map((spec, k) => new View(this, new Panel(spec, theme), plots[k], views));
    views.push(...this.views);
    this.tools();
    this.legend();
    this.slider();
    const first = this.views.flatMap(({ panel }) => panel.series).find((one) => one.kind === "picture" && one.scale);
    if (first) { this.bar = barOf(first, theme); this.picture = first; element.querySelector(".panels").before(this.bar); }
  }

  // The room for the texts of vertical axes, the same in panels under one another.
  gutter(width, height) { return Math.max(...this.views.map(({ panel }) => panel.wanted(width, height))); }
  // That for the names of lanes.
  margin() { return Math.max(...this.views.map(({ panel }) => panel.beside())); }
  say(text) { live.textContent = text; }
  redraw() { this.views.forEach(later); }
  repaint() {
    this.views.forEach(({ panel }) => panel.repaint());
    if (this.bar) { const bar = barOf(this.picture, theme); this.bar.replaceWith(bar); this.bar = bar; }
    this.redraw();
  }

  tools() {
    const button = (text, title, act) => {
      const one = made("button", "", text);
      [one.type, one.title] = ["button", title];
      one.addEventListener("click", act);
      return one;
    };
    const save = (kind, title, of) => button(kind, `Download ${this.data.title} as ${title}`, async () => download(`${this.element.id}.${kind.toLowerCase()}`, await of()));
    this.all = button("Show all", "Zoom out: double click, or 0", () => this.views.forEach((view) => view.reset()));
    this.all.hidden = true;
    const tools = made("div", "tools", this.all, ...this.lanes(button), save("PNG", "a picture", () => this.png()), save("SVG", "a drawing", () => this.svg()), save("CSV", "a table", () => this.csv()));
    this.element.querySelector("figcaption").after(tools);
  }

  // Lines over time: each in a lane of its own, or all over one another.
  lanes(button) {
    const able = this.views.filter(({ panel }) => panel.parts()), first = able.filter(({ panel }) => panel.inLanes);
    if (!able.length) return [];
    // Panels that begin in lanes are those that are meant.
    const views = first.length ? first : able;
    const set = (apart) => { for (const { panel } of views) panel.inLanes = apart; };
    const text = () => (views[0].panel.inLanes ? "Overlay" : "Stack");
    const one = button(text(), "Draw the lines under one another, or over one another", () => { set(!views[0].panel.inLanes); one.textContent = text(); this.redraw(); });
    return [one];
  }

  // What is seen one after another, as the periods of a drive: the last at first.
  slider() {
    const names = [];
    for (const one of this.views.flatMap(({ panel }) => panel.series)) if (one.frame !== undefined) names[one.frame] ??= one.name;
    if (names.length < 2) return;
    const input = made("input"), text = made("output");
    Object.assign(input, { type: "range", min: 0, max: names.length - 1, step: 1, value: names.length - 1 });
    const show = () => {
      for (const { panel } of this.views) panel.frame = Number(input.value);
      text.textContent = names[input.value];
      input.setAttribute("aria-valuetext", names[input.value]);
      this.redraw();
    };
    input.setAttribute("aria-label", `${this.data.title}: which is shown`);
    input.addEventListener("input", show);
    this.element.querySelector(".panels").before(made("p", "slider", input, text));
    show();
  }

  zoomed() { this.all.hidden = !this.views.some(({ panel }) => panel.zoom); }

  // One entry for each name and colour; a click hides or shows, a double click isolates.
  legend() {
    const entries = new Map();
    for (const one of this.views.flatMap(({ panel }) => panel.series)) {
      if (one.listed && !entries.has(one.name)) entries.set(one.name, one);
    }
    if (!entries.size) return;
    const kinds = { line: "l", curve: "l", joined: "l j", rule: "r", outline: "r", dots: "d", strokes: "s", bars: "b solid", picture: "b solid" };
    this.buttons = [...entries.values()].map((one) => {
      const entry = made("button", `${one.kind === "band" ? `b ${one.fill}` : kinds[one.kind]} ${one.colour}`, one.name);
      if (one.shade) entry.style.setProperty("--opacity", this.views[0].panel.opacity(one));
      [entry.type, entry.title] = ["button", "Click: hide or show. Double click, or with Shift: show alone."];
      entry.addEventListener("click", (event) => (event.shiftKey ? this.isolate(one.name) : this.toggle(one.name)));
      entry.addEventListener("dblclick", () => this.isolate(one.name));
      return entry;
    });
    this.names = [...entries.keys()];
    this.element.querySelector(".panels").before(made("div", "legend", ...this.buttons));
    this.pressed();
  }

  toggle(name) { if (!this.hidden.delete(name)) this.hidden.add(name); this.pressed(); }
  isolate(name) {
    const others = this.names.filter((other) => other !== name), alone = others.every((other) => this.hidden.has(other)) && !this.hidden.has(name);
    this.hidden = new Set(alone ? [] : others);
    this.pressed();
  }
  pressed() {
    this.buttons.forEach((entry, k) => entry.setAttribute("aria-pressed", String(!this.hidden.has(this.names[k]))));
    for (const { panel } of this.views) panel.hidden = this.hidden;
    this.redraw();
  }

  // The figure as one drawing: title, legend, and the panels as they stand.
  svg() {
    const wide = Math.max(...this.views.map((view) => view.size()[0])), parts = [], escaped = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
    const text = (x, y, words, more = "") => `<text x="${x}" y="${y}" font-size="13" font-family="${escaped(theme("plain"))}" fill="${theme("ink")}" ${more}>${escaped(words)}</text>`;
    let y = 22;
    parts.push(text(12, y, this.data.title, "font-weight=\"600\""));
    let x = 12;
    for (const [k, name] of (this.names || []).entries()) {
      if (this.hidden.has(name)) continue;
      const one = this.views.flatMap(({ panel }) => panel.series).find((series) => series.name === name), width = 34 + 7.2 * name.length;
      if (x + width > wide && x > 12) [x, y] = [12, y + 20];
      if (x === 12) y += k ? 0 : 22;
      parts.push(`<rect x="${x}" y="${y - 7}" width="18" height="4" fill="${theme(one.colour)}" opacity="${one.shade ? this.views[0].panel.opacity(one) : 1}"/>`, text(x + 24, y, name));
      x += width;
    }
    for (const view of this.views) {
      const [width, height] = view.size();
      if (!width) continue;
      const words = [view.plot.closest(".panel").querySelector(".yl b")?.textContent, view.title.textContent].filter(Boolean).join(": ");
      y += 26;
      parts.push(text(12, y, words));
      const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width, height });
      chart.setOption(view.panel.option(width, height));
      const inner = chart.renderToSVGString().replace(/^<svg /, `<svg x="0" y="${y + 6}" `).replaceAll("<image ", "<image preserveAspectRatio=\"none\" ");
      chart.dispose();
      y += 6 + height;
      parts.push(inner);
      const last = view === this.views[this.views.length - 1];
      if (view.below || last) parts.push(text(width - RIGHT, y += 14, view.below?.textContent || "", "text-anchor=\"end\""));
    }
    return new Blob([`<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${wide}" height="${y + 14}"><rect width="100%" height="100%" fill="${theme("paper")}"/>${parts.join("")}</svg>`], { type: "image/svg+xml" });
  }

  async png() {
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(await this.svg().text())}`;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [2 * image.width, 2 * image.height];
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return new Promise((done) => { canvas.toBlob(done, "image/png"); });
  }

  // Every sample the page has of the figure, a row each.
  csv() {
    const quoted = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll("\"", "\"\"")}"` : text), lines = ["panel,series,x,y"];
    for (const { panel } of this.views) {
      for (const one of panel.series) {
        const row = (x, y) => lines.push([quoted(panel.spec.heading), quoted(one.name), x, y ?? ""].join(","));
        if (one.at) one.at.forEach((x, k) => row(x, one.y[k]));
        else if (one.points) for (let k = 0; k < one.points.length; k += 2) row(one.points[k], one.points[k + 1]);
        else if (one.levels) one.levels.forEach((level, k) => {
          const column = k % one.columns, line = Math.floor(k / one.columns), [a, b, c, d] = one.box;
          row(one.cells ? quoted(one.cells.columns[column]) : a + (b - a) * (column + 0.5) / one.columns,
            one.cells ? `${quoted(one.cells.rows[line])},${one.cells.values[k] ?? ""}` : `${d + (c - d) * (line + 0.5) / one.rows},${valueOf(one, level) ?? ""}`);
        });
      }
      if (panel.isPicture()) lines[0] = "panel,series,x,y,value";
    }
    return new Blob([`${lines.join("\n")}\n`], { type: "text/csv" });
  }
}

const download = (name, blob) => {
  const link = made("a");
  [link.href, link.download] = [URL.createObjectURL(blob), name];
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
};

const figures = [...document.querySelectorAll("figure.chart > script[type]")].map((data) => new Figure(data.parentElement, JSON.parse(data.textContent)));
// A panel is drawn when it has room: at once, when its fold is opened, when the window changes.
const seen = new ResizeObserver((entries) => {
  for (const { target } of entries) later(views.find((view) => view.plot === target));
});
const ready = Promise.all(views.map(async (view, k) => {
  await view.panel.prepare();
  // The first picture is there at once.
  if (k < 2) view.draw(); else later(view);
  seen.observe(view.plot);
}));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => figures.forEach((figure) => figure.repaint()));

// A list of contents, where there is room for it.
const titles = [...document.querySelectorAll("main > section h2")];
if (titles.length > 2) {
  const links = titles.map((title, k) => {
    const link = made("a", "", title.textContent);
    title.id ||= `part-${k}`;
    link.href = `#${title.id}`;
    link.addEventListener("click", () => title.closest("details")?.setAttribute("open", ""));
    return link;
  });
  const contents = made("nav", "contents", ...links);
  contents.setAttribute("aria-label", "Contents");
  document.querySelector("main").prepend(contents);
}

let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("details:not([open])")];
  folded.forEach((details) => { details.open = true; });
  root.classList.add("paper");
  figures.forEach((figure) => figure.repaint());
  drawAll();
});
addEventListener("afterprint", () => {
  folded.forEach((details) => { details.open = false; });
  root.classList.remove("paper");
  figures.forEach((figure) => figure.repaint());
});
// What a reader has zoomed, hidden, unfolded and scrolled to, for the page of the next run of the same network.
const standing = () => ({
  scroll: scrollY,
  open: [...document.querySelectorAll("details")].map((details) => details.open),
  figures: figures.map((figure) => ({ id: figure.element.id, hidden: [...figure.hidden], zoom: figure.views.map(({ panel }) => panel.zoom) })),
});
const stand = (as) => {
  const folds = [...document.querySelectorAll("details")];
  if (folds.length === as.open.length) folds.forEach((details, k) => { details.open = as.open[k]; });
  for (const figure of figures) {
    const before = as.figures.find(({ id }) => id === figure.element.id);
    if (!before || before.zoom.length !== figure.views.length) continue;
    figure.views.forEach(({ panel }, k) => { if (before.zoom[k]) panel.zoom = before.zoom[k]; });
    figure.zoomed();
    if (!figure.names) { figure.redraw(); continue; }
    figure.hidden = new Set(before.hidden.filter((name) => figure.names.includes(name)));
    figure.pressed();
  }
  scrollTo(0, as.scroll);
};
// For the page that follows a file, tests and the console.
window.qhh = { figures, ready, drawAll, standing, stand };
