// A click as a tile: category, name, the sign of its interest, and bars below.

import { el, kept, setText } from "./elements.js";
import { ownClass, setSign, sign } from "./signs.js";

/** @import { Attributes } from "./elements.js" */

/** A bar an interest: its sign, then a length. */
function bars() {
  const node = el("span", { class: "sv-bars", "aria-hidden": "true" });
  const parts = kept(node, String, newBar);

  /** @param {number} k */
  function newBar(k) {
    const length = el("i");
    const attributes = { class: `sv-bar ${ownClass(k)}` };
    return { node: el("span", attributes, sign(k, 12), el("span", {}, length)), length };
  }

  return {
    node,
    /**
     * @param {number[]} weights one for each interest
     * @param {number} full the weight whose bar fills the room
     * @param {(k: number) => boolean} hidden
     */
    set(weights, full, hidden) {
      parts([...weights.keys()]).forEach(({ node: row, length }, k) => {
        row.classList.toggle("sv-off", hidden(k));
        row.dataset.weight = String(weights[k]);
        length.style.setProperty("--sv-length", `${(100 * weights[k]) / (full || 1)}%`);
        length.hidden = weights[k] === 0;
      });
    },
  };
}

/**
 * @param {string} title
 * @param {string} category
 * @param {Attributes} attributes
 */
export function tile(title, category, attributes) {
  const mark = el("span", { class: "sv-mark" });
  const note = el("span", { class: "sv-note", hidden: true });
  const weights = bars();
  const kind = el("span", { class: "sv-category" }, category);
  const name = el("span", { class: "sv-name" }, title);
  const node = el(
    "button",
    { type: "button", class: "sv-tile sv-shares", tabindex: -1, title, ...attributes },
    el("span", { class: "sv-face" }, el("span", { class: "sv-top" }, kind, mark), name, note),
    weights.node,
  );
  /** @type {number | null | undefined} the interest whose sign stands there */
  let shown;
  return {
    node,
    bars: weights,
    /**
     * Another click stands here.
     * @param {string} title
     * @param {string} category
     */
    rename(title, category) {
      node.title = title;
      setText(name, title);
      setText(kind, category);
    },
    /**
     * Interest k has the largest weight here (null: none to show).
     * @param {number | null} k
     */
    win(k) {
      if (k === shown) return;
      shown = k;
      node.dataset.interest = k == null ? "" : String((k % 4) + 1);
      const there = /** @type {SVGElement | null} */ (mark.firstElementChild);
      if (k != null && there) setSign(there, k);
      else mark.replaceChildren(...(k == null ? [] : [sign(k, 14)]));
    },
    /** @param {string | null} text */
    note(text) {
      if (note.hidden !== (text == null)) note.hidden = text == null;
      setText(note, text ?? "");
    },
  };
}
