// One pair of axes and what is drawn between them: the chart's options from the page's data, and what stands where.

// Most points drawn as SVG, which prints and enlarges without blur; beyond, a canvas is faster.
const MOST_IN_SVG = 4000;
// Runs that agree lie on one another: the first is drawn broad, so that it shows beneath.
const OVERLAID = { c1: { width: 3.6, opacity: 0.75 }, c3: { type: [7, 4] }, c4: { type: [2, 3] } };
const RIGHT = 18, TOP = 8, BOTTOM = 26;
// Most lines that have lanes of their own, and the least height of one.
const MOST_LANES = 24, LANE = 54;
// How opaque a layer of a stack is, by its shade, and the room that a name within it needs.
const SHADES = [0.78, 0.5, 0.32, 0.2], NAME_HEIGHT = 15, NAME_WIDTH = 6.4;
const brief = (name) => (name.length > 16 ? `${name.slice(0, 15)}…` : name);

// A place of a width between two edges over the same x, in pixels: high enough for a name, or the highest, near the middle.
const roomWithin = (top, bottom, wide) => {
  const middle = top.length ? (top[0][0] + top.at(-1)[0]) / 2 : 0;
  let best = null, last = 0;
  for (let first = 0; first < top.length; first++) {
    while (last < top.length && top[last][0] - top[first][0] < wide) last++;
    if (last === top.length) break;
    let [ceiling, floor] = [-Infinity, Infinity];
    for (let k = first; k <= last; k++) [ceiling, floor] = [Math.max(ceiling, top[k][1]), Math.min(floor, bottom[k][1])];
    const x = (top[first][0] + top[last][0]) / 2, height = floor - ceiling, worth = Math.min(height, 2 * NAME_HEIGHT) - 0.02 * Math.abs(x - middle);
    if (!best || worth > best.worth) best = { x, y: (ceiling + floor) / 2, height, worth };
  }
  return best;
};

class Panel {
  constructor(spec, theme) {
    Object.assign(this, { spec, theme, hidden: new Set(), zoom: null, gutter: 0, margin: RIGHT, frame: 0, inLanes: false, overlaid: document.body.classList.contains("compare") });
    const grids = spec.grids.map(placesOf);
    this.series = spec.series.map((one) => ({ ...one, at: one.grid === undefined ? null : grids[one.grid] }));
    for (const one of this.series) {
      if (one.kind !== "joined") continue;
      one.at = one.points.filter((_, k) => k % 2 === 0);
      one.y = one.points.filter((_, k) => k % 2 === 1);
    }
    this.full = this.extent("x", null);
    this.log = { x: this.isLogarithmic("x"), y: this.isLogarithmic("y") };
  }

  // Reads the pictures, without which nothing can be drawn.
  async prepare() {
    const pictures = this.series.filter((one) => one.kind === "picture" && !one.levels);
    await Promise.all(pictures.map(decode));
    this.ready = true;
  }

  // What is not hidden. The legend does not list what belongs to a trace, such as its spikes: it goes with the trace.
  shown() {
    const follows = (one) => this.series.filter((other) => other.listed && other.colour === one.colour && other.kind !== "rule");
    const gone = (one) => (one.listed ? this.hidden.has(one.name) : follows(one).length > 0 && follows(one).every(gone));
    return this.hidden.size ? this.series.filter((one) => !gone(one)) : this.series;
  }
  // Of those, what is seen in the frame at hand.
  seen() { return this.shown().filter((one) => one.frame === undefined || one.frame === this.frame); }

  // Whether its lines can be drawn in a lane each.
  parts() {
    const lines = this.series.filter((one) => one.kind === "line");
    return this.isTime() && !this.overlaid && !this.log.y && lines.length > 1 && lines.length <= MOST_LANES && !this.series.some((one) => one.kind === "band");
  }
  // The lines that have a lane each, if they are several.
  lanes() {
    const lines = this.inLanes && this.parts() ? this.shown().filter((one) => one.kind === "line") : [];
    return lines.length > 1 ? lines : [];
  }
  // What the lowest and highest of all lanes are, and how far one lane is below the one before.
  laneRange() {
    const window = this.zoom ? this.zoom.x : null;
    let [low, high] = this.extent("y", window, this.lanes());
    if (!(low < high)) [low, high] = [low - 1, high + 1];
    return { low, high, pitch: 1.08 * (high - low) };
  }
  // By how much a series is drawn lower than its values: what belongs to a line goes with it.
  lowered(one, lanes, pitch) {
    const lane = lanes.findIndex((line) => line === one || line.colour === one.colour);
    return pitch * Math.max(lane, 0);
  }
  isTime() { return this.spec.x.time === true; }
  isPicture() { return this.series.some((one) => one.kind === "picture"); }

  // Calls `see` with the numbers a series has on one axis, those from `from` to `to` of the other alone.
  visit(one, axis, window, see) {
    const inside = (x) => !window || (x >= window[0] && x <= window[1]);
    if (one.kind === "picture") return (axis === "x" ? one.box.slice(0, 2) : one.box.slice(2)).forEach(see);
    if (one.kind === "rule") return axis === "y" ? see(one.y) : undefined;
    if (one.kind === "bars") return one.points.forEach((value, k) => { if (k % 2 === 0 ? axis === "x" : axis === "y") (axis === "x" ? [value - one.width / 2, value + one.width / 2] : [0, value]).forEach(see); });
    if (one.at) {
      if (axis === "x") return each(one.at, see);
      const [first, last] = window ? within(one.at, ...window) : [0, one.at.length - 1];
      for (const list of one.kind === "band" ? [one.low, one.high] : [one.y]) each(list.slice(first, last + 1), see);
      return undefined;
    }
    for (let k = 0; k < one.points.length; k += 2) {
      if (axis === "x") see(one.points[k]);
      else if (inside(one.points[k])) { see(one.points[k + 1]); if (one.height) see(one.points[k + 1] + one.height); }
    }
    return undefined;
  }

  extent(axis, window, series = this.series) {
    let low = Infinity, high = -Infinity;
    for (const one of series) this.visit(one, axis, window, (value) => { low = Math.min(low, value); high = Math.max(high, value); });
    return [low, high];
  }

  isLogarithmic(axis) {
    const [low, high] = this.extent(axis, null);
    return this.spec[axis].log === true && !this.spec[axis].range && low > 0 && high > 4 * low;
  }

  // The range of an axis, never empty: fixed, or that of the data with some room.
  range(axis) {
    const spec = this.spec[axis], zoomed = this.zoom && this.zoom[axis];
    if (zoomed) return zoomed;
    if (axis === "y" && this.lanes().length) {
      const { low, high, pitch } = this.laneRange();
      return [low - pitch * (this.lanes().length - 1) - 0.04 * pitch, high + 0.04 * pitch];
    }
    if (spec.range) return spec.range;
    const window = axis === "y" && this.zoom ? this.zoom.x : null;
    let [low, high] = this.extent(axis, window, this.shown());
    if (!(low <= high)) [low, high] = this.extent(axis, null);
    if (!(low <= high)) [low, high] = [0, 0];
    if (this.log[axis]) return [low / 1.15, high * 1.15];
    if (spec.zero) [low, high] = [Math.min(low, 0), Math.max(high, 0)];
    const size = Math.max(Math.abs(low), Math.abs(high));
    if (size < 1e-300) return spec.zero ? [0, 1] : [-1, 1];
    if (high - low <= 1e-9 * size) return [low - 0.1 * size, high + 0.1 * size];
    const padded = axis === "y" || !this.series.some((one) => one.kind === "line" || one.kind === "band");
    const room = padded ? 0.06 * (high - low) : 0;
    return [spec.zero && low === 0 ? 0 : low - room, spec.zero && high === 0 ? 0 : high + room];
  }

  // The range without any zoom.
  fullRange(axis) {
    const { zoom } = this;
    this.zoom = null;
    const range = this.range(axis);
    this.zoom = zoom;
    return range;
  }

  axes(width, height) {
    const of = (axis, count) => { const [low, high] = this.range(axis); return { low, high, ...ticksOf(this.spec[axis], low, high, count, this.log[axis]) }; };
    const lanes = this.lanes();
    if (lanes.length) {
      // Each lane has the ticks of its own values.
      const { low, high, pitch } = this.laneRange(), own = ticksOf(this.spec.y, low, high, Math.max(Math.min(height / lanes.length / 26, 4), 1.2), false);
      // Of two lanes' ticks that would stand in one another the upper lane's lowest goes.
      const apart = (pitch - (own.values.at(-1) - own.values[0])) / pitch * height / lanes.length;
      if (own.values.length > 1 && apart < 15) own.values.shift();
      const places = lanes.flatMap((_, k) => own.values.map((value) => [value - k * pitch, own.text(value)]));
      const [from, to] = this.range("y");
      return { x: of("x", Math.max(Math.min(width / 95, 8), 3)), y: { low: from, high: to, title: own.title, values: places.map(([place]) => place), text: (value) => (places.find(([place]) => Math.abs(place - value) < 1e-9 * (to - from)) || ["", ""])[1] } };
    }
    return { x: of("x", Math.max(Math.min(width / 95, 8), 3)), y: of("y", Math.max(Math.min(height / 42, 6), 2)) };
  }

  // Room that the texts of the vertical axis need.
  wanted(width, height) {
    const { y } = this.axes(width, height);
    return 16 + 7 * Math.max(4, ...y.values.map((value) => y.text(value).length));
  }

  // Room on the right for the names of lanes, which the legend has in full.
  beside() { return this.lanes().length ? 12 + 6.6 * Math.max(...this.lanes().map((one) => brief(one.name).length)) : RIGHT; }

  // Options of the chart: its axes, and its series as far as they can be seen.
  option(width, height) {
    const { x, y } = this.axes(width, height), { theme } = this, lanes = this.lanes(), pitch = lanes.length ? this.laneRange().pitch : 0;
    const plain = { type: "value", animation: false };
    const text = { color: theme("soft"), fontSize: 12, fontFamily: this.font(), hideOverlap: true };
    const axis = (own, which, more) => ({
      ...plain, type: this.log[which] ? "log" : "value", min: own.low, max: own.high,
      axisLabel: { ...text, customValues: own.values, formatter: own.text }, ...more(own),
    });
    return {
      animation: false,
      grid: { left: this.gutter, right: this.margin, top: TOP, bottom: BOTTOM, outerBoundsMode: "none" },
      xAxis: axis(x, "x", (own) => ({
        axisLine: { onZero: false, lineStyle: { color: theme("soft") } }, splitLine: { show: false },
        axisTick: { customValues: own.values, lineStyle: { color: theme("soft") } },
      })),
      yAxis: axis(y, "y", (own) => ({
        axisLine: { show: false }, axisTick: { show: false, customValues: own.values },
        splitLine: { show: true, customValues: own.values, lineStyle: { color: theme("hair") } },
      })),
      series: [...this.zeros(x, y), ...this.seen().flatMap((one) => this.drawn(one, x, y, width, lanes, pitch))],
    };
  }

  // A line where an axis passes through zero.
  zeros(x, y) {
    if (this.isPicture() || this.lanes().length) return [];
    const line = (data) => ({ type: "line", data, showSymbol: false, silent: true, lineStyle: { color: this.theme("line"), width: 1 } });
    const across = !this.log.y && y.low < 0 && y.high > 0 ? [line([[x.low, 0], [x.high, 0]])] : [];
    return !this.log.x && x.low < 0 && x.high > 0 ? [...across, line([[0, y.low], [0, y.high]])] : across;
  }

  style(one) {
    const dashed = /^c[5-8]$/.test(one.colour) ? [6, 3] : "solid";
    const faint = this.series.some((other) => other.frame !== undefined) ? { width: 1, opacity: 0.35 } : { width: 4.5, opacity: 0.3 };
    const own = one.colour === "c0" ? faint : this.overlaid ? OVERLAID[one.colour] : {};
    return { color: this.theme(one.colour), width: 1.7, opacity: 1, type: dashed, cap: "butt", join: "round", ...own };
  }

  drawn(one, x, y, width, lanes, pitch) {
    if (lanes.length) {
      // A level that all lanes share would have to stand in each.
      if (one.kind === "rule") return [];
      const by = this.lowered(one, lanes, pitch);
      one = one.at ? { ...one, y: one.y.map((value) => (value === null ? null : value - by)) } : { ...one, points: one.points?.map((value, k) => (k % 2 ? value - by : value)) };
    }
    const name = lanes.length && one.kind === "line" ? { endLabel: { show: true, formatter: () => brief(one.name), distance: 6, fontSize: 12, fontFamily: this.font(), color: this.theme(one.colour) } } : {};
    const colour = this.theme(one.colour), quiet = { silent: true, animation: false, clip: true };
    const line = (data, style, more = {}) => ({ type: "line", data, showSymbol: false, itemStyle: { color: colour }, lineStyle: style, ...quiet, ...more });
    const custom = (shape) => ({ type: "custom", data: [[x.low, y.low]], renderItem: (_, api) => shape((a, b) => api.coord([a, b])), ...quiet });
    const pairs = () => { const list = []; for (let k = 0; k < one.points.length; k += 2) list.push([one.points[k], one.points[k + 1]]); return list; };
    const seen = (values) => { const [first, last] = within(one.at, x.low, x.high); return thinned(first, last, values, 2 * width); };
    switch (one.kind) {
      case "line": return [line(seen(one.y).map((k) => [one.at[k], one.y[k]]), { ...this.style(one), ...(lanes.length ? { type: "solid", width: 1.4 } : {}) }, lanes.length ? { clip: false, ...name } : {})];
      case "bars": return [custom((at) => ({ type: "group", children: pairs().filter(([a]) => a >= x.low && a <= x.high).map(([a, b]) => {
        const [left, top] = at(a - 0.4 * one.width, Math.max(b, 0)), [right, bottom] = at(a + 0.4 * one.width, 0);
        return { type: "rect", shape: { x: left, y: top, width: right - left, height: bottom - top }, style: { fill: colour, opacity: 0.85 } };
      }) }))];
      case "joined": return [line(pairs(), this.style(one), { showSymbol: true, showAllSymbol: true, symbol: "circle", symbolSize: 6.5 })];
      case "curve": return [line(pairs(), this.style(one))];
      case "outline": return [line(pairs(), { color: colour, width: 1.2, type: [4, 3] })];
      case "rule": return [line([[x.low, one.y], [x.high, one.y]], { color: one.colour === "c0" ? this.theme("soft") : colour, width: 1.2, type: [4, 3] })];
      case "dots": return [{ type: "scatter", data: pairs(), symbolSize: 6.5, itemStyle: { color: colour, opacity: 1 }, ...quiet }];
      case "band": return [custom((at) => {
        const kept = seen(one.high).filter((k) => one.low[k] !== null && one.high[k] !== null);
        const edge = (list) => kept.map((k) => at(one.at[k], list[k])), [top, bottom] = [edge(one.high), edge(one.low)];
        const solid = one.fill === "solid", opacity = this.opacity(one);
        const area = { type: "polygon", shape: { points: [...top, ...[...bottom].reverse()] }, style: { fill: colour, opacity } };
        return solid ? { type: "group", children: [area, ...this.outlineOf(one, at, seen), ...this.nameWithin(one, top, bottom)] } : area;
      })];
      case "strokes": return [custom((at) => {
        let path = "";
        for (const [a, b] of pairs()) {
          if (a < x.low || a > x.high) continue;
          const [foot, top] = [at(a, b), at(a, b + one.height)];
          path += `M${foot[0].toFixed(1)} ${foot[1].toFixed(1)}V${Math.min(top[1], foot[1] - 2).toFixed(1)}`;
        }
        return { type: "path", shape: { pathData: path || "M0 0" }, style: { stroke: colour, fill: null, lineWidth: 1.5 } };
      })];
      default: return [custom((at) => {
        const [left, top] = at(one.box[0], one.box[3]), [right, bottom] = at(one.box[1], one.box[2]);
        // Between neurons, unlike between quadratures, there is nothing.
        one.painted ??= painted(one, this.theme, one.colour, one.signed === true && !this.spec.y.rows);
        return { type: "image", style: { image: one.painted, x: left, y: top, width: Math.max(right - left, 1), height: Math.max(bottom - top, 1) } };
      })];
    }
  }

  // The layers of a stack that are seen; none of a single area.
  layers() {
    const solid = this.seen().filter((one) => one.kind === "band" && one.fill === "solid");
    return solid.length > 1 ? solid : [];
  }

  // The outline of a whole stack, drawn with its last layer: narrow peaks are thinner than what fills them shows.
  outlineOf(one, at, seen) {
    const layers = this.layers();
    if (one !== layers.at(-1)) return [];
    // What hangs below zero has its outer edge in `high`, too.
    const edge = (outer) => {
      const values = one.at.map((_, k) => layers.reduce((far, layer) => (layer.grid === one.grid && layer.high[k] !== null ? outer(far, layer.high[k]) : far), 0));
      if (values.every((value) => value === 0)) return [];
      const points = seen(values).map((k) => at(one.at[k], values[k]));
      return [{ type: "polyline", shape: { points }, style: { fill: null, stroke: this.theme("ink"), lineWidth: 1, opacity: 0.85 } }];
    };
    return [...edge(Math.max), ...edge(Math.min)];
  }

  opacity(one) { return { faint: 0.2, dense: 0.4 }[one.fill] ?? SHADES[Math.min(one.shade || 0, SHADES.length - 1)]; }

  // Drawings for download put fonts into attributes unescaped.
  font() { return this.theme("plain").replaceAll("\"", "'"); }

  // The name of a layer where it is highest, if there is room for it.
  nameWithin(one, top, bottom) {
    const place = this.layers().length ? roomWithin(top, bottom, 8 + NAME_WIDTH * one.name.length) : null;
    if (!place || place.height < NAME_HEIGHT || !one.listed) return [];
    const fill = legibleOn(mixed([rgb(this.theme("paper")), rgb(this.theme(one.colour))], this.opacity(one)), [this.theme("ink"), this.theme("paper")]);
    return [{ type: "text", style: { text: one.name, x: place.x, y: place.y, align: "center", verticalAlign: "middle", fontSize: 11, fontFamily: this.font(), fill } }];
  }

  // Numbers of points drawn, as far as they make a drawing heavy.
  weight() {
    return this.series.reduce((sum, one) => sum + (one.at ? one.at.length : one.points ? one.points.length / 2 : 0), 0);
  }

  // Colours have changed.
  repaint() { for (const one of this.series) delete one.painted; }

  // What a series says at one of its samples: the height of a layer of a stack, how far a veil reaches.
  value(one, k) {
    const text = withUnit(shown(one.y[k]), this.spec.y.unit);
    return one.kind === "band" && one.fill !== "solid" ? `±${text}` : text;
  }

  // The samples nearest to a place: x, and a row each with name and value. `far` measures distances of points.
  read(x, y, far) {
    const { spec } = this, [low, high] = this.range("x"), rows = [];
    const place = (value) => withUnit(shown(value, 7), spec.x.unit);
    const picture = this.seen().find((one) => one.kind === "picture" && y >= one.box[2] && y <= one.box[3]) || (this.series.find((one) => one.kind === "picture"));
    if (picture) return this.cell(picture, x, y);
    const over = this.seen().filter((one) => one.at && one.at.length);
    if (over.length) {
      const near = over.map((one) => ({ one, k: nearest(one.at, Math.min(Math.max(x, low), high)) }));
      const at = near[0].one.at[near[0].k], together = near.every(({ one, k }) => one.at[k] === at);
      rows.push({ name: spec.x.label, value: together ? place(at) : place(x) });
      for (const { one, k } of near.slice(0, 14)) {
        const name = together ? one.name : `${one.name} at ${place(one.at[k])}`;
        rows.push({ name, value: this.value(one, k), colour: one.colour, number: one.y[k], at: one.at[k] });
      }
      return { at: together ? at : x, rows };
    }
    let best = null;
    for (const one of this.seen()) {
      if (!one.points || one.kind === "outline") continue;
      for (let k = 0; k < one.points.length; k += 2) {
        const distance = far(one.points[k] - x, one.points[k + 1] + (one.height || 0) / 2 - y, one.points[k], one.points[k + 1]);
        if (!best || distance < best.distance) best = { one, k, distance };
      }
    }
    return best && this.point(best.one, best.k);
  }

  // One point of a curve or of dots, and the places beside it for the keyboard.
  point(one, k) {
    const { spec } = this, [a, b] = [one.points[k], one.points[k + 1]], middle = b + (one.height || 0) / 2;
    const place = { name: spec.x.label, value: withUnit(shown(a, 7), spec.x.unit) }, marked = { colour: one.colour, at: a };
    const row = spec.y.rows
      ? { name: spec.y.label, value: this.rowName(middle), number: Math.round(-middle), ...marked }
      : { name: one.name, value: withUnit(shown(b), spec.y.unit), number: b, ...marked };
    const link = one.links?.[k / 2], rows = link ? [place, row, { name: "click to open the run", value: "" }] : [place, row];
    return { at: a, high: middle, point: { one, k }, link, rows };
  }

  // The name of a row of neurons, or its number.
  rowName(y) {
    const row = Math.max(Math.round(-y), 0), named = (this.spec.y.named || []).find(([place]) => place === -row);
    return named ? named[1] : String(row);
  }

  cell(one, x, y) {
    const { spec } = this, [left, right, bottom, top] = one.box, { columns, rows } = one;
    const share = (value, low, high, log) => (log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low));
    const back = (part, low, high, log) => (log ? low * (high / low) ** part : low + part * (high - low));
    const inside = (part, n) => Math.min(Math.max(Math.floor(part * n), 0), n - 1);
    const column = inside(share(x, left, right, this.log.x), columns), row = inside(share(y, top, bottom, this.log.y), rows);
    const middle = [back((column + 0.5) / columns, left, right, this.log.x), back((row + 0.5) / rows, top, bottom, this.log.y)];
    const cells = one.cells, level = one.levels[row * columns + column];
    let value = valueOf(one, level), text;
    if (cells) {
      value = cells.values[row * columns + column];
      text = withUnit(shown(value), one.scale.unit);
    } else if (one.most) {
      text = `${value < 3 ? "" : "about "}${Math.round(value)}`;
    } else {
      // A level is one of 255: what it stands for is known to half of that.
      text = value === null ? "–" : `about ${withUnit(shown(value, 3), one.scale.unit)}`;
    }
    const name = spec.y.rows ? this.rowName(y) : cells ? cells.rows[row] : withUnit(shown(middle[1], 4), spec.y.unit);
    return {
      at: middle[0], high: middle[1], step: [(right - left) / columns, (top - bottom) / rows],
      rows: [
        { name: spec.x.label, value: cells ? cells.columns[column] : withUnit(shown(middle[0], 5), spec.x.unit) },
        { name: spec.y.label, value: name },
        { name: one.name, value: text, colour: one.most ? one.colour : undefined, number: value, at: middle[0] },
      ],
    };
  }

  // The next sample to the left or right of a place, for the keyboard.
  step(x, by) {
    const over = this.seen().find((one) => one.at && one.at.length);
    if (over) {
      const k = nearest(over.at, x);
      return over.at[Math.min(Math.max(k + by, 0), over.at.length - 1)];
    }
    const points = this.seen().find((one) => one.points && one.points.length);
    if (points && !this.isPicture()) {
      const places = points.points.filter((_, k) => k % 2 === 0).sort((a, b) => a - b);
      return places[Math.min(Math.max(nearest(places, x) + by, 0), places.length - 1)];
    }
    const [low, high] = this.range("x"), picture = this.series.find((one) => one.kind === "picture");
    return Math.min(Math.max(x + by * (picture ? (high - low) / Math.min(picture.columns, 400) : (high - low) / 100), low), high);
  }
}
