// A click as a tile: category, name, the sign of its interest, and bars below.

import { el } from "./elements.js";
import { ownClass, sign } from "./signs.js";

/** @import { Attributes } from "./elements.js" */

/**
 * A bar an interest: its sign, then a length.
 * @param {number} count
 */
function bars(count) {
  const lengths = Array.from({ length: count }, () => el("i"));
  const rows = lengths.map((length, k) =>
    el("span", { class: `sv-bar ${ownClass(k)}` }, sign(k, 12), el("span", {}, length)),
  );
  return {
    node: el("span", { class: "sv-bars", "aria-hidden": "true" }, rows),
    /**
     * @param {number[]} weights
     * @param {number} full the weight whose bar fills the room
     * @param {(k: number) => boolean} hidden
     */
    set(weights, full, hidden) {
      weights.forEach((weight, k) => {
        rows[k].classList.toggle("sv-off", hidden(k));
        rows[k].dataset.weight = String(weight);
        lengths[k].style.width = `${(100 * weight) / (full || 1)}%`;
        lengths[k].hidden = weight === 0;
      });
    },
  };
}

/**
 * @param {string} title
 * @param {string} category
 * @param {number} count of interests
 * @param {Attributes} attributes
 */
export function tile(title, category, count, attributes) {
  const mark = el("span", { class: "sv-mark" });
  const note = el("span", { class: "sv-note", hidden: true });
  const weights = bars(count);
  const node = el(
    "button",
    { type: "button", class: "sv-tile sv-shares", tabindex: -1, title, ...attributes },
    el(
      "span",
      { class: "sv-face" },
      el("span", { class: "sv-top" }, el("span", { class: "sv-category" }, category), mark),
      el("span", { class: "sv-name" }, title),
      note,
    ),
    weights.node,
  );
  /** @type {number | null | undefined} the interest whose sign stands there */
  let shown;
  return {
    node,
    bars: weights,
    /**
     * Interest k has the largest weight here (null: none to show).
     * @param {number | null} k
     */
    win(k) {
      if (k === shown) return;
      shown = k;
      node.dataset.interest = k == null ? "" : String((k % 4) + 1);
      mark.replaceChildren(...(k == null ? [] : [sign(k, 14)]));
    },
    /** @param {string | null} text */
    note(text) {
      note.hidden = text == null;
      note.textContent = text ?? "";
    },
  };
}
