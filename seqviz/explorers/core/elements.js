// Elements of HTML and SVG, and texts with a little markup.

/** @typedef {Node | string | number | null | undefined} Child */
/** @typedef {Child | Children[]} Children */

/**
 * By name; `on…` is a listener, true an attribute without a value, false, null and
 * undefined none.
 * @typedef {Record<string, string | number | boolean | null | undefined | (() => void)>} Attributes
 */

let lastId = 0;

/** An id that no other figure of the page has. */
export const newId = () => `sv-id-${++lastId}-${Math.random().toString(36).slice(2, 7)}`;

/**
 * @template {Element} Kind
 * @param {Kind} node
 * @param {Attributes} attributes
 * @param {Children[]} children
 */
function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, String(value));
  }
  for (const child of /** @type {Child[]} */ (children.flat(4))) {
    if (child != null) node.append(child instanceof Node ? child : String(child));
  }
  return node;
}

/**
 * An element of HTML.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} attributes
 * @param {Children[]} children
 */
export const el = (tag, attributes = {}, ...children) =>
  fill(document.createElement(tag), attributes, children);

/**
 * An element of SVG.
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} attributes
 * @param {Children[]} children
 */
export const svg = (tag, attributes = {}, ...children) =>
  fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

/**
 * Text with the quotes and apostrophes of a printed page, but for those in `code`.
 * @param {string} text
 */
export const curly = (text) =>
  text.replace(/`[^`]+`|['"]/g, (mark, /** @type {number} */ start) => {
    const opens = /(^|[\s([{–—/])\*?$/.test(text.slice(0, start));
    if (mark === "'") return opens ? "‘" : "’";
    if (mark === '"') return opens ? "“" : "”";
    return mark;
  });

/**
 * Text with `code`, *emphasis* and curly quotes, as seqviz/figures/markup.py reads it.
 * @param {string} text
 * @returns {Child[]}
 */
export function inline(text) {
  const parts = curly(text).split(/`([^`]+)`|(?<!\w)\*(\S|\S[^*`]*[^\s*`])\*(?!\w)/);
  return parts
    .map((part, i) => (part && i % 3 ? el(i % 3 === 1 ? "code" : "em", {}, part) : part))
    .filter((part) => part != null);
}

/**
 * Marks the one of a set that is chosen.
 * @param {Element} node
 * @param {boolean} chosen
 */
export function setCurrent(node, chosen) {
  if (chosen) node.setAttribute("aria-current", "true");
  else node.removeAttribute("aria-current");
}

/**
 * Writes a text into its node: a new one would be styled and laid out anew, the same
 * text is not.
 * @param {Element} node
 * @param {string} text
 */
export function setText(node, text) {
  const { firstChild } = node;
  if (!(firstChild instanceof Text) || firstChild.nextSibling) node.textContent = text;
  else if (firstChild.data !== text) firstChild.data = text;
}

/**
 * The parts of a list, each made once for its key: what stays keeps its node, and what
 * stands in its place is not moved.
 * @template One
 * @template {{ node: Element }} Part
 * @param {Element} list
 * @param {(one: One) => string} keyOf
 * @param {(one: One) => Part} make
 * @param {Element | null} behind the child of the list behind which they stand
 * @returns {(all: One[]) => Part[]} what the list then shows
 */
export function kept(list, keyOf, make, behind = null) {
  /** @type {Map<string, Part>} */
  let parts = new Map();
  return (all) => {
    const next = new Map(all.map((one) => [keyOf(one), parts.get(keyOf(one)) ?? make(one)]));
    // The last first: a browser styles all siblings anew when an earlier one goes.
    for (const [key, { node }] of [...parts].reverse()) if (!next.has(key)) node.remove();
    parts = next;
    let place = behind ? behind.nextElementSibling : list.firstElementChild;
    for (const { node } of next.values()) {
      if (node === place) place = place.nextElementSibling;
      else list.insertBefore(node, place);
    }
    return [...next.values()];
  };
}
