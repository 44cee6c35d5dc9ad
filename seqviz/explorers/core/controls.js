// The controls: each has its label, a node, and `set` to follow the state.

import { el, newId } from "./elements.js";
import { digits } from "./words.js";

/**
 * @template Value
 * @typedef {object} Control
 * @property {HTMLElement} node
 * @property {(value: Value) => void} set
 */

/**
 * A drop-down list; its value is an index.
 * @param {string} label
 * @param {string[]} options
 * @param {(index: number) => void} onpick
 * @returns {Control<number>}
 */
export function select(label, options, onpick) {
  const id = newId();
  /** @type {HTMLSelectElement} */
  const list = el(
    "select",
    { id, onchange: () => onpick(list.selectedIndex) },
    options.map((text) => el("option", {}, text)),
  );
  return {
    node: el("div", { class: "sv-control" }, el("label", { for: id }, label), list),
    set(index) {
      list.selectedIndex = index;
    },
  };
}

/**
 * Buttons of which one is chosen (radio buttons, so arrow keys work); its value is an
 * index.
 * @param {string} label
 * @param {string[]} options
 * @param {(index: number) => void} onpick
 * @returns {Control<number>}
 */
export function segmented(label, options, onpick) {
  const name = newId();
  const inputs = options.map((value, index) =>
    el("input", { type: "radio", name, value, onchange: () => onpick(index) }),
  );
  const labels = inputs.map((input, i) => el("label", {}, input, el("span", {}, options[i])));
  return {
    node: el(
      "fieldset",
      { class: "sv-control sv-segmented" },
      el("legend", {}, label),
      el("div", {}, labels),
    ),
    set(index) {
      inputs.forEach((input, i) => {
        input.checked = i === index;
      });
    },
  };
}

/**
 * A switch.
 * @param {string} label
 * @param {(on: boolean) => void} onflip
 * @returns {Control<boolean>}
 */
export function toggle(label, onflip) {
  /** @type {HTMLInputElement} */
  const input = el("input", {
    type: "checkbox",
    role: "switch",
    onchange: () => onflip(input.checked),
  });
  return {
    node: el("label", { class: "sv-control sv-switch" }, input, el("span", {}, label)),
    set(on) {
      input.checked = on;
    },
  };
}

/**
 * @typedef {object} Track
 * @property {number} min the lowest place of the slider
 * @property {number} max the highest place
 * @property {number} step between two places
 * @property {(place: number) => number} [to] makes the number of a place
 * @property {(number: number) => number} [from] makes the place of a number
 * @property {(number: number) => string} [words] writes the number
 */

/**
 * A slider with its number.
 * @param {string} label
 * @param {Track} track
 * @param {(number: number) => void} onmove
 * @returns {Control<number>}
 */
export function slider(label, track, onmove) {
  const { min, max, step, to = Number, from = Number, words = digits } = track;
  const id = newId();
  const shown = el("output", { for: id });
  /** @type {HTMLInputElement} */
  const input = el("input", {
    id,
    type: "range",
    min,
    max,
    step,
    "data-lm-suppress-shortcuts": true, // in JupyterLab the arrow keys are its own
    oninput: () => onmove(to(Number(input.value))),
  });
  return {
    node: el(
      "div",
      { class: "sv-control sv-slider" },
      el("label", { for: id }, label, " ", shown),
      input,
    ),
    set(number) {
      if (to(Number(input.value)) !== number) input.value = String(from(number));
      shown.textContent = words(number);
      input.setAttribute("aria-valuetext", words(number));
    },
  };
}

/**
 * A button; `name` is what a screen reader says in place of its text.
 * @param {string} text
 * @param {() => void} onclick
 * @param {string} [name]
 */
export const button = (text, onclick, name) =>
  el("button", { type: "button", class: "sv-button", "aria-label": name, onclick }, text);
