// TargetExplorer: one history under several candidates, a column of tiles and bars for
// each mechanism. `weigh` is the whole arithmetic.

import { array, best, maskedSoftmax } from "../core/arrays.js";
import { card, part, sentence } from "../core/card.js";
import { segmented, select } from "../core/controls.js";
import { el, setCurrent } from "../core/elements.js";
import { hand, roving } from "../core/hand.js";
import { redraw, traits, writer } from "../core/model.js";
import { barMark, weightBar } from "../core/tiles.js";
import { digits, percent } from "../core/words.js";

/** @import { Encoded, Numbers } from "../core/arrays.js" */
/** @import { Child } from "../core/elements.js" */
/** @import { Host } from "../core/model.js" */

/**
 * @typedef {object} State
 * @property {number} user
 * @property {number} candidate
 * @property {number} temperature
 * @property {number[]} temperatures
 * @property {string[][]} histories [U][T]
 * @property {string[][]} candidates [U][M]
 * @property {string[]} names of the mechanisms
 * @property {Encoded[]} logits of each mechanism [U, M, T]
 * @property {number[][]} mask [U][T], 1 for real
 * @property {(number[][] | null)[]} answers of each mechanism [U][M]
 * @property {string} answer_label
 * @property {string[]} users
 */

/**
 * Weights [M][T] of one mechanism: softmax of logit / temperature over the real.
 * @param {{ logits: Numbers[], real: boolean[], temperature: number }} one
 */
function weigh({ logits, real, temperature }) {
  return logits.map((row) =>
    maskedSoftmax(
      Float64Array.from(row, (logit) => logit / temperature),
      real,
    ),
  );
}

/** @param {Host<State>} host */
function render({ model, el: host }) {
  const { names, users, temperatures, answer_label: label, answers } = traits(model);
  const arrays = model.get("logits").map(array);
  const M = model.get("candidates")[0].length;
  const T = model.get("histories")[0].length;
  /** @type {number | null} the candidate that was chosen last, for the marks */
  let before = null;
  /** @type {number | null} the position under the hand */
  let hot = null;

  const put = writer(model);

  // ---- State -----------------------------------------------------------------

  function look() {
    const user = model.get("user");
    const temperature = model.get("temperature");
    const real = model.get("mask")[user].map(Boolean);
    const logits = arrays.map(({ data }) =>
      Array.from({ length: M }, (_, m) =>
        data.subarray((user * M + m) * T, (user * M + m + 1) * T),
      ),
    );
    return {
      user,
      temperature,
      real,
      logits,
      candidate: model.get("candidate"),
      titles: model.get("histories")[user],
      asking: model.get("candidates")[user],
      weights: logits.map((rows) => weigh({ logits: rows, real, temperature })),
    };
  }

  let now = look(); // what is drawn

  // ---- Parts -----------------------------------------------------------------

  const user = select("User", users, (row) => put({ user: row }));
  const heat = segmented("Temperature τ", temperatures.map(String), (index) =>
    put({ temperature: temperatures[index] }),
  );
  const asks = el("ol", { class: "sv-tiles", "data-rows": true, "aria-label": "Candidates" });
  const asksKeys = roving(asks, ".sv-tile");
  const none = el("p", { class: "sv-none" }, "No behaviors yet.");
  const live = sentence();
  /** @type {HTMLElement[]} */
  let asked = [];

  /** @param {string} title */
  const face = (title) => el("span", { class: "sv-face" }, el("span", { class: "sv-name" }, title));

  /** @param {number} t */
  function tileOf(t) {
    const mark = barMark();
    const bar = weightBar(mark.node);
    const title = now.titles[t];
    const attributes = { class: "sv-tile", role: "img", "data-t": t, title, tabindex: -1 };
    return { t, node: el("span", attributes, face(title), bar.node), bar, mark };
  }

  const columns = names.map((name) => {
    const list = el("ol", {
      class: "sv-tiles sv-keys",
      "data-rows": true,
      "aria-label": `History as ${name} weighs it, oldest behavior first`,
    });
    hand(list, ".sv-tile", (node) => touch(node && Number(node.dataset.t)));
    return {
      name,
      list,
      keys: roving(list, ".sv-tile"),
      tiles: /** @type {ReturnType<typeof tileOf>[]} */ ([]),
      scale: el("span"),
      says: el("p", { class: "sv-hint" }),
    };
  });

  /** Builds the parts that belong to a user. */
  function build() {
    asked = now.asking.map((title, m) => {
      const attributes = { class: "sv-tile sv-candidate", "data-m": m, title, tabindex: -1 };
      const onclick = () => put({ candidate: m });
      return el("button", { type: "button", onclick, ...attributes }, face(title));
    });
    asks.replaceChildren(...asked.map((node) => el("li", {}, node)));
    const places = [...now.real.keys()].filter((t) => now.real[t]);
    for (const column of columns) {
      column.tiles = places.map(tileOf);
      column.list.replaceChildren(...column.tiles.map(({ node }) => el("li", {}, node)));
      column.list.hidden = !places.length;
      column.keys.refresh();
    }
    none.hidden = places.length > 0;
    asksKeys.refresh();
  }

  // ---- Drawing ---------------------------------------------------------------

  function draw() {
    const next = look();
    if (next.user !== now.user) before = null;
    else if (next.candidate !== now.candidate) before = now.candidate;
    const isNew = !asked.length || next.user !== now.user;
    now = next;
    if (isNew) build();
    user.set(now.user);
    heat.set(temperatures.indexOf(now.temperature));
    asked.forEach((node, m) => {
      setCurrent(node, m === now.candidate);
      node.setAttribute("aria-label", `Candidate ${m + 1} of ${M}: ${now.asking[m]}`);
    });
    columns.forEach(drawColumn);
    speak();
  }

  /**
   * @param {typeof columns[number]} column
   * @param {number} index of the mechanism
   */
  function drawColumn({ tiles, scale, says }, index) {
    const weights = now.weights[index];
    const row = weights[now.candidate];
    const full = Math.max(...weights.map((one) => Math.max(...one))); // one scale for all
    const bar = names.length > 2 ? "full bar:" : "a full bar is a weight of";
    scale.textContent = full ? `${bar} ${digits(full)}` : "every weight is 0";
    const answer = answers[index]?.[now.user][now.candidate];
    says.hidden = !answers.some(Boolean);
    if (answer == null) says.textContent = "\u00a0";
    else if (now.temperature === 1) says.textContent = `${label}: ${percent(answer)}`;
    else says.textContent = `${label}: known for τ = 1 only`;
    tiles.forEach(({ t, node, bar, mark }, place) => {
      bar.set(row[t], full);
      mark.set(before == null ? null : weights[before][t] / (full || 1));
      const name = `${place + 1} of ${tiles.length}: ${now.titles[t]}`;
      node.setAttribute("aria-label", `${name}, weight ${digits(row[t])}`);
    });
  }

  // ---- Words -----------------------------------------------------------------

  function speak() {
    const { candidate, asking, titles, weights, logits } = now;
    /** @type {Child[]} */
    const words = ["Candidate ", el("em", {}, asking[candidate])];
    if (hot != null) {
      const t = hot;
      words.push(" on ", el("em", {}, titles[t]), ": ");
      names.forEach((name, i) => {
        const was =
          before == null ? "" : ` (for ${asking[before]} ${digits(weights[i][before][t])})`;
        words.push(
          i ? "; " : "",
          `${name} gives it weight ${digits(weights[i][candidate][t])}${was}`,
          `, its logit is ${digits(logits[i][candidate][t])}`,
        );
      });
      return live.say(...words, ".");
    }
    words.push(": ");
    const most = names.length > 2 ? 1 : 3; // a sentence, not a paragraph
    names.forEach((name, i) => {
      const row = weights[i][candidate];
      const real = row.filter((_, t) => now.real[t]);
      const alike = real.length > 1 && Math.max(...real) - Math.min(...real) < 1e-6;
      const shown = best(row, most, (t) => row[t] > 0);
      words.push(i ? "; " : "", `${name} `);
      if (alike) words.push(`reads all ${real.length} alike`);
      else words.push(shown.length ? "reads " : "has nothing to read, every weight is 0");
      if (alike) return;
      shown.forEach(([t, weight], n) => {
        const between = n === shown.length - 1 ? " and " : ", ";
        words.push(n ? between : "", `${percent(weight)} on `, el("em", {}, titles[t]));
      });
    });
    return live.say(...words, ".");
  }

  // ---- Under the hand --------------------------------------------------------

  /** @param {number | null} t */
  function touch(t) {
    hot = t;
    for (const { tiles } of columns) {
      for (const one of tiles) one.node.classList.toggle("sv-hot", one.t === t);
    }
    speak();
  }

  // ---- The card --------------------------------------------------------------

  const root = card(
    "target",
    model,
    [users.length > 1 ? user.node : null, heat.node],
    part("Candidate", "press one"),
    asks,
    none,
    el(
      "div",
      { class: names.length > 1 ? "sv-halves" : "", "data-columns": names.length },
      columns.map(({ name, scale, says, list }) =>
        el("div", { "data-mechanism": name }, part(name, scale), says, list),
      ),
    ),
    live.node,
  );
  redraw(model, ["user", "candidate", "temperature"], draw);
  draw();
  host.replaceChildren(root);
}

export default { render };
