// Values under the pointer: samples beside the drawn paths, or read back from them; the page is complete without.
(() => {
  "use strict";
  const SPAN = 10000;
  const range = (text) => {
    const [low, high, log] = text.split(" ").map(Number);
    const at = (share) => (log ? low * (high / low) ** share : low + share * (high - low));
    at.share = (value) => (log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low));
    return at;
  };
  const numbers = (text) => (text ? text.split(" ").map(Number) : []);
  // The samples of a line or band: where they are, and what they are.
  const samples = (path) => {
    const values = numbers(path.dataset.v);
    if (path.dataset.at) return { places: numbers(path.dataset.at), values };
    const [first, step] = numbers(path.dataset.t);
    let k = 0;
    const kept = path.dataset.k ? numbers(path.dataset.k).map((more) => (k += more)) : [...values.keys()];
    return { places: kept.map((place) => first + place * step), values };
  };
  const nearest = (list, x) => {
    let low = 0, high = list.length - 1;
    while (high - low > 1) { const middle = (low + high) >> 1; if (list[middle] <= x) low = middle; else high = middle; }
    return Math.abs(list[high] - x) < Math.abs(x - list[low]) ? high : low;
  };
  const points = (d) => {
    const found = [];
    let x = 0, y = 0;
    for (const [, kind, rest] of d.matchAll(/([Mlhvz])([^Mlhvz]*)/g)) {
      const numbers = (rest.match(/-?\d+/g) || []).map(Number);
      if (kind === "M") { [x, y] = numbers; found.push([x, y]); }
      if (kind === "l") for (let k = 0; k + 1 < numbers.length; k += 2) { x += numbers[k]; y += numbers[k + 1]; found.push([x, y]); }
    }
    return found;
  };
  const shown = (value) => {
    if (value === 0) return "0";
    const size = Math.abs(value);
    const text = size >= 1e5 || size < 1e-3 ? value.toExponential(2) : String(Number(value.toPrecision(4)));
    return text.replaceAll("-", "−");
  };
  // A place to seven digits: one sample has no other's.
  const placed = (value) => String(Number(value.toPrecision(7))).replaceAll("-", "−");
  const read = (frame) => [...frame.querySelectorAll("path[data-s]")].map((path) => ({
    name: path.dataset.s, colour: [...path.classList].find((c) => /^c\d$/.test(c)),
    veil: path.classList.contains("b") && !path.classList.contains("solid"),
    points: frame.dataset.by === "xy" ? points(path.getAttribute("d")) : [],
    ...(path.dataset.v ? samples(path) : { places: [], values: [] }),
  }));
  // The levels of a picture, and what they stand for.
  const channels = (text) => text.split(" ").map((hex) => [0, 2, 4].map((k) => parseInt(hex.slice(k, k + 2), 16)));
  const shades = (text) => {
    const scale = channels(text), last = scale.length - 1;
    return [...Array(256).keys()].map((level) => {
      const at = level / 255 * last, first = Math.min(Math.floor(at), last - 1);
      return scale[first].map((low, k) => low + (scale[first + 1][k] - low) * (at - first));
    });
  };
  const pictures = (frame) => [...frame.querySelectorAll("image")].map((image) => {
    const { x, y, width, height } = image;
    const [left, top, wide, high] = [x, y, width, height].map((length) => length.baseVal.value);
    const one = { name: image.dataset.s, colour: image.dataset.colour, left, top, wide, high };
    const cell = (share, n) => Math.min(Math.max(Math.floor(share * n), 0), n - 1);
    const middle = (share, n) => (cell(share, n) + 0.5) / n;
    if (image.dataset.v) {
      const columns = image.dataset.columns.split("\n"), rows = image.dataset.rows.split("\n");
      const values = image.dataset.v.split(" ");
      one.middle = (u, v) => [left + middle(u, columns.length) * wide, top + middle(v, rows.length) * high];
      one.names = (u, v) => [columns[cell(u, columns.length)], rows[cell(v, rows.length)]];
      one.at = (u, v) => {
        const value = values[cell(v, rows.length) * columns.length + cell(u, columns.length)];
        return value === "–" ? value : shown(Number(value));
      };
      return one;
    }
    const source = new Image();
    source.src = image.getAttribute("href");
    source.decode().then(() => {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [source.naturalWidth, source.naturalHeight];
      const context = canvas.getContext("2d", { willReadFrequently: true });
      context.drawImage(source, 0, 0);
      one.middle = (u, v) => [left + middle(u, canvas.width) * wide, top + middle(v, canvas.height) * high];
      const colours = image.dataset.scale && shades(image.dataset.scale);
      one.at = (u, v) => {
        const seen = context.getImageData(cell(u, canvas.width), cell(v, canvas.height), 1, 1).data;
        if (!colours) {
          if (!seen[0]) return "0";
          const count = Math.exp((seen[0] - 90) / 165 * Math.log(image.dataset.most));
          return (count < 3 ? "" : "about ") + Math.round(count);
        }
        if (!seen[3]) return "–";
        const far = (colour) => colour.reduce((sum, part, k) => sum + (part - seen[k]) ** 2, 0);
        const level = colours.reduce((best, colour, k) => (far(colour) < far(colours[best]) ? k : best), 0);
        const [low, high] = image.dataset.range.split(" ").map(Number);
        // A colour is one of 255: its value is known to half of that.
        return "about " + shown(low + (high - low) * level / 255);
      };
    }, () => {});
    return one;
  });
  for (const frame of document.querySelectorAll(".frame")) {
    let series = null, seen = null, tip = null, cursors = [];
    const stacked = !frame.closest(".beside");
    const family = stacked ? [...frame.closest(".panels").querySelectorAll(".frame")] : [frame];
    const toX = range(frame.dataset.x), toY = range(frame.dataset.y);
    const leave = () => { cursors.forEach((c) => c.remove()); cursors = []; if (tip) tip.remove(); tip = null; };
    const row = (name, value, colour) => {
      const p = document.createElement("p"), label = document.createElement("span"), number = document.createElement("b");
      if (colour) { const swatch = document.createElement("s"); swatch.className = colour; label.append(swatch); }
      label.append(name);
      number.textContent = value;
      p.append(label, number);
      tip.append(p);
    };
    const move = (event) => {
      series ??= read(frame);
      seen ??= pictures(frame);
      const box = frame.getBoundingClientRect();
      const x = (event.clientX - box.left) / box.width * SPAN, y = (event.clientY - box.top) / box.height * SPAN;
      if (x < -200 || x > SPAN + 200 || !(series.length || seen.length)) { leave(); return; }
      if (!tip) {
        tip = document.createElement("div");
        tip.className = "tip";
        frame.append(tip);
        cursors = family.map((each) => { const line = document.createElement("div"); line.className = "cursor"; each.append(line); return line; });
      }
      tip.replaceChildren();
      let at = x;
      if (frame.dataset.by === "plane") {
        const across = Math.min(Math.max(x, 0), SPAN), down = Math.min(Math.max(y, 0), SPAN);
        row(frame.dataset.xl, shown(toX(across / SPAN)));
        row(frame.dataset.yl, shown(toY(1 - down / SPAN)));
        const one = seen[0];
        if (one && one.at) row(one.name, one.at((across - one.left) / one.wide, (down - one.top) / one.high));
      } else if (frame.dataset.by === "map") {
        // A map has one picture; beyond its edge the nearest cell is told.
        const [one] = seen, within = (share) => Math.min(Math.max(share, 0), 1);
        const [u, v] = [within((x - one.left) / one.wide), within((y - one.top) / one.high)];
        // Until the picture is decoded its cells are not known.
        const [across, down] = one.middle ? one.middle(u, v) : [x, y];
        at = across;
        const [column, line] = one.names ? one.names(u, v) : [shown(toX(across / SPAN)), shown(toY(1 - down / SPAN))];
        row(frame.dataset.xl, column);
        row(frame.dataset.yl, line);
        if (one.at) row(one.name, one.at(u, v), one.colour);
      } else if (frame.dataset.by === "picture") {
        row(frame.dataset.xl, shown(toX(Math.min(Math.max(x / SPAN, 0), 1))));
        const one = seen.find((each) => y >= each.top && y <= each.top + each.high);
        if (one) {
          row(frame.dataset.yl, String(Math.max(Math.round(-toY(1 - y / SPAN)), 0)));
          if (one.at) row(one.name, one.at((x - one.left) / one.wide, (y - one.top) / one.high), one.colour);
        }
      } else if (frame.dataset.by === "xy") {
        let best = null;
        for (const one of series) for (const p of one.points) {
          const far = ((p[0] - x) * box.width) ** 2 + ((p[1] - y) * box.height) ** 2;
          if (!best || far < best.far) best = { far, p, one };
        }
        if (!best) { leave(); return; }
        at = best.p[0];
        row(frame.dataset.xl, shown(toX(at / SPAN)));
        if (frame.querySelector("path.s")) row(best.one.name, "", best.one.colour);
        else row(best.one.name, shown(toY(1 - best.p[1] / SPAN)), best.one.colour);
      } else {
        // The nearest sample of each; where they were thinned differently each says where it is.
        const here = toX(Math.min(Math.max(x / SPAN, 0), 1));
        const near = series.filter((one) => one.places.length).slice(0, 12).map((one) => {
          const k = nearest(one.places, here);
          return { one, place: one.places[k], value: one.values[k] };
        });
        if (!near.length) { leave(); return; }
        const together = near.every((each) => each.place === near[0].place);
        const told = together ? near[0].place : here;
        at = toX.share(told) * SPAN;
        row(frame.dataset.xl, together ? placed(told) : shown(told));
        for (const { one, place, value } of near) {
          const name = together ? one.name : `${one.name} at ${placed(place)}`;
          row(name, (one.veil ? "±" : "") + shown(value), one.colour);
        }
      }
      at = Math.min(Math.max(at, 0), SPAN);
      cursors.forEach((line) => { line.style.left = at / 100 + "%"; });
      const here = at / SPAN * box.width, wide = tip.offsetWidth;
      const left = at > SPAN / 2 ? here - wide - 10 : here + 10;
      const most = document.documentElement.clientWidth - 4 - box.left - wide;
      tip.style.left = Math.max(Math.min(left, most), 4 - box.left) + "px";
    };
    frame.addEventListener("pointermove", move);
    frame.addEventListener("pointerdown", move);
    frame.addEventListener("pointerleave", leave);
  }
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    folded.forEach((details) => { details.open = true; });
  });
  addEventListener("afterprint", () => folded.forEach((details) => { details.open = false; }));
})();
