// The map of one training: items as small signs of the interest that scores them
// highest, the person's clicks ringed, her interests as large signs.

import { el, svg } from "../core/elements.js";
import { hand, roving } from "../core/hand.js";
import { ownClass, signPath } from "../core/signs.js";
import { percent } from "../core/words.js";

/** @import { Look } from "./look.js" */

const BOX = { width: 320, height: 270 };
const RADIUS = 150; // of a vector of length 1 that lies in the plane
const MOST = 8;

/** The signs of core/signs.js around a place, a few pixels wide, for many in one path. */
const DOTS = [
  "m-2.6 0a2.6 2.6 0 1 0 5.2 0a2.6 2.6 0 1 0-5.2 0",
  "m0-3l2.9 5.2h-5.8z",
  "m-2.3-2.3h4.6v4.6h-4.6z",
  "m0-3.3l3.3 3.3-3.3 3.3-3.3-3.3z",
];
const RING = "m-5.5 0a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0-11 0";

/**
 * What the map shows of a look.
 * @typedef {object} Shown
 * @property {Look} look
 * @property {number} person a place among the people
 * @property {Set<number>} clicks of hers
 * @property {Set<number>} marked items
 * @property {string} words below the map
 */

/**
 * @param {string} label what a screen reader calls the map
 * @param {(interest: number | null) => void} ontouch
 */
export function learningMap(label, ontouch) {
  const dots = Array.from({ length: MOST }, (_, k) =>
    svg("path", { class: `sv-dots ${ownClass(k)}` }),
  );
  const rings = svg("path", { class: "sv-clicks" });
  const marks = svg("path", { class: "sv-marks" });
  const others = svg("g", { class: "sv-others" });
  const own = Array.from({ length: MOST }, (_, k) =>
    svg(
      "g",
      {
        class: "sv-vector",
        role: "img",
        "aria-label": `Interest ${k + 1}`,
        "data-interest": k,
        tabindex: -1,
      },
      svg("circle", { class: "sv-hot-ring", r: 14 }),
      signPath(k, 9, { class: "sv-sign-path sv-halo" }),
      signPath(k, 9),
    ),
  );
  const picture = svg(
    "svg",
    {
      class: "sv-map",
      viewBox: `0 0 ${BOX.width} ${BOX.height}`,
      role: "group",
      "aria-label": label,
    },
    marks,
    rings,
    dots,
    others,
    own,
  );
  const box = el("div", { class: "sv-map-box" }, picture);
  const foot = el("p", { class: "sv-hint" });
  const keys = roving(box, ".sv-vector:not(.sv-gone)");
  hand(box, ".sv-vector", (node) => ontouch(node && Number(node.dataset.interest)));

  /**
   * @param {Float32Array} places
   * @param {number} row
   */
  const at = (places, row) => [
    (BOX.width / 2 + RADIUS * places[2 * row]).toFixed(1),
    (BOX.height / 2 - RADIUS * places[2 * row + 1]).toFixed(1),
  ];

  /**
   * A path with a shape at each of these items.
   * @param {Float32Array} places
   * @param {Iterable<number>} items
   * @param {(item: number) => string} shape
   */
  const pathOf = (places, items, shape) =>
    Array.from(items, (item) => `M${at(places, item).join(" ")}${shape(item)}`).join("");

  return {
    node: el("div", {}, box, foot),
    /** @param {Shown} shown */
    draw({ look, person, clicks, marked, words }) {
      const hers = look.people[person];
      const count = hers.places.length / 2;
      /** @type {number[][]} */
      const groups = dots.map(() => []);
      for (let item = 1; item < hers.served.length; item++) groups[hers.served[item]].push(item);
      groups.forEach((items, k) => {
        dots[k].setAttribute(
          "d",
          pathOf(look.items, items, () => DOTS[k % DOTS.length]),
        );
      });
      rings.setAttribute(
        "d",
        pathOf(look.items, clicks, () => RING),
      );
      marks.setAttribute(
        "d",
        pathOf(look.items, marked, () => RING),
      );
      own.forEach((node, k) => {
        const there = k < count;
        node.classList.toggle("sv-gone", !there);
        if (there) node.setAttribute("transform", `translate(${at(hers.places, k).join(" ")})`);
      });
      const rest = look.people.filter((_, p) => p !== person);
      if (others.childElementCount !== rest.length * count) {
        others.replaceChildren(
          ...rest.flatMap(() =>
            Array.from({ length: count }, (_, k) =>
              svg("g", {}, signPath(k, 5, { class: "sv-other" })),
            ),
          ),
        );
      }
      rest.forEach(({ places }, p) => {
        for (let k = 0; k < count; k++) {
          const to = `translate(${at(places, k).join(" ")})`;
          others.children[p * count + k].setAttribute("transform", to);
        }
      });
      foot.textContent = `${words}. The map shows ${percent(look.share)} of the items' variance.`;
      keys.refresh();
    },
    /** @param {number | null} interest */
    touch(interest) {
      own.forEach((node, k) => {
        node.classList.toggle("sv-hot", k === interest);
      });
    },
  };
}
