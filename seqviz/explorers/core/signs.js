// An interest has a sign and a color, the same everywhere.

import { el, svg } from "./elements.js";

/** @import { Attributes } from "./elements.js" */

/** The signs ● ▲ ■ ◆ within a box of -1..1, as in svg.py; from the fifth on hollow. */
const SIGNS = [
  "M0-.9A.9.9 0 1 1 0 .9A.9.9 0 1 1 0-.9Z",
  "M0-1L1 .8H-1Z",
  "M-.8-.8H.8V.8H-.8Z",
  "M0-1.05L1.05 0L0 1.05L-1.05 0Z",
];

const RADIUS = 5; // of a sign in its picture

/** @param {number} k */
const isHollow = (k) => k >= SIGNS.length;

/**
 * The classes that give a node the color of interest k.
 * @param {number} k
 */
export const ownClass = (k) =>
  `sv-interest-${(k % SIGNS.length) + 1}${isHollow(k) ? " sv-hollow" : ""}`;

/**
 * The sign of interest k as a path.
 * @param {number} k
 * @param {number} radius
 * @param {Attributes} attributes
 */
export const signPath = (k, radius, attributes = {}) =>
  svg("path", { ...traced(k, radius), ...attributes });

/**
 * @param {number} k
 * @param {number} radius
 */
const traced = (k, radius) => ({
  d: SIGNS[k % SIGNS.length],
  transform: `scale(${isHollow(k) ? radius * 0.85 : radius})`,
  class: `sv-sign-path ${ownClass(k)}`,
});

/**
 * The sign of interest k as a picture of its own beside text.
 * @param {number} k
 * @param {number} size in pixels
 */
export function sign(k, size = 12) {
  const attributes = {
    class: "sv-sign",
    width: size,
    height: size,
    viewBox: "-6 -6 12 12",
    "aria-hidden": "true",
    focusable: "false",
  };
  return svg("svg", attributes, signPath(k, RADIUS));
}

/**
 * Makes a picture of `sign` that of interest k.
 * @param {Element} node
 * @param {number} k
 */
export function setSign(node, k) {
  const path = /** @type {Element} */ (node.firstElementChild);
  for (const [name, value] of Object.entries(traced(k, RADIUS))) {
    if (path.getAttribute(name) !== value) path.setAttribute(name, value);
  }
}

/**
 * Interest k in a sentence: its sign, its number.
 * @param {number} k
 * @param {boolean} start whether a sentence begins with it
 */
export function named(k, start = false) {
  return el("span", { class: "sv-named" }, sign(k), `${start ? "I" : "i"}nterest ${k + 1}`);
}
