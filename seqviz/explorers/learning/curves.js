// A chart of one number over the epochs, of both trainings: A solid, B dashed.

import { el, svg } from "../core/elements.js";

const [WIDTH, HEIGHT] = [300, 100]; // in its own units; it is stretched

/**
 * @typedef {object} Scale
 * @property {number} [low] fixed ends; else those of the numbers
 * @property {number} [high]
 * @property {(x: number) => string} words
 */

/**
 * @param {string} title
 * @param {Scale} scale
 */
export function curves(title, { low, high, words }) {
  const lines = ["a", "b"].map((run) => svg("polyline", { class: `sv-curve sv-run-${run}` }));
  const cursor = svg("line", { class: "sv-cursor", y1: 0, y2: HEIGHT });
  const numbers = ["A", "B"].map((name) => ({ name, node: el("b") }));
  const [top, bottom] = [el("span", { class: "sv-high" }), el("span", { class: "sv-low" })];
  const end = el("span", { class: "sv-end" });
  const picture = svg(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" },
    cursor,
    lines,
  );
  const heads = numbers.map(({ name, node }) => el("span", {}, `${name} `, node));
  return {
    node: el(
      "div",
      { class: "sv-chart-of" },
      el("p", { class: "sv-head" }, el("span", { class: "sv-of" }, title), heads),
      el("div", { class: "sv-plot" }, picture, top, bottom, end),
    ),
    /**
     * @param {(number | null)[][]} runs the numbers of A and of B, a tick after the other
     * @param {number} most how many ticks there may be
     * @param {number} tick the one that is looked at
     * @param {string} until what stands at the right end
     */
    draw(runs, most, tick, until) {
      end.textContent = until;
      const all = runs.flat().filter((x) => x != null);
      const least = low ?? Math.min(...all);
      const full = high ?? Math.max(...all);
      const scaled = all.length > 0 && full > least;
      top.textContent = scaled ? words(full) : "";
      bottom.textContent = scaled ? words(least) : "";
      /** @param {number} x */
      const across = (x) => ((x / most) * WIDTH).toFixed(1);
      /** @param {number} y */
      const up = (y) => (HEIGHT * (1 - (y - least) / (full - least || 1))).toFixed(1);
      runs.forEach((values, run) => {
        const points = values.map((y, x) => (y == null ? "" : `${across(x)},${up(y)}`));
        lines[run].setAttribute("points", points.filter(Boolean).join(" "));
        const here = values[tick];
        numbers[run].node.textContent = here == null ? "–" : words(here);
      });
      cursor.setAttribute("x1", across(tick));
      cursor.setAttribute("x2", across(tick));
    },
  };
}
