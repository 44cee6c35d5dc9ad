// Tiles, and the bar of a weight below one.

import { el } from "./elements.js";
import { digits } from "./words.js";

/** @import { Child } from "./elements.js" */

/**
 * What a behavior is: its number and its name, one behind the other.
 * @param {number} place
 * @param {Child} title
 * @param {Child} mark beside the name
 */
export const numbered = (place, title, mark = null) =>
  el(
    "span",
    { class: "sv-face" },
    mark,
    el("span", { class: "sv-name" }, el("small", {}, place + 1), " ", title),
  );

/**
 * The length of one weight, with its number.
 * @param {Child} mark laid over the bar
 */
export function weightBar(mark = null) {
  const length = el("i");
  const number = el("b");
  const node = el(
    "span",
    { class: "sv-weight", "aria-hidden": "true" },
    el("span", {}, length),
    mark,
    number,
  );
  return {
    node,
    /**
     * A bar of `full` fills the room; where `least` is below 0 the bar of a negative
     * weight is hollow and runs to the left of a zero line.
     * @param {number} weight
     * @param {number} full
     * @param {number} least
     */
    set(weight, full, least = 0) {
      const unit = 100 / (full - least || 1);
      node.dataset.weight = String(weight);
      node.style.setProperty("--sv-zero", `${-least * unit}%`);
      node.classList.toggle("sv-signed", least < 0);
      length.style.width = `${Math.abs(weight) * unit}%`;
      length.style.marginLeft = `${(Math.min(weight, 0) - least) * unit}%`;
      length.classList.toggle("sv-minus", weight < 0);
      length.hidden = weight === 0;
      number.textContent = digits(weight);
    },
    /**
     * Writes another number than the weight's.
     * @param {string} text
     */
    say(text) {
      number.textContent = text;
    },
  };
}

/** A mark where a bar ended before: `set(share)`, null for none. */
export function barMark() {
  const node = el("span", { class: "sv-before", hidden: true });
  return {
    node,
    /** @param {number | null} share of the full length */
    set(share) {
      node.hidden = share == null;
      if (share != null) node.style.setProperty("--sv-share", String(share));
    },
  };
}
