// The card of a figure: title, controls, parts with their headings, the live sentence.

import { el, inline } from "./elements.js";

/** @import { Child, Children } from "./elements.js" */

/**
 * The heading of a part of the card, with notes behind it.
 * @param {Child} title
 * @param {Child[]} notes
 */
export const part = (title, ...notes) =>
  el(
    "p",
    { class: "sv-part" },
    el("b", {}, title),
    notes.filter(Boolean).map((note) => [" · ", note]),
  );

/** The one live sentence: the same words are said once. */
export function sentence() {
  const node = el("p", { class: "sv-sentence", "aria-live": "polite" });
  let said = "";
  return {
    node,
    /** @param {Child[]} parts */
    say(...parts) {
      const words = parts
        .filter((one) => one != null)
        .map((one) => (one instanceof Node ? one : String(one)));
      const text = words.map((one) => (typeof one === "string" ? one : one.textContent)).join("");
      if (text === said) return;
      said = text;
      node.replaceChildren(...words);
    },
  };
}

/**
 * Title, controls, the rest, and (with a kernel, where no page writes it) the caption.
 * The rest has a box of its own: the sentence sticks to the bottom of the window inside
 * it, and so never covers the controls.
 * @param {string} name of the figure's folder: the class `sv-<name>-explorer`
 * @param {{ get(name: "title" | "caption"): string, get(name: "live"): boolean }} model
 * @param {Child[]} controls
 * @param {Children[]} rest
 */
export function card(name, model, controls, ...rest) {
  return el(
    "div",
    { class: `sv-root sv-${name}-explorer` },
    el(
      "div",
      { class: "sv-card" },
      el("p", { class: "sv-title" }, inline(model.get("title"))),
      controls.length ? el("div", { class: "sv-controls" }, controls) : null,
      el("div", {}, rest),
      model.get("live") ? el("p", { class: "sv-caption" }, inline(model.get("caption"))) : null,
    ),
  );
}
