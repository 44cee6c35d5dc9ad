// AlignmentExplorer: clicks as tiles, under them the alignment matrix, a row for each
// question, at its end what the decoder gives back.

import { array, best, dot, rowsOf, softmax } from "../core/arrays.js";
import { card, part, sentence } from "../core/card.js";
import { button, segmented, select, slider } from "../core/controls.js";
import { dragging } from "../core/dragging.js";
import { el, kept, setCurrent, setText } from "../core/elements.js";
import { hand, roving } from "../core/hand.js";
import { redraw, traits, writer } from "../core/model.js";
import { readCell, through } from "../core/recurrent.js";
import { mix, ramp } from "../core/scale.js";
import { weightBar } from "../core/tiles.js";
import { digits, percent } from "../core/words.js";

/** @import { Encoded } from "../core/arrays.js" */
/** @import { Child } from "../core/elements.js" */
/** @import { Host } from "../core/model.js" */
/** @import { EncodedCell } from "../core/recurrent.js" */

/**
 * A reader as Python sends it.
 * @typedef {object} OwnReader
 * @property {"attention" | "mean" | "last state"} context
 * @property {Encoded} items [C * I, E]
 * @property {Encoded} queries [C, H]
 * @property {Encoded} answer_weight [I, 2 * H]
 * @property {Encoded} answer_bias [I]
 */
/** @typedef {OwnReader & EncodedCell} EncodedReader */

/**
 * @typedef {object} State
 * @property {number[]} history places of items: c * I + i is answer i to question c
 * @property {number} length how many clicks are read
 * @property {number} reader
 * @property {number} behavior the picked click
 * @property {string[]} questions
 * @property {string[]} answers
 * @property {string[]} names of the readers
 * @property {EncodedReader[]} readers
 * @property {string[]} palette from weight 0 to weight 1
 */

/** @param {EncodedReader} encoded */
const unpack = (encoded) => ({
  context: encoded.context,
  cell: readCell(encoded),
  items: rowsOf(array(encoded.items)).map((row) => Float64Array.from(row)),
  queries: rowsOf(array(encoded.queries)),
  answer: rowsOf(array(encoded.answer_weight)),
  bias: array(encoded.answer_bias).data,
});

/** @typedef {ReturnType<typeof unpack>} Reader */

/**
 * The weights [n] of a question over the encoder's states.
 * @param {Reader} reader
 * @param {ArrayLike<number>} query
 * @param {Float64Array[]} states
 */
function weigh(reader, query, states) {
  const last = states.length - 1;
  if (reader.context === "mean") return new Float64Array(states.length).fill(1 / states.length);
  if (reader.context === "last state") return Float64Array.from(states, (_, t) => +(t === last));
  return softmax(states.map((state) => dot(query, state) / Math.sqrt(state.length)));
}

/**
 * What a reader makes of a history: for each question its weights and its answer.
 * @param {Reader} reader
 * @param {number[]} history
 */
function read(reader, history) {
  const choices = reader.bias.length;
  const states = through(
    reader.cell,
    history.map((place) => reader.items[place]),
  ).map(({ state }) => state);
  return history
    .map((place, t) => ({ question: Math.floor(place / choices), right: place % choices, t }))
    .sort((a, b) => a.question - b.question)
    .map(({ question, right, t }) => {
      const query = reader.queries[question];
      const weights = weigh(reader, query, states);
      const context = Float64Array.from(query, (_, i) =>
        states.reduce((total, state, k) => total + weights[k] * state[i], 0),
      );
      const both = [...context.map((value, i) => value * query[i]), ...context];
      const logits = reader.answer.map((row, i) => dot(row, both) + reader.bias[i]);
      const [[answer]] = best(logits, 1);
      return { question, right, t, weights, answer };
    });
}

/** @param {Host<State>} host */
function render({ model, el: host }) {
  const { questions, answers, names, palette } = traits(model);
  const readers = model.get("readers").map(unpack);
  const most = model.get("history").length;
  /** @type {{ row: number | null, t: number } | null} what is under the hand */
  let hot = null;

  const put = writer(model);

  let known = { of: "", all: /** @type {ReturnType<typeof read>[]} */ ([]) };

  /**
   * What the readers make of a history, kept while it stays.
   * @param {number[]} history
   */
  function readings(history) {
    const of = history.join(" ");
    if (known.of !== of) known = { of, all: readers.map((reader) => read(reader, history)) };
    return known.all;
  }

  function look() {
    const length = model.get("length");
    const history = model.get("history").slice(0, length);
    const all = readings(history);
    return {
      history,
      length,
      all,
      rows: all[model.get("reader")],
      name: names[model.get("reader")],
      behavior: Math.min(model.get("behavior"), length - 1),
    };
  }

  let now = look();

  /** @param {number} place of an item */
  const namesOf = (place) => [
    questions[Math.floor(place / answers.length)],
    answers[place % answers.length],
  ];
  /** @param {number} place of an item */
  const titleOf = (place) => namesOf(place).join(", ");
  /** @param {ReturnType<typeof read>} rows */
  const given = (rows) => rows.filter(({ answer, right }) => answer === right).length;

  // ---- Changing the history --------------------------------------------------

  /**
   * Takes a click to another place, the others move up.
   * @param {number} from
   * @param {number} to
   */
  function move(from, to) {
    if (to < 0 || to >= now.length || to === from) return;
    const history = [...model.get("history")];
    history.splice(to, 0, ...history.splice(from, 1));
    put({ history, behavior: to });
  }

  /** @param {number} answer what the picked click becomes */
  function change(answer) {
    const history = [...model.get("history")];
    const place = history[now.behavior];
    history[now.behavior] = place - (place % answers.length) + answer;
    put({ history });
  }

  // ---- Parts -----------------------------------------------------------------

  const kind = segmented("Context", names, (reader) => put({ reader }));
  const size = slider("Clicks read, n", { min: 1, max: most, step: 1, words: String }, (length) =>
    put({ length, behavior: Math.min(model.get("behavior"), length - 1) }),
  );
  const item = select("Make the picked click", answers, change);
  const earlier = button("Earlier", () => move(now.behavior, now.behavior - 1));
  const later = button("Later", () => move(now.behavior, now.behavior + 1));
  const mover = el("div", { class: "sv-mover" }, earlier, later);
  const list = el("ol", {
    class: "sv-steps",
    "data-rows": true,
    "aria-label": "Clicks that are read, oldest first",
  });
  const grid = el("table", {
    class: "sv-align",
    role: "grid",
    "aria-label": "Weights: a row for each question, a column for each click",
  });
  const corner = el("th", { scope: "col" }, "question");
  const heads = el("tr", {}, corner, el("th", { scope: "col" }, "answer"));
  const body = el("tbody");
  grid.append(el("thead", {}, heads), body);
  const box = el("div", { class: "sv-aligned" }, list, grid);
  const legend = el(
    "p",
    { class: "sv-hint sv-key" },
    el("span", {}, "weight 0", ramp(palette), "1"),
    el("span", {}, el("i", { class: "sv-swatch" }), "the click asked for"),
  );
  const counts = names.map((name) => {
    const bar = weightBar();
    return { node: el("li", { class: "sv-given" }, el("span", {}, name), bar.node), bar };
  });
  const live = sentence();
  const stops = [roving(list, ".sv-tile"), roving(grid, "td[data-t]")];
  const tilesOf = kept(list, String, newTile);
  const headsOf = kept(heads, String, (t) => ({ node: el("th", { scope: "col" }, t + 1) }), corner);
  const linesOf = kept(body, String, newLine);
  /** @type {ReturnType<typeof newTile>[]} */
  let tiles = [];
  /** @type {(ReturnType<typeof newLine> & { cells: HTMLElement[] })[]} */
  let lines = [];

  /** @param {number} t */
  function newTile(t) {
    const words = [el("span"), el("span")];
    const button = el(
      "button",
      {
        type: "button",
        class: "sv-tile",
        "data-t": t,
        tabindex: -1,
        onclick: () => put({ behavior: t }),
      },
      el("span", { class: "sv-face" }, words),
    );
    return { node: el("li", {}, button), button, words };
  }

  /** @param {number} row */
  function newLine(row) {
    const head = el("th", { scope: "row" });
    const answer = el("td", { class: "sv-answer" });
    const node = el("tr", {}, head, answer);
    /** @param {number} t */
    const newCell = (t) => ({ node: el("td", { "data-row": row, "data-t": t, tabindex: -1 }) });
    return { node, head, answer, cellsOf: kept(node, String, newCell, head) };
  }

  /** Builds the parts that a length asks for; those of both lengths stay. */
  function build() {
    const columns = [...Array(now.length).keys()];
    box.style.setProperty("--sv-count", String(now.length));
    tiles = tilesOf(columns);
    headsOf(columns);
    lines = linesOf(columns).map((line) => {
      return { ...line, cells: line.cellsOf(columns).map(({ node }) => node) };
    });
    for (const stop of stops) stop.refresh();
    touch(null);
  }

  // ---- Drawing ---------------------------------------------------------------

  function draw() {
    now = look();
    if (tiles.length !== now.length) build();
    kind.set(model.get("reader"));
    size.set(now.length);
    item.set(now.history[now.behavior] % answers.length);
    earlier.setAttribute("aria-disabled", String(now.behavior === 0));
    later.setAttribute("aria-disabled", String(now.behavior === now.length - 1));
    tiles.forEach(({ button, words }, t) => {
      namesOf(now.history[t]).forEach((name, i) => {
        setText(words[i], name);
      });
      button.setAttribute("aria-label", `Click ${t + 1}: ${titleOf(now.history[t])}`);
      button.title = titleOf(now.history[t]);
      setCurrent(button, t === now.behavior);
    });
    now.rows.forEach(drawRow);
    counts.forEach(({ bar, node }, i) => {
      const count = given(now.all[i]);
      bar.set(count, now.length);
      bar.say(`${count} of ${now.length}`);
      node.dataset.given = String(count);
    });
    speak();
  }

  /**
   * @param {ReturnType<typeof read>[number]} found
   * @param {number} row
   */
  function drawRow({ question, weights, answer, right, t: asked }, row) {
    const line = lines[row];
    setText(line.head, questions[question]);
    setText(line.answer, `${answers[answer]}, ${answer === right ? "right" : "wrong"}`);
    line.answer.classList.toggle("sv-wrong", answer !== right);
    line.cells.forEach((cell, t) => {
      const weight = weights[t];
      cell.style.backgroundColor = weight > 0 ? `rgb(${mix(weight, palette).join(" ")})` : "";
      cell.classList.toggle("sv-asked", t === asked);
      cell.dataset.weight = String(weight);
      cell.setAttribute("aria-label", `${digits(weight)}${t === asked ? ", asked for" : ""}`);
    });
  }

  // ---- Words -----------------------------------------------------------------

  function speak() {
    if (hot?.row != null) return live.say(...ofCell(hot.row, hot.t));
    if (hot) return live.say(...ofClick(hot.t));
    const on = now.rows.reduce((total, { weights, t }) => total + weights[t], 0) / now.length;
    return live.say(
      `${now.name}: ${given(now.rows)} of ${now.length} clicks are given back. `,
      `On average ${percent(on)} of the weight lies on the click asked for.`,
    );
  }

  /**
   * @param {number} row
   * @param {number} t
   * @returns {Child[]}
   */
  function ofCell(row, t) {
    const { question, weights, answer, right } = now.rows[row];
    const verdict = answer === right ? "right" : `wrong, it was ${answers[right]}`;
    return [
      el("em", {}, questions[question]),
      `? Weight ${digits(weights[t])} on click ${t + 1}, `,
      el("em", {}, titleOf(now.history[t])),
      `. The answer is ${answers[answer]}: ${verdict}.`,
    ];
  }

  /**
   * @param {number} t
   * @returns {Child[]}
   */
  function ofClick(t) {
    const row = now.rows.findIndex((one) => one.t === t);
    const { weights, answer, right } = now.rows[row];
    return [
      `Click ${t + 1} of ${now.length}, `,
      el("em", {}, titleOf(now.history[t])),
      `: asked for it, the decoder puts ${percent(weights[t])} of the weight on it and `,
      answer === right ? "gives it back." : `answers ${answers[answer]}.`,
    ];
  }

  // ---- Under the hand --------------------------------------------------------

  /** @param {typeof hot} next */
  function touch(next) {
    hot = next;
    for (const node of box.querySelectorAll(".sv-hot")) node.classList.remove("sv-hot");
    if (hot) tiles[hot.t].button.classList.add("sv-hot");
    if (hot?.row != null) lines[hot.row].cells[hot.t].classList.add("sv-hot");
    speak();
  }

  hand(list, ".sv-tile", (node) => touch(node && { row: null, t: Number(node.dataset.t) }));
  hand(grid, "td[data-t]", (node) =>
    touch(node && { row: Number(node.dataset.row), t: Number(node.dataset.t) }),
  );
  dragging(list, move);

  // ---- The card --------------------------------------------------------------

  const root = card(
    "alignment",
    model,
    [names.length > 1 ? kind.node : null, size.node, item.node, mover],
    part("Clicks and questions", "press a click, drag it elsewhere"),
    el("div", { class: "sv-align-box" }, box),
    legend,
    part("Given back", "by each reader, of these clicks"),
    el(
      "ol",
      { class: "sv-givens" },
      counts.map(({ node }) => node),
    ),
    live.node,
  );
  redraw(model, ["history", "length", "reader", "behavior"], draw);
  draw();
  host.replaceChildren(root);
}

export default { render };
