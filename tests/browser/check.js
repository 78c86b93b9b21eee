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
    for (const svg of document.querySelectorAll("svg")) {
      const title = svg.querySelector("title"), what = title ? title.textContent : "a plot";
      const box = svg.getBoundingClientRect();
      if (svg.getAttribute("role") !== "img" || !title || !title.textContent || !svg.querySelector("desc")?.textContent) fault(`${what}: not told to those who cannot see it`);
      if (box.width < 120 || box.height < 60) fault(`${what}: only ${box.width} by ${box.height} px`);
      const data = [...svg.querySelectorAll("path:not(.grid):not(.zero)")];
      const drawn = data.filter((path) => {
        const { width, height } = path.getBBox();
        return /\d/.test(path.getAttribute("d") || "") && (path.matches(".b") ? height > 0 : width > 0 || height > 0 || path.matches(".d"));
      });
      if (!drawn.length && !svg.querySelector("image")) fault(`${what}: empty plot`);
      if (!drawn.every((path) => getComputedStyle(path).stroke !== "none" || getComputedStyle(path).fill !== "none")) fault(`${what}: a curve without colour`);
      if ([...svg.querySelectorAll("path")].some((path) => /nan|inf/i.test(path.getAttribute("d")))) fault(`${what}: a path with no numbers`);
    }
  };
  const texts = () => {
    const width = document.documentElement.clientWidth;
    for (const element of document.body.querySelectorAll("*")) {
      if (element.closest("script, style, svg") || ![...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) || !seen(element)) continue;
      const size = parseFloat(getComputedStyle(element).fontSize);
      if (size < 11) fault(`text of ${size} px: ${of(element)}`);
    }
    for (const frame of document.querySelectorAll(".frame")) {
      for (const kind of ["xt", "yt"]) {
        const ticks = [...frame.querySelectorAll("." + kind)].filter((t) => t.textContent && seen(t));
        const boxes = ticks.map((t) => t.getBoundingClientRect());
        if (kind === "yt" && ticks.length < 2) fault(`fewer than two ticks: ${frame.dataset.yl}`);
        boxes.forEach((a, k) => {
          if (a.left < -0.5 || a.right > width + 0.5) fault(`tick cut off: ${of(ticks[k])} of ${frame.dataset.yl}`);
          boxes.slice(k + 1).forEach((b, j) => {
            const apart = a.right + 2 <= b.left || b.right + 2 <= a.left || a.bottom - 2 <= b.top || b.bottom - 2 <= a.top;
            if (!apart) fault(`ticks overlap: ${of(ticks[k])} and ${of(ticks[k + 1 + j])} of ${frame.dataset.yl}`);
          });
        });
      }
    }
  };
  const hover = () => {
    const width = document.documentElement.clientWidth;
    for (const frame of [...document.querySelectorAll(".frame")].slice(0, 12)) {
      for (const share of [0.02, 0.35, 0.97]) {
        const box = frame.getBoundingClientRect();
        const at = { clientX: box.left + share * box.width, clientY: box.top + box.height / 2, bubbles: true };
        frame.dispatchEvent(new PointerEvent("pointermove", at));
        const tip = frame.querySelector(".tip");
        if (!tip || !/\d/.test(tip.textContent)) { fault(`no hover values: ${frame.dataset.yl}`); break; }
        if (/NaN|undefined|Infinity/.test(tip.textContent)) fault(`hover says ${tip.textContent}`);
        const place = tip.getBoundingClientRect();
        if (place.left < 0 || place.right > width) fault(`hover values cut off: ${frame.dataset.yl}`);
      }
      frame.dispatchEvent(new PointerEvent("pointerleave"));
      if (frame.querySelector(".tip")) fault(`hover values stay: ${frame.dataset.yl}`);
    }
  };
  addEventListener("load", () => {
    for (const check of [overflow, plots, texts, hover, overflow]) {
      try { check(); } catch (error) { fault(`check failed: ${error.stack}`); }
    }
    const [r, g, b] = (getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g) || [255, 255, 255]).map(Number);
    const lines = [...faults, r + g + b < 300 ? "dark" : "light", "done"];
    for (const line of lines) parent.postMessage(`${name}|${innerWidth}|${line}`, "*");
  });
})();
