// The sequential scale: a palette of colors "#rrggbb" from low to high, evenly spaced.

import { el } from "./elements.js";

/**
 * The color at a share, 0 to 1, as [red, green, blue].
 * @param {number} share
 * @param {string[]} palette
 */
export function mix(share, palette) {
  const place = Math.min(Math.max(share, 0), 1) * (palette.length - 1);
  const low = Math.min(Math.floor(place), palette.length - 2);
  const [a, b] = [palette[low], palette[low + 1]].map((color) =>
    [1, 3, 5].map((i) => Number.parseInt(color.slice(i, i + 2), 16)),
  );
  return a.map((x, i) => Math.round(x + (b[i] - x) * (place - low)));
}

/** @param {string[]} palette */
export const gradient = (palette) => `linear-gradient(to right, ${palette.join(", ")})`;

/**
 * The scale as a strip, for a legend.
 * @param {string[]} palette
 */
export const ramp = (palette) =>
  el("i", { class: "sv-ramp", style: `background:${gradient(palette)}` });
