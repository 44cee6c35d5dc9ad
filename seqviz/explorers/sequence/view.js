// SequenceExplorer: ragged histories, the batch [B, T] that they become, its mask and
// its embeddings. The arithmetic is `cutAndPad`, the same as Ragged.pad.

import { array, rowOf } from "../core/arrays.js";
import { card, part, sentence } from "../core/card.js";
import { segmented, slider } from "../core/controls.js";
import { el } from "../core/elements.js";
import { hand, roving } from "../core/hand.js";
import { redraw, traits, writer } from "../core/model.js";
import { gradient } from "../core/scale.js";
import { digits, plural } from "../core/words.js";

/** @import { Encoded } from "../core/arrays.js" */
/** @import { Part } from "../core/hand.js" */
/** @import { Host } from "../core/model.js" */
/** @typedef {"left" | "right"} Side */
/** @typedef {"oldest" | "newest"} Cut */
/** @typedef {"titles" | "ids" | "mask"} Face */

/**
 * @typedef {object} State
 * @property {number} length T
 * @property {Side} side where the padding goes
 * @property {Cut} cut which end is lost
 * @property {Face} face what the cells show
 * @property {number} max_length
 * @property {string[]} users
 * @property {number[][]} histories ids, oldest first
 * @property {number[]} items the ids that occur; `titles` and `embeddings` go by them
 * @property {string[]} titles
 * @property {Encoded | null} embeddings [items, E]
 * @property {string[]} scale colors of the coordinates, from the smallest to the largest
 */

/**
 * A cell: a click by its place in the history, `t` its place in the batch (null: cut),
 * or padding (`at` null).
 * @typedef {{ row: number, column: number, at: number | null, t: number | null }} Cell
 */

/** @type {Side[]} */
const SIDES = ["left", "right"];
/** @type {Cut[]} */
const CUTS = ["oldest", "newest"];
/** @type {Face[]} */
const FACES = ["titles", "ids", "mask"];

/**
 * One history as T cells, each a place in it or null, and the places that were cut.
 * @param {number[]} history
 * @param {number} length
 * @param {Side} side
 * @param {Cut} cut
 */
function cutAndPad(history, length, side, cut) {
  const places = history.map((_, place) => place);
  const count = Math.max(0, places.length - length);
  const kept = cut === "oldest" ? places.slice(count) : places.slice(0, length);
  const padding = Array(length - kept.length).fill(null);
  return {
    /** @type {(number | null)[]} */
    cells: side === "left" ? [...padding, ...kept] : [...kept, ...padding],
    lost: cut === "oldest" ? places.slice(0, count) : places.slice(places.length - count),
  };
}

/** @param {Host<State>} host */
function render({ model, el: host }) {
  const { users, histories, items, titles, scale, embeddings: encoded } = traits(model);
  const table = encoded && array(encoded);
  const place = new Map(items.map((item, index) => [item, index]));
  /** @param {number} item */
  const placeOf = (item) => place.get(item) ?? 0;
  /** @param {number} item */
  const titleOf = (item) => titles[placeOf(item)];
  const longest = Math.max(...histories.map((row) => row.length));
  const total = histories.reduce((clicks, row) => clicks + row.length, 0);
  const largest = table ? Math.max(...table.data.map(Math.abs)) || 1 : 1;
  let summary = "";

  const put = writer(model);

  // ---- Parts -----------------------------------------------------------------

  const size = slider(
    "Length",
    { min: 1, max: model.get("max_length"), step: 1, words: (length) => `T = ${length}` },
    (length) => put({ length }),
  );
  const side = segmented("Padding", SIDES, (index) => put({ side: SIDES[index] }));
  const cut = segmented("Cut the", CUTS, (index) => put({ cut: CUTS[index] }));
  const face = segmented("Show", FACES, (index) => put({ face: FACES[index] }));
  const shape = el("code");
  const grid = el("div", {
    class: "sv-grid",
    role: "grid",
    "aria-label": "The batch, a row a user",
  });
  const box = el("div", { class: "sv-frame-box" }, grid);
  const keys = roving(grid, ".sv-cell");
  const live = sentence();
  const legend =
    table &&
    el(
      "div",
      { class: "sv-legend" },
      `strip: the embedding, ${plural(table.shape[1], "number")} from −${digits(largest)}`,
      el("i", { style: `background:${gradient(scale)}` }),
      `${digits(largest)}; zero is left empty`,
    );

  /**
   * The strip of an embedding: one square a coordinate, zero left empty.
   * @param {import("../core/arrays.js").Matrix} vectors
   * @param {number} item
   */
  function strip(vectors, item) {
    const vector = rowOf(vectors, placeOf(item));
    const step = 100 / vector.length;
    const stops = Array.from(vector, (x, e) => {
      const share = (x / largest + 1) / 2;
      const color = x === 0 ? "transparent" : scale[Math.round(share * (scale.length - 1))];
      return `${color} ${(e * step).toFixed(2)}% ${((e + 1) * step).toFixed(2)}%`;
    });
    const style = `background:linear-gradient(90deg,${stops.join(",")})`;
    return el("div", { class: "sv-strip", style });
  }

  // ---- Drawing ---------------------------------------------------------------

  /** @param {Cell} one */
  function cell(one) {
    const { row, column, at, t } = one;
    const item = at == null ? 0 : histories[row][at];
    const kind = at == null ? "padding" : t == null ? "cut" : "real";
    const text = {
      titles: at == null ? "" : titleOf(item),
      ids: String(item),
      mask: t == null ? "–" : String(at == null ? 0 : 1),
    }[model.get("face")];
    const attributes = {
      class: "sv-cell",
      role: "gridcell",
      tabindex: -1,
      style: `grid-column:${column + 2};grid-row:${row + 2}`,
      "data-kind": kind,
      "data-row": row,
      "data-at": at,
      "data-t": t,
      "data-id": t == null ? null : item,
      "data-mask": t == null ? null : String(at != null),
      "data-item": item,
      "aria-label": wordsOf(one),
      title: at == null ? "padding" : titleOf(item),
    };
    return el(
      "div",
      attributes,
      el("div", { class: "sv-cell-face" }, text ? el("span", {}, text) : null),
      table && t != null ? strip(table, item) : null,
    );
  }

  function draw() {
    const length = model.get("length");
    const [way, end] = [model.get("side"), model.get("cut")];
    const oldest = end === "oldest";
    const columns = Math.max(longest, length);
    const begin = oldest ? columns - length : 0;
    size.set(length);
    side.set(SIDES.indexOf(way));
    cut.set(CUTS.indexOf(end));
    face.set(FACES.indexOf(model.get("face")));
    shape.textContent = `[B, T] = [${histories.length}, ${length}]`;
    grid.style.gridTemplateColumns = `46px repeat(${columns}, minmax(var(--sv-cell), 1fr))`;
    grid.dataset.face = model.get("face");
    grid.setAttribute("aria-rowcount", String(histories.length + 1));
    const focused = /** @type {HTMLElement | null} */ (document.activeElement);
    const held = focused && grid.contains(focused) ? { ...focused.dataset } : null;
    let cutAway = 0;
    let padded = 0;

    /**
     * @param {string} kind
     * @param {number} column
     * @param {string} text
     */
    const header = (kind, column, text) =>
      el(
        "span",
        { class: kind, role: "columnheader", style: `grid-column:${column};grid-row:1` },
        text,
      );
    const head = el(
      "div",
      { class: "sv-grid-row", role: "row" },
      header("sv-place", 1, "t"),
      Array.from({ length }, (_, t) => header("sv-place", begin + t + 2, String(t))),
    );
    const rows = histories.map((history, row) => {
      const { cells, lost } = cutAndPad(history, length, way, end);
      cutAway += lost.length;
      padded += cells.filter((at) => at == null).length;
      const inside = cells.map((at, t) => cell({ row, column: begin + t, at, t }));
      const first = oldest ? begin - lost.length : length;
      const outside = lost.map((at, n) => cell({ row, column: first + n, at, t: null }));
      const name = {
        class: "sv-grid-name",
        role: "rowheader",
        style: `grid-column:1;grid-row:${row + 2}`,
      };
      return el(
        "div",
        { class: "sv-grid-row", role: "row" },
        el("span", name, users[row]),
        oldest ? [outside, inside] : [inside, outside],
      );
    });
    const frame = el("div", {
      class: "sv-frame",
      "aria-hidden": "true",
      style: `grid-column:${begin + 2}/span ${length};grid-row:2/span ${histories.length}`,
    });
    grid.replaceChildren(head, ...rows, frame);
    summary =
      `T = ${length}, padding ${way}${oldest ? "" : ", newest clicks cut"}: ` +
      `${cutAway} of ${plural(total, "click")} ${cutAway === 1 ? "is" : "are"} cut, ` +
      `${plural(padded, "cell")} ${padded === 1 ? "is" : "are"} padding.`;
    keys.refresh();
    if (held) {
      const all = /** @type {HTMLElement[]} */ ([...grid.querySelectorAll(".sv-cell")]);
      const same = all.find(
        ({ dataset }) => dataset.row === held.row && dataset.at === held.at && dataset.t === held.t,
      );
      (same ?? all.find(({ dataset }) => dataset.row === held.row))?.focus();
    } else {
      touch(null);
      // On a phone the grid scrolls: begin at the frame, what was cut lies beside it.
      requestAnimationFrame(() => {
        const [inner, outer] = [frame, box].map((node) => node.getBoundingClientRect());
        box.scrollLeft += inner.left - outer.left - 52;
      });
    }
  }

  // ---- Words -----------------------------------------------------------------

  /** @param {Cell} cell */
  function wordsOf({ row, at, t }) {
    if (at == null) {
      const vector = table ? ", and the embedding of item 0" : "";
      return `${users[row]}, place t = ${t}: padding. Id 0, mask 0${vector}.`;
    }
    const item = histories[row][at];
    const name = `${titleOf(item)}, id ${item}, click ${at + 1} of ${histories[row].length}`;
    return t == null
      ? `${users[row]}: ${name}, is cut. The batch does not hold it.`
      : `${users[row]}, place t = ${t}: ${name}. Mask 1.`;
  }

  /** @param {Part | null} node */
  function touch(node) {
    for (const other of grid.querySelectorAll(".sv-hot")) other.classList.remove("sv-hot");
    if (!node) return live.say(summary);
    const { kind, item } = node.dataset;
    // the same item wherever it stands
    const alike = kind === "padding" ? [node] : grid.querySelectorAll(`[data-item="${item}"]`);
    for (const other of alike) other.classList.add("sv-hot");
    return live.say(node.getAttribute("aria-label"));
  }

  hand(grid, ".sv-cell", touch);

  // ---- The card --------------------------------------------------------------

  const controls = [size.node, side.node, cut.node, face.node];
  const root = card(
    "sequence",
    model,
    controls,
    part("Batch", shape, "inside the frame; the dashed cells are cut"),
    box,
    legend,
    live.node,
  );
  redraw(model, ["length", "side", "cut", "face"], draw);
  host.replaceChildren(root);
  draw();
}

export default { render };
