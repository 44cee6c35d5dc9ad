// The row of an interest: its keys, its true cause and the items that it retrieves.

import { button } from "../core/controls.js";
import { el, kept, setText } from "../core/elements.js";
import { sign } from "../core/signs.js";
import { fixed } from "../core/words.js";

/**
 * @typedef {object} Row
 * @property {boolean} shown
 * @property {boolean} alone
 * @property {string} cause what the interest comes from, if that is told
 * @property {[number, number][]} found the items with their scores
 * @property {number | null} hot the item under the hand
 */

/**
 * @param {number} k
 * @param {string[]} titles
 * @param {() => void} onhide
 * @param {() => void} onsolo
 */
export function interestRow(k, titles, onhide, onsolo) {
  const hide = button("Hide", onhide, `Hide interest ${k + 1}`);
  const alone = button("Solo", onsolo, `Solo interest ${k + 1}`);
  const cause = el("span", { class: "sv-cause" });
  const nothing = el("li", { class: "sv-hint" }, "nothing: a zero vector scores every item 0");
  const attributes = { class: "sv-chips", "aria-label": `Interest ${k + 1} retrieves` };
  const list = el("ol", attributes, nothing);
  const chips = kept(list, String, newChip);

  function newChip() {
    const [name, number] = [el("span"), el("b")];
    return { node: el("li", { class: "sv-chip" }, name, number), name, number };
  }

  const node = el(
    "div",
    { class: "sv-row", role: "group", "aria-label": `Interest ${k + 1}`, "data-interest": k },
    el(
      "div",
      { class: "sv-row-head" },
      el("span", { class: "sv-row-name" }, sign(k, 18), `Interest ${k + 1}`),
      cause,
      el("span", { class: "sv-row-keys" }, hide, alone),
    ),
    list,
  );
  return {
    node,
    /** @param {Row} now */
    draw(now) {
      node.classList.toggle("sv-off", !now.shown);
      hide.setAttribute("aria-pressed", String(!now.shown));
      alone.setAttribute("aria-pressed", String(now.alone));
      setText(cause, now.cause);
      nothing.hidden = now.found.length > 0;
      chips([...now.found.keys()]).forEach((chip, place) => {
        const [item, score] = now.found[place];
        chip.node.dataset.item = String(item);
        chip.node.dataset.score = String(score);
        chip.node.title = titles[item];
        chip.node.classList.toggle("sv-hot", item === now.hot);
        setText(chip.name, titles[item]);
        setText(chip.number, fixed(score, 2));
      });
    },
  };
}
