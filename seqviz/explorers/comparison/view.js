// ComparisonExplorer: eight tests of two recommenders, each on users of its own. The
// page draws the bootstrap itself (intervals.js), from the same numbers as Python.

import { array, rowsOf } from "../core/arrays.js";
import { card, part, sentence } from "../core/card.js";
import { segmented, select, slider } from "../core/controls.js";
import { el } from "../core/elements.js";
import { hand, roving } from "../core/hand.js";
import { redraw, traits, writer } from "../core/model.js";
import { fixed, plural, withSign } from "../core/words.js";
import { interval, picks } from "./intervals.js";

/** @import { Encoded } from "../core/arrays.js" */
/** @import { Part } from "../core/hand.js" */
/** @import { Host } from "../core/model.js" */
/** @import { Interval, Over } from "./intervals.js" */

/**
 * @typedef {object} State
 * @property {string[]} names
 * @property {Encoded[]} values [S, U] or [1, U], the metric of each user
 * @property {number[]} sizes the numbers of users that a test can ask
 * @property {number[]} student by S, the .975 quantile of Student's t
 * @property {string} metric
 * @property {number} first
 * @property {number} second
 * @property {number} num_users
 * @property {number} num_seeds
 * @property {Over} over
 */

const TESTS = 8;
/** @type {Over[]} */
const OVER = ["seeds", "users", "users and seeds"];

/** @param {Interval} one */
const signOf = ({ low, high }) => Number(low > 0) - Number(high < 0);

/** @param {Host<State>} host */
function render({ model, el: host }) {
  const { names, sizes, student, metric } = traits(model);
  const tables = model.get("values").map((one) => rowsOf(array(one)));
  const total = tables[0][0].length;
  /** @type {Map<number, Int32Array>} */
  const drawn = new Map();
  let everybody = { pair: "", one: { mean: 0, low: 0, high: 0 } };
  let summary = "";

  const put = writer(model);

  // ---- Numbers ---------------------------------------------------------------

  /** @param {number} count */
  function picked(count) {
    const known = drawn.get(count) ?? picks(count);
    drawn.set(count, known);
    return known;
  }

  /** Differences of the present pair, a row for each seed. */
  function differences() {
    const [a, b] = [tables[model.get("first")], tables[model.get("second")]];
    return Array.from({ length: Math.max(a.length, b.length) }, (_, s) => {
      const [left, right] = [a[s] ?? a[0], b[s] ?? b[0]];
      return Float64Array.from(left, (value, u) => value - right[u]);
    });
  }

  /** @param {Float64Array[]} d */
  function ofAll(d) {
    const pair = `${model.get("first")} ${model.get("second")}`;
    if (everybody.pair !== pair) {
      const one = interval(d, "users and seeds", student[d.length - 1], picked(total));
      everybody = { pair, one };
    }
    return everybody.one;
  }

  /**
   * How far the scale goes on both sides of 0.
   * @param {Float64Array[]} d
   * @param {number} mean
   */
  function reachOf(d, mean) {
    let squares = 0;
    for (let u = 0; u < total; u++) {
      const ofUser = d.reduce((sum, row) => sum + row[u], 0) / d.length;
      squares += (ofUser - mean) ** 2;
    }
    return Math.abs(mean) + 2 * Math.sqrt(squares / total / sizes[0]);
  }

  // ---- Parts -----------------------------------------------------------------

  /**
   * Another pair; where both would be one, they change places.
   * @param {"first" | "second"} side
   * @param {number} index
   */
  function choose(side, index) {
    const other = side === "first" ? "second" : "first";
    const change = /** @type {Partial<State>} */ ({ [side]: index });
    if (model.get(other) === index) change[other] = model.get(side);
    put(change);
  }

  const first = select("First", names, (index) => choose("first", index));
  const second = select("Second", names, (index) => choose("second", index));
  const size = slider(
    "Users per test",
    {
      min: 0,
      max: sizes.length - 1,
      step: 1,
      to: (place) => sizes[place],
      from: (count) => sizes.indexOf(count),
      words: String,
    },
    (num_users) => put({ num_users }),
  );
  const seeds = slider(
    "Seeds",
    { min: 1, max: student.length, step: 1, words: String },
    (num_seeds) => put({ num_seeds }),
  );
  const over = segmented("Interval over", OVER, (index) => put({ over: OVER[index] }));
  const [left, right] = [el("span"), el("span")];
  const ends = el("div", { class: "sv-test sv-ends" }, el("span"), el("div", {}, left, right));
  const scale = el("div", {});
  const live = sentence();

  /** @param {number} place */
  function line(place) {
    const name = place < TESTS ? `test ${place + 1}` : `all ${total.toLocaleString("en")}`;
    const [bar, point, truth] = ["sv-bar", "sv-mean", "sv-everybody"].map((kind) =>
      el("i", { class: kind }),
    );
    const says = el("span", { class: "sv-says" });
    const node = el(
      "div",
      { class: "sv-test", role: "img", tabindex: -1, "data-place": place },
      el("span", {}, name),
      el("div", { class: "sv-track" }, el("i", { class: "sv-middle" }), truth, bar, point),
      says,
    );
    return { name, node, bar, point, truth, says };
  }

  const lines = Array.from({ length: TESTS + 1 }, (_, place) => line(place));
  lines[TESTS].node.classList.add("sv-all");
  const list = el(
    "div",
    { class: "sv-tests", role: "group", "aria-label": "The tests" },
    lines.map(({ node }) => node),
  );
  const keys = roving(list, ".sv-test");

  // ---- Drawing ---------------------------------------------------------------

  function draw() {
    const count = model.get("num_users");
    const pair = [names[model.get("first")], names[model.get("second")]];
    first.set(model.get("first"));
    second.set(model.get("second"));
    size.set(count);
    seeds.set(model.get("num_seeds"));
    over.set(OVER.indexOf(model.get("over")));
    const d = differences();
    const used = d.slice(0, model.get("num_seeds"));
    const all = ofAll(d);
    const tests = Array.from({ length: TESTS }, (_, test) =>
      interval(
        used.map((row) => row.subarray(test * count, (test + 1) * count)),
        model.get("over"),
        student[used.length - 1],
        picked(count),
      ),
    );
    const reach = reachOf(d, all.mean);
    /** @param {number} x in percent of the scale */
    const across = (x) => 50 * (1 + Math.max(-1, Math.min(1, x / reach)));
    left.textContent = `← ${pair[1]}`;
    right.textContent = `${pair[0]} →`;
    const marks = [-reach, 0, reach].map((x) => fixed(x, 2));
    scale.replaceChildren(...[marks[0], "0", `+${marks[2]}`].map((text) => el("span", {}, text)));
    [...tests, all].forEach((one, place) => {
      const { name, node, bar, point, truth, says } = lines[place];
      const [low, middle, high] = [one.low, one.mean, one.high].map(across);
      bar.style.cssText = `left:${low}%;width:${high - low}%`;
      point.style.left = `${middle}%`;
      truth.style.left = `${across(all.mean)}%`;
      const sign = signOf(one);
      const winner = sign > 0 ? pair[0] : pair[1];
      says.textContent = sign ? `${sign > 0 ? "→" : "←"} ${winner}` : "– cannot tell";
      node.dataset.sign = String(sign);
      node.dataset.ends = [one.mean, one.low, one.high].join(" ");
      node.setAttribute(
        "aria-label",
        `${place < TESTS ? name : `All ${total.toLocaleString("en")} users`}: ` +
          `${pair[0]} less ${pair[1]} is ${withSign(one.mean, 3)}, ` +
          (one.low === one.high
            ? "without an interval. "
            : `the interval goes from ${withSign(one.low, 3)} to ${withSign(one.high, 3)}. `) +
          (sign ? `It says ${winner}.` : "It cannot tell."),
      );
    });
    const [wins, losses] = [1, -1].map(
      (sign) => tests.filter((one) => signOf(one) === sign).length,
    );
    const say = { 1: pair[0], [-1]: pair[1], 0: "no winner" }[signOf(all)];
    summary =
      `${count} users, ${plural(model.get("num_seeds"), "seed")}: of ${TESTS} tests ` +
      `${wins} for ${pair[0]}, ${losses} for ${pair[1]}, ` +
      `${TESTS - wins - losses} cannot tell. All ${total.toLocaleString("en")} users` +
      `${d.length > 1 ? ` and ${d.length} seeds` : ""}: ${say}, ${withSign(all.mean, 3)} ` +
      `(${withSign(all.low, 3)} to ${withSign(all.high, 3)}).`;
    keys.refresh();
    const held = list.querySelector(".sv-test:focus");
    touch(/** @type {Part | null} */ (held));
  }

  /** @param {Part | null} node */
  function touch(node) {
    for (const { node: other } of lines) other.classList.toggle("sv-hot", other === node);
    live.say(node ? node.getAttribute("aria-label") : summary);
  }

  hand(list, ".sv-test", touch);

  // ---- The card --------------------------------------------------------------

  const controls = [first.node, second.node, size.node];
  if (student.length > 1) controls.push(seeds.node);
  const root = card(
    "comparison",
    model,
    [...controls, over.node],
    part("Difference", `in ${metric}, 95% interval`),
    ends,
    list,
    el("div", { class: "sv-test sv-scale" }, el("span"), scale),
    live.node,
  );
  redraw(model, ["first", "second", "num_users", "num_seeds", "over"], draw);
  host.replaceChildren(root);
  draw();
}

export default { render };
