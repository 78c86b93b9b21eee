// Runs inside a copy of a page under test and tells the page around it what is wrong.
(() => {
  "use strict";
  const name = location.hash.slice(1);
  const faults = [];
  const fault = (text) => { if (faults.length < 20) faults.push("fault " + text.replace(/\s+/g, " ")); };
  addEventListener("error", (e) => fault("script error: " + (e.message || e.target)), true);
  addEventListener("unhandledrejection", (e) => fault("script error: " + e.reason));
  addEventListener("securitypolicyviolation", (e) => fault("reaches out to " + (e.blockedURI || e.violatedDirective)));
  const seen = (element) => element.getClientRects().length > 0 && getComputedStyle(element).visibility === "visible";
  const of = (element) => `"${(element.textContent || "").trim().slice(0, 30)}" (${element.className || element.localName})`;

  const overflow = () => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return;
    const wide = [...document.body.querySelectorAll("*")].filter((e) => e.getBoundingClientRect().right > width + 1 && !e.closest(".scroll, pre, svg"));
    fault(`scrolls sideways: ${document.documentElement.scrollWidth} px in ${width}: ${wide.slice(0, 3).map(of).join(", ")}`);
  };
  const plots = () => {
    for (const svg of document.querySelectorAll("svg:not(.plot svg)")) {
      const title = svg.querySelector("title"), what = title ? title.textContent : "a drawing";
      if (svg.getAttribute("role") !== "img" || !title || !title.textContent || !svg.querySelector("desc")?.textContent) fault(`${what}: not told to those who cannot see it`);
      if ([...svg.querySelectorAll("path")].some((path) => /nan|inf/i.test(path.getAttribute("d")))) fault(`${what}: a path with no numbers`);
    }
    for (const plot of document.querySelectorAll(".plot")) {
      const what = plot.getAttribute("aria-label")?.split(".")[0] || "a plot", box = plot.getBoundingClientRect();
      if (!plot.getAttribute("aria-roledescription") || !/\d/.test(plot.getAttribute("aria-label") || "")) fault(`${what}: not told to those who cannot see it`);
      if (plot.tabIndex !== 0) fault(`${what}: out of reach of the keyboard`);
      if (!box.width) continue;
      if (box.width < 120 || box.height < 60) fault(`${what}: only ${box.width} by ${box.height} px`);
      const view = viewOf(plot);
      if (!view?.chart) { fault(`${what}: empty plot`); continue; }
      // What the library drew of each series, and in which colours.
      const drawn = view.chart.getModel().getSeries().map((series) => view.chart.getViewOfSeriesModel(series).group.getBoundingRect());
      if (!drawn.some(({ width, height }) => width > 0 || height > 0)) fault(`${what}: empty plot`);
      if (drawn.some(({ x, y, width, height }) => [x, y, width, height].some(Number.isNaN))) fault(`${what}: drawn at no place`);
      for (const one of view.panel.series) if (!/^(#|rgb)/.test(view.panel.theme(one.colour))) fault(`${what}: ${one.name} without colour`);
      for (const axis of ["x", "y"]) if (view.panel.axes(...view.size())[axis].values.length < 2 && !view.panel.spec[axis].named) fault(`fewer than two ticks: ${what}, ${axis}`);
    }
  };
  // A check, or a run of a sweep, that fails is seen without scrolling.
  const verdict = () => {
    if (!document.querySelector(".checks .bad, .tiles .fails")) return;
    const tile = document.querySelector(".tiles div");
    if (!/✗/.test(tile?.textContent || "")) fault(`the first tile says nothing of the check that fails: ${tile?.textContent}`);
    else if (tile.getBoundingClientRect().bottom + scrollY > 844) fault("the check that fails is out of sight");
  };
  const viewOf = (plot) => window.qhh?.figures.flatMap((figure) => figure.views).find((view) => view.plot === plot);
  const texts = () => {
    for (const element of document.body.querySelectorAll("*")) {
      if (element.closest("script, style, svg, .spoken") || ![...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) || !seen(element)) continue;
      const size = parseFloat(getComputedStyle(element).fontSize);
      if (size < 11) fault(`text of ${size} px: ${of(element)}`);
    }
  };
  // Red, green, blue and alpha of a colour as computed.
  const channels = (colour) => {
    const numbers = (colour.match(/-?[\d.]+(e-?\d+)?/g) || [0, 0, 0, 0]).map(Number), [r, g, b] = numbers;
    return [...(colour.startsWith("color(") ? [r, g, b].map((x) => 255 * x) : [r, g, b]), numbers[3] ?? 1];
  };
  const over = ([r, g, b, a], below) => [r, g, b].map((x, k) => a * x + (1 - a) * below[k]);
  // What lies behind an element.
  const ground = (element) => {
    const layers = [];
    for (let each = element; each; each = each.parentElement) layers.push(channels(getComputedStyle(each).backgroundColor));
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255]);
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((x) => x / 255).map((x) => (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  // As WCAG 2.2 asks: 4.5 of text, 3 of large text and of lines.
  const contrasts = () => {
    for (const element of document.body.querySelectorAll("*")) {
      if (element.closest("script, style, svg, .spoken, [aria-hidden=true]") || ![...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) || !seen(element)) continue;
      const style = getComputedStyle(element), size = parseFloat(style.fontSize), behind = ground(element);
      const large = size >= 24 || size >= 18.66 && parseInt(style.fontWeight, 10) >= 700;
      const found = ratio(over(channels(style.color), behind), behind);
      if (found < (large ? 3 : 4.5)) fault(`contrast of ${found.toFixed(2)}: ${of(element)}`);
    }
    for (const plot of document.querySelectorAll(".plot")) {
      const view = viewOf(plot), behind = ground(plot);
      for (const one of view?.chart ? view.panel.series : []) {
        if (one.kind === "picture" || one.kind === "band") continue;
        const probe = document.body.appendChild(document.createElement("i"));
        probe.style.color = view.panel.theme(one.colour);
        const found = ratio(over(channels(getComputedStyle(probe).color), behind), behind);
        probe.remove();
        if (found < 3) fault(`contrast of ${found.toFixed(2)}: ${one.name} in ${plot.getAttribute("aria-label")?.split(".")[0]}`);
      }
    }
  };
  // Layers of a stack of several that are high have their names within them; a single one has its name in the legend.
  const layers = () => {
    for (const plot of document.querySelectorAll(".plot")) {
      const view = viewOf(plot);
      if (!view?.chart) continue;
      const [width, height] = view.size(), { y } = view.panel.axes(width, height), texts = view.chart.getZr().storage.getDisplayList(true).filter((one) => one.type === "tspan");
      const stacked = view.panel.seen().filter((one) => one.kind === "band" && one.fill === "solid");
      for (const one of stacked.length > 1 ? stacked : []) {
        if (!one.listed) continue;
        const high = one.y.map((value) => Math.abs(value) / (y.high - y.low) * (height - 40)).sort((a, b) => a - b)[Math.floor(one.y.length / 3)];
        const text = texts.find(({ style }) => style.text === one.name);
        if (high > 24 && 8 * one.name.length < width / 3 && !text) fault(`no name within the layer ${one.name} of ${plot.getAttribute("aria-label")?.split(".")[0]}`);
        if (!text) continue;
        const probe = document.body.appendChild(document.createElement("i")), rgb = (colour) => { probe.style.color = colour; return channels(getComputedStyle(probe).color); };
        const [r, g, b] = rgb(view.panel.theme(one.colour)), behind = over([r, g, b, view.panel.opacity(one)], ground(plot)), found = ratio(over(rgb(text.style.fill), behind), behind);
        probe.remove();
        if (found < 4.5) fault(`contrast of ${found.toFixed(2)}: ${one.name} within its layer`);
      }
    }
  };
  const point = (plot, type, u, v) => {
    const { left, right, top, bottom } = viewOf(plot).frame(), box = plot.getBoundingClientRect();
    const at = { clientX: box.left + left + u * (right - left), clientY: box.top + top + v * (bottom - top), bubbles: true, button: 0 };
    plot.dispatchEvent(type === "dblclick" ? new MouseEvent(type, at) : new PointerEvent(type, at));
  };
  const drawn = () => [...document.querySelectorAll(".plot")].filter((plot) => viewOf(plot)?.chart);
  const hover = () => {
    const width = document.documentElement.clientWidth;
    for (const plot of drawn().slice(0, 12)) {
      const what = plot.getAttribute("aria-label");
      for (const share of [0.02, 0.35, 0.97]) {
        point(plot, "pointermove", share, 0.5);
        const tip = plot.querySelector(".tip");
        if (!tip || !/\d/.test(tip.textContent)) { fault(`no hover values: ${what}`); break; }
        if (/NaN|undefined|Infinity|e[+-]\d/.test(tip.textContent)) fault(`hover says ${tip.textContent}`);
        const place = tip.getBoundingClientRect();
        if (place.left < 0 || place.right > width) fault(`hover values cut off: ${what}`);
      }
      plot.dispatchEvent(new PointerEvent("pointerleave"));
      if (plot.querySelector(".tip, .cursor")) fault(`hover values stay: ${what}`);
    }
  };
  // Dragging zooms all panels over time, a double click shows all again, a name in the legend hides what it names,
  // arrow keys read samples.
  const use = () => {
    const time = drawn().filter((plot) => viewOf(plot).panel.isTime());
    const ranges = () => { qhh.drawAll(); return time.map((plot) => viewOf(plot).chart.getModel().getComponent("xAxis").axis.scale.getExtent().map((edge) => edge.toPrecision(6)).join(" to ")); };
    const plot = time[time.length - 1];
    const hidden = hide();
    if (plot) {
      const before = ranges();
      for (const [type, u] of [["pointerdown", 0.25], ["pointermove", 0.4], ["pointermove", 0.75], ["pointerup", 0.75]]) point(plot, type, u, 0.5);
      const after = ranges(), [low, high] = before[0].split(" to ").map(Number), wanted = [low + 0.25 * (high - low), low + 0.75 * (high - low)];
      if (new Set(after).size !== 1) fault(`zoom is not linked: ${[...new Set(after)].join("; ")}`);
      after[0].split(" to ").forEach((edge, k) => { if (Math.abs(edge - wanted[k]) > 0.01 * (high - low)) fault(`zoomed to ${after[0]}, not to ${wanted.join(" to ")}`); });
      if (hidden && !hidden()) fault("what was hidden shows again after a zoom");
      point(plot, "dblclick", 0.5, 0.5);
      if (ranges().join() !== before.join()) fault(`a double click does not show all: ${ranges()[0]}, before ${before[0]}`);
    }
    hidden?.(true);
    const one = drawn()[0];
    if (!one) return;
    const press = (key) => one.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    press("Home");
    const first = one.querySelector(".tip")?.textContent;
    for (let k = 0; k < 5; k += 1) press("ArrowRight");
    const later = one.querySelector(".tip")?.textContent;
    if (!first || !later || first === later && viewOf(one).panel.shown().some((s) => (s.at || s.points || []).length > 12)) fault(`arrow keys read nothing: ${first}, ${later}`);
    press("Escape");
    if (one.querySelector(".tip")) fault("Escape leaves the values");
  };
  // Lines laid over one another and apart, each with its name beside it, and a slider through what comes one after another.
  const layouts = () => {
    for (const figure of window.qhh?.figures || []) {
      const button = [...figure.element.querySelectorAll(".tools button")].find((one) => /^(Stack|Overlay)$/.test(one.textContent));
      if (button && figure.views.some((view) => view.chart)) {
        const lanes = () => { qhh.drawAll(); return figure.views.filter((view) => view.chart).map((view) => view.panel.lanes().length); };
        const named = () => figure.views.some((view) => view.chart?.getModel().getSeries().some((series) => series.get(["endLabel", "show"])));
        const before = lanes(), [word, apart] = [button.textContent, named()];
        if (apart !== (word === "Overlay")) fault(`${figure.data.title}: the button says ${word}`);
        button.click();
        const after = lanes();
        if (before.join() === after.join() || button.textContent === word || named() === apart) fault(`${figure.data.title}: ${word} changes nothing: ${before} lanes, then ${after}`);
        button.click();
        if (lanes().join() !== before.join()) fault(`${figure.data.title}: it does not go back`);
      }
      const slider = figure.element.querySelector(".slider input"), said = figure.element.querySelector(".slider output");
      if (!slider) continue;
      const last = said.textContent, framed = () => figure.views.map((view) => view.panel.seen().filter((one) => one.frame !== undefined).map((one) => one.name));
      slider.value = 0;
      slider.dispatchEvent(new Event("input"));
      qhh.drawAll();
      if (said.textContent === last || framed().flat().some((name) => name !== said.textContent)) fault(`${figure.data.title}: the slider at its start shows ${framed().join("; ")}, and says ${said.textContent}`);
      slider.value = slider.max;
      slider.dispatchEvent(new Event("input"));
      if (said.textContent !== last) fault(`${figure.data.title}: the slider does not go back`);
    }
  };
  // The drawing in motion: another time has other colours, and the cursor stands there in every figure over time.
  const plays = () => {
    const { motion } = window.qhh || {};
    if (!motion) return;
    const fills = () => motion.neurons.map(({ shapes }) => shapes[0].style.fill).join(), seen = new Set();
    for (const place of [0, 137, 250, 400, 620, 1000]) {
      motion.slider.value = place;
      motion.slider.dispatchEvent(new Event("input"));
      seen.add(fills());
      if (!/\d/.test(motion.text.textContent) || /rgb\(\D|NaN|undefined/.test(fills())) fault(`the drawing at ${place} says ${motion.text.textContent}, ${fills().slice(0, 80)}`);
      const cursor = motion.map.plot.querySelector(".cursor");
      if (!cursor) fault("the drawing moves no cursor");
    }
    if (seen.size < 2) fault("the drawing does not move");
    motion.button.click();
    if (motion.button.textContent !== "Pause") fault("Play does not play");
    motion.button.click();
    if (motion.button.textContent !== "Play") fault("Pause does not pause");
    for (const { plot } of drawn().map(viewOf)) plot.dispatchEvent(new PointerEvent("pointerleave"));
  };
  // What can be downloaded: a table with rows, and drawings that can be read, the first as a picture too.
  const downloads = async () => {
    const figures = (window.qhh?.figures || []).filter((figure) => figure.views.some((view) => view.chart)).slice(0, 4);
    for (const figure of figures) {
      const what = figure.data.title, [csv, svg] = await Promise.all([figure.csv().text(), figure.svg().text()]);
      if (csv.split("\n").length < 3 || /NaN|undefined/.test(csv)) fault(`${what}: no table to download`);
      const drawing = new DOMParser().parseFromString(svg, "image/svg+xml"), wrong = drawing.querySelector("parsererror");
      if (wrong) fault(`${what}: a drawing that cannot be read: ${wrong.textContent.slice(0, 200)}`);
      else if (drawing.querySelectorAll("svg svg").length !== figure.views.filter((view) => view.chart).length) fault(`${what}: panels are missing in the drawing`);
    }
    if (figures.length && (await figures[0].png()).size < 2000) fault("an empty picture to download");
  };
  // Hides the first series that a legend names beside others; the function returned says whether it
  // still is, and with `again` shows it.
  const hide = () => {
    const figure = window.qhh?.figures.find((each) => each.buttons?.length > 1 && each.views.some((view) => view.chart));
    if (!figure) return null;
    const count = () => { qhh.drawAll(); return figure.views.reduce((sum, view) => sum + (view.chart ? view.chart.getModel().getSeries().length : 0), 0); };
    const all = count();
    figure.buttons[0].click();
    if (!(count() < all) || figure.buttons[0].getAttribute("aria-pressed") !== "false") fault(`a click does not hide ${figure.names[0]}`);
    return (again) => {
      if (again) figure.buttons[0].click();
      if (again && count() !== all) fault(`a second click does not show ${figure.names[0]}`);
      return figure.hidden.has(figure.names[0]) && count() < all;
    };
  };
  addEventListener("load", async () => {
    await window.qhh?.ready;
    window.qhh?.drawAll();
    for (const check of [overflow, verdict, plots, texts, contrasts, layers, hover, use, layouts, plays, downloads, overflow]) {
      try { await check(); } catch (error) { fault(`check failed: ${error.stack}`); }
    }
    const [r, g, b] = (getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g) || [255, 255, 255]).map(Number);
    const lines = [...faults, r + g + b < 300 ? "dark" : "light", "done"];
    for (const line of lines) parent.postMessage(`${name}|${innerWidth}|${line}`, "*");
  });
})();
