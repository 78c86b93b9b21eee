// Numbers: as text, as ticks of an axis, and as the samples of a figure.

// A number as pages write it: 1.2 × 10⁻⁵, with a minus sign.
const power = (exponent) => "10" + [...String(exponent)].map((digit) => (digit === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit])).join("");
const shown = (value, digits = 6) => {
  if (value === null || !Number.isFinite(value)) return "–";
  const rounded = Number(value.toPrecision(digits)), size = Math.abs(rounded);
  if (size === 0 || (size >= 1e-3 && size < 1e6)) return String(rounded).replace("-", "−");
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
  return `${Number(mantissa)}\u202f×\u202f${power(Number(exponent))}`.replace("-", "−");
};
const withUnit = (text, unit) => (unit && text !== "–" ? `${text}\u00a0${unit}` : text);

// Multiples of 1, 2, 2.5 or 5 times a power of ten within a range, about `count` of them; of counts whole numbers alone.
const evenTicks = (low, high, count, whole = false) => {
  const rough = (high - low) / Math.max(count, 1), decade = 10 ** Math.floor(Math.log10(rough));
  const steps = (whole && rough < 1 ? [1] : [1, 2, 2.5, 5, 10].map((multiple) => multiple * decade)).filter((step) => !whole || Number.isInteger(step));
  const step = steps.reduce((best, each) => (Math.abs(Math.log(each / rough)) < Math.abs(Math.log(best / rough)) ? each : best));
  const first = Math.ceil(low / step - 1e-9), last = Math.floor(high / step + 1e-9);
  const values = [...Array(Math.max(Math.min(last - first + 1, 40), 0)).keys()].map((k) => (first + k) * step);
  return { values, step };
};
// 1, 2 and 5 times powers of ten, the powers alone where there are many.
const decadeTicks = (low, high) => {
  const span = Math.log10(high / low);
  if (span < 0.7) return evenTicks(low, high, 5).values.filter((value) => value > 0);
  const first = Math.floor(Math.log10(low)), last = Math.ceil(Math.log10(high)), stride = Math.ceil((last - first + 1) / 8);
  const values = [];
  for (let e = first; e <= last; e += stride) for (const m of span > 2.5 ? [1] : [1, 2, 5]) values.push(m * 10 ** e);
  return values.filter((value) => value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9));
};
// Where the ticks of an axis stand, what they say, and the title with its unit: small and large numbers move their
// power of ten into the title.
const ticksOf = (axis, low, high, count, logarithmic) => {
  const titled = (unit) => (unit ? `${axis.label} (${unit})` : axis.label);
  if (axis.named) {
    const inside = axis.named.filter(([value]) => value >= low - 1e-9 && value <= high + 1e-9);
    // A row of many neurons has its number, as far as one looks at few of them.
    const whole = axis.rows && inside.length < 3 ? evenTicks(low, high, count).values.filter(Number.isInteger).map((value) => [value, shown(-value)]) : inside;
    return { values: whole.map(([value]) => value), text: (value) => (whole.find(([place]) => place === value) || ["", ""])[1], title: axis.label };
  }
  if (logarithmic) {
    const values = decadeTicks(low, high);
    return { values, text: (value) => shown(value, 3).replace("1\u202f×\u202f", ""), title: titled(axis.unit) };
  }
  const largest = Math.max(Math.abs(low), Math.abs(high));
  const exponent = largest > 0 && (largest < 0.01 || largest >= 1e5) ? 3 * Math.floor(Math.floor(Math.log10(largest)) / 3) : 0;
  const { values, step } = evenTicks(low, high, count, axis.whole && high - low >= 1), scale = 10 ** exponent;
  let decimals = 0;
  while (decimals < 12 && Math.abs(step / scale * 10 ** decimals - Math.round(step / scale * 10 ** decimals)) > 1e-6) decimals += 1;
  const text = (value) => {
    const fixed = (value / scale).toFixed(decimals);
    return Number(fixed) === 0 ? "0" : fixed.replace("-", "−");
  };
  const unit = exponent ? (axis.unit ? `${power(exponent)}\u00a0${axis.unit}` : power(exponent)) : axis.unit;
  return { values, text, title: titled(unit) };
};

// Places on a common axis: all of them, or the first, their distance and which of those were kept.
const placesOf = (grid) => {
  if (grid.values) return grid.values;
  let k = 0;
  return grid.skip.map((more) => { k += more; return grid.first + k * grid.step; });
};
// The place in an ascending list that is nearest to a value.
const nearest = (list, value) => {
  let low = 0, high = list.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (list[middle] <= value) low = middle; else high = middle;
  }
  return high > low && Math.abs(list[high] - value) < Math.abs(value - list[low]) ? high : low;
};
// First and last place of an ascending list that are needed to draw it from one value to another.
const within = (list, from, to) => {
  let first = 0, last = list.length - 1;
  while (first < last && list[first + 1] <= from) first += 1;
  while (last > first && list[last - 1] >= to) last -= 1;
  return [first, last];
};
// Of many samples the first, last, lowest and highest of each stretch, so that no peak is lost.
const thinned = (first, last, values, most) => {
  const n = last - first + 1;
  if (n <= most) return [...Array(n).keys()].map((k) => first + k);
  const kept = [], cells = Math.max(most >> 1, 1);
  for (let cell = 0; cell < cells; cell += 1) {
    const end = first + Math.floor((cell + 1) * n / cells);
    let low = first + Math.floor(cell * n / cells), high = low;
    for (let k = low; k < end; k += 1) {
      if (values[k] < values[low] || values[low] === null) low = k;
      if (values[k] > values[high]) high = k;
    }
    kept.push(Math.min(low, high));
    if (low !== high) kept.push(Math.max(low, high));
  }
  if (kept[0] !== first) kept.unshift(first);
  if (kept[kept.length - 1] !== last) kept.push(last);
  return kept;
};
// Calls `see` with each number of a list that is one.
const each = (values, see) => values.forEach((value) => { if (value !== null && Number.isFinite(value)) see(value); });
