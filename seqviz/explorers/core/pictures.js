// What pictures share: names beside places, and the samples of a legend.

import { el, svg } from "./elements.js";

/** @import { Children } from "./elements.js" */
/** @typedef {[number, number]} Place in a picture's own units */

/**
 * A picture's own units: `left` and `top` of its corner, its size.
 * @typedef {{ left: number, top: number, width: number, height: number }} Units
 */

/**
 * Where a pointer is, in a picture's own units.
 * @param {MouseEvent} event
 * @param {Element} picture
 * @param {Units} units
 * @returns {Place}
 */
export function placeOf(event, picture, { left, top, width, height }) {
  const frame = picture.getBoundingClientRect();
  return [
    left + ((event.clientX - frame.left) / frame.width) * width,
    top + ((event.clientY - frame.top) / frame.height) * height,
  ];
}

/**
 * Places of numbered marks, moved a little where two would cover each other; the same
 * as `apart` in svg.py.
 * @param {Place[]} places
 * @param {number} least the distance of two marks
 * @returns {Place[]}
 */
export function apart(places, least) {
  const moved = places.map((place) => [...place]);
  for (let round = 0; round < 20; round++) {
    for (const [i, one] of moved.entries()) {
      for (const other of moved.slice(0, i)) {
        const [x, y] = [one[0] - other[0], one[1] - other[1]];
        const far = Math.hypot(x, y);
        if (far >= least) continue;
        const push = (least - far) / 2;
        const [u, v] = far ? [(x / far) * push, (y / far) * push] : [push, 0];
        one[0] += u;
        one[1] += v;
        other[0] -= u;
        other[1] -= v;
      }
    }
  }
  return /** @type {Place[]} */ (moved);
}

/**
 * A name beside a place of a picture, turned towards the middle.
 * @param {Units} units
 */
export function placeLabel({ left, top, width, height }) {
  const node = el("div", { class: "sv-label", hidden: true, "aria-hidden": "true" });
  return {
    node,
    hide() {
      node.hidden = true;
    },
    /**
     * @param {string} text
     * @param {Place} place
     */
    show(text, [x, y]) {
      const share = (x - left) / width;
      const [side, far] = share <= 0.5 ? ["left", share] : ["right", 1 - share];
      node.hidden = false;
      node.textContent = text;
      node.style.cssText =
        `${side}: ${(100 * Number(far)).toFixed(1)}%; ` +
        `top: ${((100 * (y - top)) / height).toFixed(1)}%`;
      node.classList.toggle("sv-under", y - top < 40);
    },
  };
}

/**
 * A sample in a legend: shapes around the middle of a small picture, and what they are.
 * @param {string} text
 * @param {number} half of the picture's width
 * @param {Children[]} shapes
 */
export const sample = (text, half, ...shapes) =>
  el(
    "span",
    {},
    svg(
      "svg",
      {
        class: "sv-sign",
        width: 2 * half,
        height: 20,
        viewBox: `${-half} -10 ${2 * half} 20`,
        "aria-hidden": "true",
      },
      shapes,
    ),
    text,
  );
