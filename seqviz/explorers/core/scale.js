// The sequential scale: a palette of colors "#rrggbb" from low to high, evenly spaced.

import { el } from "./elements.js";

/** @type {WeakMap<string[], number[][]>} what has been read of the palettes */
const read = new WeakMap();

/** @param {string[]} palette */
function colorsOf(palette) {
  const known = read.get(palette);
  if (known) return known;
  const colors = palette.map((color) =>
    [1, 3, 5].map((i) => Number.parseInt(color.slice(i, i + 2), 16)),
  );
  read.set(palette, colors);
  return colors;
}

/**
 * The color at a share, 0 to 1, as [red, green, blue].
 * @param {number} share
 * @param {string[]} palette
 */
export function mix(share, palette) {
  const colors = colorsOf(palette);
  const place = Math.min(Math.max(share, 0), 1) * (colors.length - 1);
  const low = Math.min(Math.floor(place), colors.length - 2);
  const above = colors[low + 1];
  return colors[low].map((x, i) => Math.round(x + (above[i] - x) * (place - low)));
}

/** @param {string[]} palette */
export const gradient = (palette) => `linear-gradient(to right, ${palette.join(", ")})`;

/**
 * The scale as a strip, for a legend.
 * @param {string[]} palette
 */
export const ramp = (palette) =>
  el("i", { class: "sv-ramp", style: `background:${gradient(palette)}` });
