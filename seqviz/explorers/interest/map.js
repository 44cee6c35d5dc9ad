// The item map: items as dots, the history as rings, what interests retrieve as their
// signs, interests as large signs.

import { array, dot, rowsOf } from "../core/arrays.js";
import { el, kept, svg } from "../core/elements.js";
import { hand, roving } from "../core/hand.js";
import { placeLabel, placeOf, sample } from "../core/pictures.js";
import { ownClass, signPath } from "../core/signs.js";
import { listed, percent, plural } from "../core/words.js";

/** @import { Encoded, Numbers } from "../core/arrays.js" */
/** @import { Place } from "../core/pictures.js" */

/**
 * Item vectors as Python sends them, with the plane in which they differ most.
 * @typedef {object} EncodedVectors
 * @property {Encoded} items [N+1, E]
 * @property {Encoded} axes [2, E]
 * @property {Encoded} mean [E]
 * @property {number} share of the variance that the plane shows
 */

/** @typedef {ReturnType<typeof itemVectors>} ItemVectors */

/**
 * What the map shows.
 * @typedef {object} Shown
 * @property {ItemVectors} vectors
 * @property {Numbers[]} interests
 * @property {Set<number>} history items
 * @property {number[][]} found the items of each interest
 * @property {(k: number) => boolean} shown whether an interest is
 * @property {(item: number) => string} describe
 */

const MAP = { left: 0, top: 0, width: 400, height: 320 }; // in the map's own units
const REACH = 18; // how near an item the pointer must be

/**
 * Item vectors with their places on the map.
 * @param {EncodedVectors} encoded
 */
export function itemVectors({ items, axes, mean, share }) {
  const table = array(items);
  const [across, up] = rowsOf(array(axes));
  const middle = array(mean).data;
  /** @param {Numbers} vector */
  const flat = (vector) => [
    dot(across, vector) - dot(across, middle),
    dot(up, vector) - dot(up, middle),
  ];
  const rows = rowsOf(table);
  const shadows = rows.slice(1).map(flat);
  const ends = [0, 1].map((i) => {
    const values = shadows.map((shadow) => shadow[i]);
    return { low: Math.min(...values), high: Math.max(...values) };
  });
  const [wide, tall] = ends.map(({ low, high }) => high - low || 1);
  const [x0, y0] = ends.map(({ low, high }) => (low + high) / 2);
  const scale = Math.min((MAP.width - 48) / wide, (MAP.height - 48) / tall);
  /**
   * @param {Numbers} vector
   * @returns {Place}
   */
  const at = (vector) => {
    const [x, y] = flat(vector);
    return [MAP.width / 2 + (x - x0) * scale, MAP.height / 2 - (y - y0) * scale];
  };
  const width = table.shape[1];
  return { rows, width, share, at, places: rows.map(at), zero: at(new Float64Array(width)) };
}

const cross = () => svg("path", { class: "sv-zero", d: "M-5 0H5M0-5V5" });
const dotShape = () => svg("circle", { class: "sv-dot", r: 2.2 });
const ring = () => svg("circle", { class: "sv-had", r: 5 });

/**
 * What marks an item.
 * @param {number | string} kind the interest that retrieves it, or "ring" or "dot"
 */
const newShape = (kind) => ({
  node: kind === "ring" ? ring() : kind === "dot" ? dotShape() : svg("g", {}, signPath(+kind, 5)),
});

/**
 * The map of items with these titles.
 * @param {string[]} titles
 * @param {(item: number | null) => void} ontouch told what is under the hand
 */
export function itemMap(titles, ontouch) {
  const label = placeLabel(MAP);
  const zero = cross();
  const picture = svg("svg", {
    class: "sv-map",
    viewBox: `0 0 ${MAP.width} ${MAP.height}`,
    role: "group",
    "aria-label": "Item map. Arrow keys move between items.",
  });
  // Chromium lets Tab stop at an <svg> with listeners for focus: they are outside.
  const box = el("div", { class: "sv-map-box" }, picture, label.node);
  const keys = roving(box, ".sv-item");
  const share = el("p", { class: "sv-hint" });
  const key = el(
    "p",
    { class: "sv-hint sv-key" },
    sample("item", 10, dotShape()),
    sample("in the history", 10, ring(), dotShape()),
    sample("retrieved", 10, signPath(0, 5)),
    sample("interest vector", 10, signPath(0, 9)),
    sample("zero", 10, cross()),
  );
  const marks = titles
    .map((_, item) => {
      const attributes = { class: "sv-item", role: "img", "data-item": item, tabindex: -1 };
      const rim = svg("circle", { class: "sv-hot-ring", r: 12 });
      const node = svg("g", attributes, rim);
      return { item, node, shapes: kept(node, String, newShape, rim), shown: "" };
    })
    .slice(1);
  const vanes = svg("g");
  picture.append(zero, ...marks.map(({ node }) => node), vanes);
  keys.refresh();
  /** @type {{ ray: SVGElement, mark: SVGElement }[]} */
  let arrows = [];
  /** @type {ItemVectors | null} */
  let vectors = null;
  /** @type {number | null} */
  let touched = null;

  hand(box, ".sv-item", (node) => {
    if (!node || node === document.activeElement) ontouch(node && Number(node.dataset.item));
  });
  picture.addEventListener("pointermove", (event) => {
    const [x, y] = placeOf(event, picture, MAP);
    /** @type {number | null} */
    let near = null;
    let least = REACH;
    for (const [item, place] of vectors?.places.entries() ?? []) {
      const far = Math.hypot(place[0] - x, place[1] - y);
      if (item && far < least) [near, least] = [item, far];
    }
    if (near !== touched) ontouch(near);
  });

  return {
    node: el("div", {}, box, key, share),
    /**
     * Makes the marks of the interests.
     * @param {number} count of interests
     */
    build(count) {
      arrows = Array.from({ length: count }, (_, k) => ({
        ray: svg("line", { x2: 1, class: `sv-ray ${ownClass(k)}` }),
        mark: svg(
          "g",
          { class: "sv-vector", "data-interest": k },
          signPath(k, 10, { class: "sv-sign-path sv-halo" }),
          signPath(k, 10),
        ),
      }));
      vanes.replaceChildren(...arrows.flatMap(({ ray, mark }) => [ray, mark]));
    },
    /** @param {Shown} now */
    draw(now) {
      const { places, at, zero: origin, width } = now.vectors;
      const stay = vectors === now.vectors;
      vectors = now.vectors;
      /** @type {Map<number, number[]>} the interests that retrieve an item */
      const finders = new Map();
      now.found.forEach((items, k) => {
        for (const item of items) finders.set(item, [...(finders.get(item) ?? []), k]);
      });
      for (const mark of marks) {
        const { item, node, shapes } = mark;
        if (!stay) {
          const [x, y] = places[item];
          node.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
        }
        const by = finders.get(item) ?? [];
        const had = now.history.has(item);
        const wanted = `${had} ${by}`;
        if (mark.shown === wanted) continue; // most items stay as they are
        mark.shown = wanted;
        const words = [
          now.describe(item),
          had && "in the history",
          by.length && `retrieved by interest ${listed(by.map((k) => k + 1))}`,
        ];
        node.setAttribute("aria-label", words.filter(Boolean).join(", "));
        const kinds = [...(had ? ["ring"] : []), ...(by.length ? by : ["dot"])];
        const signs = shapes(kinds).slice(kinds.length - by.length);
        signs.forEach((one, i) => {
          const aside = (i - (by.length - 1) / 2) * 10;
          one.node.setAttribute("transform", `translate(${aside} 0)`);
        });
      }
      zero.setAttribute("transform", `translate(${origin.join(" ")})`);
      arrows.forEach(({ ray, mark }, k) => {
        const [x, y] = at(now.interests[k]);
        const [dx, dy] = [x - origin[0], y - origin[1]];
        mark.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
        ray.style.transform =
          `translate(${origin[0]}px, ${origin[1]}px) ` +
          `rotate(${Math.atan2(dy, dx)}rad) scale(${Math.hypot(dx, dy)}, 1)`;
        for (const node of [ray, mark]) node.classList.toggle("sv-gone", !now.shown(k));
      });
      share.textContent =
        `The map shows ${percent(now.vectors.share)} of the variance of ` +
        `${plural(width, "dimension")}.`;
    },
    /**
     * Names an item on the map (null: none).
     * @param {number | null} item
     */
    touch(item) {
      touched = item;
      if (item == null || !vectors) label.hide();
      else label.show(titles[item], vectors.places[item]);
    },
  };
}
