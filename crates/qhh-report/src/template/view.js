// A panel on the page: its chart, the values under the pointer, dragging to zoom, the keyboard.

const root = document.documentElement;
const theme = (name) => getComputedStyle(root).getPropertyValue(`--${name}`).trim();
const made = (tag, name, ...children) => {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.append(...children);
  return element;
};

class View {
  // `figure` holds the panel; `linked` are all views of the page, whose time axes move together.
  constructor(figure, panel, plot, linked) {
    Object.assign(this, { figure, panel, plot, linked, chart: null, cursor: null, tip: null, here: null });
    panel.inLanes = plot.classList.contains("lanes");
    this.canvas = made("div", "canvas");
    plot.append(this.canvas);
    const box = plot.closest(".panel");
    [this.title, this.below] = [box.querySelector(".yl span"), box.querySelector(".xl")];
    plot.addEventListener("pointermove", (event) => this.move(event));
    plot.addEventListener("pointerleave", () => { if (!this.dragged) this.leave(); });
    plot.addEventListener("pointerdown", (event) => this.press(event));
    plot.addEventListener("pointerup", (event) => this.release(event));
    plot.addEventListener("pointercancel", () => this.letGo());
    plot.addEventListener("dblclick", () => this.reset());
    plot.addEventListener("keydown", (event) => this.key(event));
    plot.addEventListener("blur", () => this.leave());
  }

  size() { return [this.plot.clientWidth, this.plot.clientHeight]; }

  // Draws the panel in the room it has; nothing while it is folded away.
  draw() {
    const { panel } = this;
    // A plane is as high as wide between its axes.
    if (panel.ready && this.plot.classList.contains("plane") && this.plot.clientWidth) {
      const wide = this.plot.clientWidth;
      this.plot.style.height = `${wide - this.figure.gutter(wide, wide) - RIGHT + TOP + BOTTOM}px`;
    }
    const lanes = panel.lanes().length;
    if (panel.parts()) this.plot.style.height = lanes ? `${Math.max(lanes * LANE + BOTTOM, 220)}px` : "";
    const [width, height] = this.size();
    if (!panel.ready || !width || !height) return;
    const renderer = panel.isPicture() || panel.weight() > MOST_IN_SVG ? "canvas" : "svg";
    this.chart ??= echarts.init(this.canvas, null, { renderer, width, height, devicePixelRatio: Math.max(devicePixelRatio, 2) });
    if (this.chart.getWidth() !== width || this.chart.getHeight() !== height) this.chart.resize({ width, height });
    panel.gutter = this.figure.gutter(width, height);
    panel.margin = this.figure.margin();
    this.chart.setOption(panel.option(width, height), { notMerge: true });
    const { x, y } = panel.axes(width, height);
    this.title.textContent = y.title;
    if (this.below) this.below.textContent = x.title;
  }

  // Pixels within the plot as values, and back.
  values(px, py) { const [x, y] = this.chart.convertFromPixel("grid", [px, py]); return { x, y }; }
  pixels(x, y) { return this.chart.convertToPixel("grid", [x, y]); }
  frame() { const [width, height] = this.size(); return { left: this.panel.gutter, right: width - this.panel.margin, top: TOP, bottom: height - BOTTOM }; }
  place(event) {
    const box = this.plot.getBoundingClientRect(), frame = this.frame();
    const [px, py] = [event.clientX - box.left, event.clientY - box.top];
    return { px: Math.min(Math.max(px, frame.left), frame.right), py: Math.min(Math.max(py, frame.top), frame.bottom), outside: px < frame.left - 12 };
  }

  // What is to be read at a place: the nearest samples.
  read(px, py) {
    const { x, y } = this.values(px, py);
    const far = (dx, dy, a, b) => { const [qx, qy] = this.pixels(a, b); return (qx - px) ** 2 + (qy - py) ** 2; };
    return this.panel.read(x, y, far);
  }

  move(event) {
    if (!this.chart) return;
    const { px, py, outside } = this.place(event);
    if (this.dragged) this.stretch(px, py);
    if (outside) return this.leave();
    this.tell(this.read(px, py));
  }

  tell(read) {
    if (!read) return this.leave();
    this.here = read;
    this.tip ??= this.plot.appendChild(made("div", "tip"));
    this.tip.replaceChildren(...read.rows.map(({ name, value, colour }) => {
      const label = made("span", "", ...(colour ? [made("s", colour)] : []), name);
      return made("p", "", label, made("b", "", value));
    }));
    const together = this.panel.isTime() ? this.linked.filter((view) => view.panel.isTime()) : [this];
    for (const view of together) view.mark(read.at);
    const [px] = this.pixels(read.at, 0), { left, right } = this.frame(), wide = this.tip.offsetWidth;
    const at = Math.min(Math.max(px, left), right), beside = at > (left + right) / 2 ? at - wide - 12 : at + 12;
    const edge = this.plot.getBoundingClientRect().left;
    this.tip.style.left = `${Math.max(Math.min(beside, root.clientWidth - 6 - edge - wide), 6 - edge)}px`;
  }

  // A line at a place, in every panel over time.
  mark(x) {
    if (!this.chart) return;
    const { left, right } = this.frame(), log = this.panel.log.x ? Math.log : (value) => value, [low, high] = this.panel.range("x").map(log);
    const share = (log(x) - low) / (high - low);
    this.cursor ??= this.plot.appendChild(made("div", "cursor"));
    this.cursor.hidden = !(share >= -1e-9 && share <= 1 + 1e-9);
    this.cursor.style.left = `${left + share * (right - left)}px`;
  }

  unmark() { this.cursor?.remove(); this.cursor = null; }

  leave() {
    this.tip?.remove();
    [this.tip, this.here] = [null, null];
    for (const view of this.panel.isTime() ? this.linked : [this]) view.unmark();
  }

  press(event) {
    if (!this.chart || event.button > 0) return;
    const { px, py } = this.place(event);
    this.dragged = { px, py, area: null };
    if (event.isTrusted) this.plot.setPointerCapture(event.pointerId);
    this.move(event);
  }

  // Marks what a drag has covered: a stretch of time, or a rectangle of a plane.
  stretch(px, py) {
    const start = this.dragged, { top, bottom } = this.frame(), flat = !this.planar();
    if (!start.area && Math.abs(px - start.px) < 5 && (flat || Math.abs(py - start.py) < 5)) return;
    start.area ??= this.plot.appendChild(made("div", "area"));
    const [a, b] = flat ? [top, bottom] : [Math.min(py, start.py), Math.max(py, start.py)];
    Object.assign(start.area.style, { left: `${Math.min(px, start.px)}px`, width: `${Math.abs(px - start.px)}px`, top: `${a}px`, height: `${b - a}px` });
  }

  release(event) {
    const start = this.dragged;
    if (!start) return;
    const { px, py } = this.place(event), drawn = start.area;
    this.letGo();
    if (!drawn) this.open();
    if (!drawn || Math.abs(px - start.px) < 5) return;
    const [from, to] = [this.values(start.px, start.py), this.values(px, py)];
    const pair = (axis) => [Math.min(from[axis], to[axis]), Math.max(from[axis], to[axis])];
    this.zoom({ x: pair("x"), ...(this.planar() && Math.abs(py - start.py) > 5 ? { y: pair("y") } : {}) });
  }

  // The page that the point read leads to.
  open() { if (this.here?.link) location.href = this.here.link; }
  letGo() { this.dragged?.area?.remove(); this.dragged = null; }
  planar() { return !this.panel.isTime() && !this.panel.series.some((one) => one.at) && !this.panel.spec.y.rows; }

  // Zooms this panel, and with it all others over time.
  zoom(window) {
    const all = this.panel.isTime() ? this.linked.filter((view) => view.panel.isTime()) : [this];
    this.leave();
    for (const view of all) {
      view.panel.zoom = window && { ...(view === this ? window : { x: window.x }) };
      later(view);
      view.figure.zoomed();
    }
  }

  reset() { if (this.panel.zoom) this.zoom(null); }

  // Arrow keys move from sample to sample, + and - zoom around the place read, 0 and Escape show all.
  key(event) {
    if (!this.chart || event.ctrlKey || event.metaKey || event.altKey) return;
    const { panel } = this, [low, high] = panel.range("x"), by = event.shiftKey ? 10 : 1, frame = this.frame();
    const x = this.here ? this.here.at : (low + high) / 2, y = this.here?.high ?? this.values(frame.left, (frame.top + frame.bottom) / 2).y;
    const at = (x, y) => {
      const [px, py] = this.pixels(Math.min(Math.max(x, low), high), y);
      said(panel.read(Math.min(Math.max(x, low), high), y, (dx, dy, a, b) => { const [qx, qy] = this.pixels(a, b); return (qx - px) ** 2 + (qy - py) ** 2; }));
    };
    const said = (read) => {
      this.tell(read);
      this.figure.say(this.here ? this.here.rows.map((row) => `${row.name} ${row.value}`).join(", ") : "");
    };
    const scaled = (factor) => this.zoom({ x: [Math.max(x - (x - low) * factor, panel.fullRange("x")[0]), Math.min(x + (high - x) * factor, panel.fullRange("x")[1])] });
    const up = (this.here?.step?.[1] ?? (panel.range("y")[1] - panel.range("y")[0]) / 40) * by;
    const along = (by) => {
      const point = this.here?.point;
      if (!point) return at(panel.step(x, this.here ? by : 0), y);
      const { one, k } = point;
      return said(panel.point(one, Math.min(Math.max(k + 2 * by, 0), one.points.length - 2)));
    };
    const keys = {
      ArrowLeft: () => along(-by), ArrowRight: () => along(by),
      ArrowUp: () => at(x, Math.min(y + up, panel.range("y")[1])), ArrowDown: () => at(x, Math.max(y - up, panel.range("y")[0])),
      Enter: () => this.open(), Home: () => at(low, y), End: () => at(high, y), "+": () => scaled(0.5), "=": () => scaled(0.5), "-": () => scaled(2),
      0: () => this.reset(), Escape: () => { this.leave(); this.reset(); },
    };
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  }
}

// Panels to be drawn, one after another, so that the page answers meanwhile.
const waiting = new Set();
const later = (view) => {
  if (!waiting.size) setTimeout(next);
  waiting.add(view);
};
const next = () => {
  const [view] = waiting;
  if (!view) return;
  waiting.delete(view);
  view.draw();
  if (waiting.size) setTimeout(next);
};
const drawAll = () => { for (const view of [...waiting]) { waiting.delete(view); view.draw(); } };
