// Pictures of many cells: levels as a grey PNG in the page, coloured here, so that they follow light and dark.

const mixed = (stops, share) => {
  const at = share * (stops.length - 1), first = Math.min(Math.floor(at), stops.length - 2), rest = at - first;
  return stops[first].map((low, k) => Math.round(low + (stops[first + 1][k] - low) * rest));
};
const rgb = (text) => {
  const hex = /^#(..)(..)(..)$/.exec(text.trim());
  return hex ? hex.slice(1).map((part) => parseInt(part, 16)) : [128, 128, 128];
};

// Of some colours that with the most contrast to another, as WCAG computes it.
const legibleOn = (ground, colours) => {
  const luminance = (parts) => parts.map((part) => (part <= 10 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4)).reduce((sum, part, k) => sum + [0.2126, 0.7152, 0.0722][k] * part, 0);
  const contrast = (colour) => { const [a, b] = [luminance(ground), luminance(rgb(colour))]; return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05); };
  return colours.reduce((best, colour) => (contrast(colour) > contrast(best) ? colour : best));
};

// Reads the levels of a picture; the page draws it once they are there.
const decode = async (picture) => {
  const image = new Image();
  image.src = `data:image/png;base64,${picture.png}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  picture.rows = canvas.height;
  picture.levels = Uint8Array.from({ length: canvas.width * canvas.height }, (_, k) => data[4 * k]);
};

// What a level stands for; no value is a gap.
const valueOf = (picture, level) => {
  if (picture.most) return level ? Math.exp((level - 90) / 165 * Math.log(picture.most)) : 0;
  if (picture.gaps && level === 0) return null;
  const [low, high] = picture.scale.range;
  return picture.gaps ? low + (high - low) * (level - 1) / 254 : low + (high - low) * level / 255;
};

// The 256 colours of a picture, with how opaque each is.
const shades = (picture, theme, colour) => {
  const level = (k) => {
    if (picture.most) return [...rgb(theme(colour)), k];
    if (picture.gaps && k === 0) return [0, 0, 0, 0];
    return [...mixed(stopsOf(picture, theme), k / 255), 255];
  };
  return [...Array(256).keys()].map(level);
};
const stopsOf = (picture, theme) => theme(picture.signed ? "signed" : "ascending").split(/\s+/).map(rgb);

// The picture as a canvas, each cell at least a few pixels wide, so that cells keep their edges unless it is `smooth`.
const painted = (picture, theme, colour, smooth) => {
  const { columns, rows, levels } = picture, palette = shades(picture, theme, colour);
  const small = document.createElement("canvas"), canvas = document.createElement("canvas");
  [small.width, small.height] = [columns, rows];
  const context = small.getContext("2d"), image = context.createImageData(columns, rows);
  levels.forEach((level, k) => image.data.set(palette[level], 4 * k));
  context.putImageData(image, 0, 0);
  const times = (n) => Math.max(1, Math.ceil(800 / n));
  [canvas.width, canvas.height] = [columns * times(columns), rows * times(rows)];
  const large = canvas.getContext("2d");
  large.imageSmoothingEnabled = smooth;
  large.drawImage(small, 0, 0, canvas.width, canvas.height);
  return canvas;
};

// What the colours of a scale mean, as a bar with ticks.
const barOf = (picture, theme) => {
  const bar = document.createElement("div"), name = document.createElement("span"), strip = document.createElement("div");
  const [low, high] = picture.scale.range, { values, text, title } = ticksOf(picture.scale, low, high, 4, false);
  bar.className = "bar";
  name.textContent = title;
  strip.style.background = `linear-gradient(90deg,${stopsOf(picture, theme).map((stop) => `rgb(${stop.join(" ")})`).join(",")})`;
  for (const value of values) {
    const tick = document.createElement("i");
    tick.style.left = `${100 * (value - low) / (high - low)}%`;
    tick.textContent = text(value);
    strip.append(tick);
  }
  bar.append(name, strip);
  return bar;
};
