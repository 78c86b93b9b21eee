// The network's drawing in motion: neurons in the colours of their voltages, spikes on their way along the waveguides.

// How long the whole run takes to play, in milliseconds, and the places on the slider.
const PLAYED = 12000, PLACES = 1000;

class Motion {
  // `svg` draws every neuron, `map` is the picture of voltages in space and time, `raster` the spikes as strokes.
  constructor(svg, map, raster) {
    Object.assign(this, { map, picture: map.panel.series.find((one) => one.kind === "picture"), at: 0, started: null });
    this.neurons = [...svg.querySelectorAll("g.neuron")].map((group) => ({ shapes: [...group.querySelectorAll(".node, .dot")], texts: [...group.querySelectorAll("text")] }));
    this.ways = [...svg.querySelectorAll("g.arrow[data-delay]")].map((group) => ({
      from: Number(group.dataset.from), to: Number(group.dataset.to), delay: Number(group.dataset.delay), back: "back" in group.dataset, path: group.querySelector(".arm"),
    }));
    this.spikes = this.neurons.map(() => []);
    for (const one of raster ? raster.panel.series.filter(({ kind }) => kind === "strokes") : []) {
      for (let k = 0; k < one.points.length; k += 2) this.spikes[Math.round(-one.points[k + 1] - one.height / 2)]?.push(one.points[k]);
    }
    this.pulses = svg.querySelector("g.arrow")?.parentElement.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "g"));
    this.button = made("button", "", "Play");
    this.slider = made("input");
    this.text = made("output");
    [this.button.type, this.button.title] = ["button", "Voltages in the colours of the map of space and time, spikes on their way as dots"];
    Object.assign(this.slider, { type: "range", min: 0, max: PLACES, step: 1, value: 0 });
    this.slider.setAttribute("aria-label", "Time of the drawing");
    this.button.addEventListener("click", () => (this.started === null ? this.play() : this.pause()));
    this.slider.addEventListener("input", () => { this.pause(); this.show(Number(this.slider.value) / PLACES); });
    this.controls = made("p", "slider motion", this.button, this.slider, this.text);
  }

  play() {
    if (this.at >= 1) this.at = 0;
    this.started = performance.now() - this.at * PLAYED;
    this.button.textContent = "Pause";
    const step = (now) => {
      if (this.started === null) return;
      this.show(Math.min(Math.max((now - this.started) / PLAYED, 0), 1));
      if (this.at < 1) requestAnimationFrame(step); else this.pause();
    };
    requestAnimationFrame(step);
  }
  pause() { this.started = null; this.button.textContent = "Play"; }

  // The drawing as it is at a share of the run, and the cursor in all figures over time.
  show(share) {
    const { picture } = this, [from, to] = picture.box, time = from + share * (to - from);
    this.at = share;
    this.slider.value = Math.round(share * PLACES);
    this.text.textContent = withUnit(shown(time, 4), this.map.panel.spec.x.unit);
    this.slider.setAttribute("aria-valuetext", this.text.textContent);
    const column = Math.min(Math.floor(share * picture.columns), picture.columns - 1);
    this.neurons.forEach(({ shapes, texts }, k) => {
      const [r, g, b] = this.palette()[picture.levels[k * picture.columns + column]];
      for (const shape of shapes) Object.assign(shape.style, { fill: `rgb(${r} ${g} ${b})`, fillOpacity: 1 });
      for (const text of texts) text.style.fill = 0.3 * r + 0.6 * g + 0.1 * b > 128 ? "#111" : "#fff";
    });
    this.pulses?.replaceChildren(...this.ways.flatMap((way) => [...this.along(way, way.from, time, false), ...(way.back ? this.along(way, way.to, time, true) : [])]));
    for (const view of views) if (view.panel.isTime()) view.mark(time);
  }

  // Spikes of a neuron that are in a waveguide, as dots.
  along(way, sender, time, back) {
    const under = this.spikes[sender].filter((spike) => spike <= time && time < spike + way.delay);
    if (!under.length) return [];
    way.length ??= way.path.getTotalLength();
    return under.map((spike) => {
      const share = (time - spike) / way.delay, { x, y } = way.path.getPointAtLength(way.length * (back ? 1 - share : share));
      const dot = document.createElementNS("http://www.w3.org/2000/svg", "circle");
      for (const [name, value] of Object.entries({ class: "pulse", cx: x, cy: y, r: 5 })) dot.setAttribute(name, value);
      return dot;
    });
  }

  palette() { return (this.shades ??= shades(this.picture, theme, "c0")); }
  repaint() { delete this.shades; if (this.neurons[0]?.shapes[0]?.style.fill) this.show(this.at); }
}

// Where every neuron is drawn and its voltage is in the map.
const motion = () => {
  const svg = document.querySelector("#graph svg.graph"), view = (id) => figures.find((figure) => figure.element.id === id)?.views[0];
  const map = view("space-time"), picture = map?.panel.series.find((one) => one.kind === "picture");
  if (!svg || !picture?.levels || svg.querySelectorAll("g.neuron").length !== picture.rows) return null;
  const own = new Motion(svg, map, view("raster"));
  document.querySelector("#graph .drawing").before(own.controls);
  return own;
};
let moving = null;
ready.then(() => { moving = motion(); window.qhh.motion = moving; });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => moving?.repaint());
