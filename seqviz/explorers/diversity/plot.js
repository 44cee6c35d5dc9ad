// A small plot: a line with named ends and one point that moves along it.

import { svg } from "../core/elements.js";
import { fixed } from "../core/words.js";

/** @typedef {[number, number]} Pair x and y, in the numbers of the axes */

/**
 * @typedef {object} Line
 * @property {string} label what a screen reader says
 * @property {[string, string]} axes their titles
 * @property {Pair[]} points
 * @property {[string, string]} ends their names
 * @property {boolean} [dots] whether the points are shown
 */

const WIDTH = 320; // a plot's own units
const HEIGHT = 180;
const FRAME = { left: 48, right: 306, top: 34, bottom: 140 };

/**
 * Up to five round numbers within low..high, and the step between them.
 * @param {number} low
 * @param {number} high
 */
function ticks(low, high) {
  const rough = (high - low) / 4;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((one) => one * size >= rough) ?? 10) * size;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  const numbers = Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
  const places = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return numbers.map((value) => ({ value, text: fixed(value, places) }));
}

/**
 * The ends of an axis that holds the values with some room.
 * @param {number[]} values
 */
function spanOf(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = 0.08 * (high - low) || Math.abs(low) * 0.01 || 1;
  return [low - room, high + room];
}

/**
 * @param {number} x
 * @param {number} y
 * @param {string} words
 * @param {"start" | "middle" | "end"} anchor
 * @param {string} [kind]
 */
const text = (x, y, words, anchor, kind) =>
  svg("text", { x, y, "text-anchor": anchor, class: kind }, words);

/** @param {Pair[]} points */
const path = (points) =>
  `M${points.map((pair) => pair.map((value) => value.toFixed(1)).join(" ")).join("L")}`;

/** A plot, empty until `build`. */
export function plot() {
  const picture = svg("svg", {
    class: "sv-plot",
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    role: "img",
  });
  const guide = svg("path", { class: "sv-guide" });
  const point = svg("g", { class: "sv-point" }, svg("circle", { r: 8 }), svg("circle", { r: 3.5 }));
  /** @type {(pair: Pair) => Pair} from the numbers of the axes to the plot's units */
  let at = (pair) => pair;

  return {
    node: picture,
    /**
     * Draws the axes and the line.
     * @param {Line} line
     */
    build({ label, axes, points, ends, dots }) {
      const [left, right] = spanOf(points.map(([x]) => x));
      const [low, high] = spanOf(points.map(([, y]) => y));
      const { left: l, right: r, top: t, bottom: b } = FRAME;
      at = ([x, y]) => [
        l + ((x - left) / (right - left)) * (r - l),
        b - ((y - low) / (high - low)) * (b - t),
      ];
      const places = points.map(at);
      const [first, last] = [places[0], places[places.length - 1]];
      // The names of the ends stand where a falling, or else a rising, line does not go.
      const falls = first[1] <= last[1];
      const across = ticks(left, right).map((tick) =>
        text(at([tick.value, low])[0], b + 16, tick.text, "middle"),
      );
      const up = ticks(low, high).map((tick) =>
        text(l - 6, at([left, tick.value])[1] + 4, tick.text, "end"),
      );
      const marks = places.map(([cx, cy]) =>
        svg("circle", { class: "sv-curve-dot", cx, cy, r: 2.5 }),
      );
      picture.setAttribute("aria-label", label);
      picture.replaceChildren(
        svg("path", { class: "sv-axes", d: `M${l} ${t}V${b}H${r}` }),
        ...across,
        ...up,
        text(r, HEIGHT - 6, axes[0], "end", "sv-axis"),
        text(4, 14, axes[1], "start", "sv-axis"),
        guide,
        svg("path", { class: "sv-curve", d: path(places) }),
        ...(dots ? marks : []),
        text(first[0] + 12, first[1] + (falls ? -6 : 14), ends[0], "start", "sv-end"),
        text(last[0] - 12, last[1] + (falls ? 5 : -6), ends[1], "end", "sv-end"),
        point,
      );
    },
    /**
     * Puts the point at a pair of numbers.
     * @param {Pair} pair
     */
    move(pair) {
      const [x, y] = at(pair);
      picture.dataset.x = String(pair[0]);
      picture.dataset.y = String(pair[1]);
      point.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
      guide.setAttribute("d", `M${FRAME.left} ${y.toFixed(1)}H${x.toFixed(1)}V${FRAME.bottom}`);
    },
  };
}
