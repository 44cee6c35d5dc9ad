// AttentionExplorer: a history as tiles, a heat map of the weights, one query whose
// row stands as bars under the tiles. `weigh` is the whole arithmetic.

import { array, best, maskedSoftmax } from "../core/arrays.js";
import { card, part, sentence } from "../core/card.js";
import { segmented, select, slider, toggle } from "../core/controls.js";
import { el, setCurrent } from "../core/elements.js";
import { hand, roving, under } from "../core/hand.js";
import { redraw, traits, writer } from "../core/model.js";
import { mix, ramp } from "../core/scale.js";
import { numbered, weightBar } from "../core/tiles.js";
import { digits, percent } from "../core/words.js";

/** @import { Encoded, Numbers } from "../core/arrays.js" */
/** @import { Track } from "../core/controls.js" */
/** @import { Child } from "../core/elements.js" */
/** @import { Part } from "../core/hand.js" */
/** @import { Host } from "../core/model.js" */

/**
 * @typedef {object} State
 * @property {number} user
 * @property {number} head
 * @property {number} query
 * @property {number} temperature
 * @property {boolean} causal
 * @property {boolean} padding whether padding is masked as a key
 * @property {boolean} query_mask whether padding is masked as a query
 * @property {Encoded} scores [U, H, Q, T]
 * @property {number} scale what the scores are multiplied by
 * @property {string[][]} titles [U][T]
 * @property {string[][] | null} queries [U][Q]; null: the behaviors ask themselves
 * @property {number[][] | null} mask [U][T], 1 for real; null: all are
 * @property {string[]} heads
 * @property {string} head_label
 * @property {string[]} users
 * @property {string[]} palette
 */

/**
 * Weights [Q][T] of one head: softmax of scale * score / temperature, masked.
 * @param {{ scores: Numbers[], readable: boolean[][], scale: number,
 *   temperature: number }} one
 */
function weigh({ scores, readable, scale, temperature }) {
  return scores.map((row, q) =>
    maskedSoftmax(
      Float64Array.from(row, (score) => (score * scale) / temperature),
      readable[q],
    ),
  );
}

/**
 * The color of a weight's share of the largest; none for exactly 0.
 * @param {number} share
 * @param {string[]} palette
 */
const tint = (share, palette) => (share > 0 ? `rgb(${mix(share, palette).join(" ")})` : "");

/**
 * A positive number from `least` to `most`, in steps of equal ratio.
 * @param {number} least
 * @param {number} most
 * @returns {Track}
 */
const byRatio = (least, most) => ({
  min: Math.log10(least),
  max: Math.log10(most),
  step: 0.05,
  to: (place) => Number((10 ** place).toPrecision(2)),
  from: Math.log10,
});

/** @param {Host<State>} host */
function render({ model, el: host }) {
  const { shape, data } = array(model.get("scores"));
  const [, , Q, T] = shape;
  const own = model.get("queries") == null; // the behaviors ask themselves
  const { mask, palette, heads, users } = traits(model);
  const gaps = Boolean(mask?.some((row) => row.some((real) => !real)));
  /** @type {{ q: number | null, k: number } | null} what is under the hand */
  let hot = null;

  const put = writer(model);

  // ---- State -----------------------------------------------------------------

  function look() {
    const user = model.get("user");
    const head = model.get("head");
    const start = (user * heads.length + head) * Q * T;
    const scores = Array.from({ length: Q }, (_, q) =>
      data.subarray(start + q * T, start + (q + 1) * T),
    );
    const real = Array.from({ length: T }, (_, t) => (mask ? Boolean(mask[user][t]) : true));
    /**
     * @param {number} q
     * @param {number} k
     */
    const why = (q, k) =>
      [
        model.get("padding") && !real[k] && "padding mask",
        own && model.get("causal") && k > q && "causal mask",
        own && model.get("query_mask") && !real[q] && "query mask",
      ].filter(Boolean);
    const readable = scores.map((_, q) => real.map((_, k) => !why(q, k).length));
    const keys = model.get("titles")[user].map((title, t) => (real[t] ? title : "padding"));
    const scale = model.get("scale");
    const temperature = model.get("temperature");
    return {
      user,
      head,
      real,
      why,
      readable,
      keys,
      scale,
      scores,
      query: model.get("query"),
      asking: model.get("queries")?.[user] ?? keys,
      weights: weigh({ scores, readable, scale, temperature }),
    };
  }

  let now = look(); // what is drawn

  // ---- Parts -----------------------------------------------------------------

  const user = select("User", users, (row) => {
    const latest = Math.max(mask ? mask[row].lastIndexOf(1) : 0, 0) || T - 1;
    put({ user: row, query: own ? latest : model.get("query") });
  });
  const head = segmented(model.get("head_label"), heads, (index) => put({ head: index }));
  const heat = slider("Temperature τ", byRatio(0.01, 100), (value) => put({ temperature: value }));
  const flips = [
    { name: /** @type {const} */ ("causal"), label: "Causal mask", there: own && T > 1 },
    { name: /** @type {const} */ ("padding"), label: "Padding mask", there: gaps },
    { name: /** @type {const} */ ("query_mask"), label: "Query mask", there: own && gaps },
  ]
    .filter(({ there }) => there)
    .map(({ name, label }) => ({ name, ...toggle(label, (on) => put({ [name]: on })) }));
  const scale = el("span");
  const asks = el("ol", {
    class: "sv-tiles sv-asking",
    "data-rows": true,
    "aria-label": "Queries",
  });
  const list = el("ol", {
    class: "sv-tiles sv-keys",
    "data-rows": true,
    "aria-label": "History, oldest behavior first",
  });
  const grid = el("table", {
    class: "sv-heat",
    role: "grid",
    style: `--sv-count:${T}`,
    "aria-label": "Weights: a row for each query, a column for each key",
  });
  const most = el("span");
  const legend = el(
    "p",
    { class: "sv-hint sv-key" },
    el("span", {}, "weight 0", ramp(palette), most),
    el("span", {}, el("i", { class: "sv-swatch sv-masked" }), "masked"),
    el("span", {}, el("i", { class: "sv-swatch" }), "exactly 0"),
  );
  const live = sentence();
  const stops = [roving(list, ".sv-tile"), roving(asks, ".sv-tile"), roving(grid, "td")];
  /** @type {{ node: HTMLElement, bar: ReturnType<typeof weightBar>, note: HTMLElement }[]} */
  let tiles = [];
  /** @type {HTMLElement[]} */
  let asked = [];
  /** @type {HTMLElement[][]} */
  let cells = [];
  /** @type {HTMLElement[]} */
  let rows = [];

  /** Builds the parts that belong to a user. */
  function build() {
    tiles = now.keys.map((title, k) => {
      const bar = weightBar();
      const note = el("span", { class: "sv-mark" });
      const kind = own ? { type: "button", onclick: () => put({ query: k }) } : { role: "img" };
      const attributes = {
        class: `sv-tile${now.real[k] ? "" : " sv-padding"}`,
        "data-k": k,
        title,
        tabindex: -1,
        ...kind,
      };
      const node = el(own ? "button" : "span", attributes, numbered(k, title, note), bar.node);
      return { node, bar, note };
    });
    list.replaceChildren(...tiles.map(({ node }) => el("li", {}, node)));
    asked = own
      ? []
      : now.asking.map((title, q) => {
          const attributes = { class: "sv-tile sv-candidate", "data-q": q, title, tabindex: -1 };
          const onclick = () => put({ query: q });
          return el("button", { type: "button", onclick, ...attributes }, numbered(q, title));
        });
    asks.replaceChildren(...asked.map((node) => el("li", {}, node)));
    cells = now.asking.map((_, q) =>
      now.keys.map((_, k) => el("td", { "data-q": q, "data-k": k, tabindex: -1 })),
    );
    rows = now.asking.map((title, q) =>
      el(
        "tr",
        { "data-q": q },
        el("th", { scope: "row", title }, el("span", {}, `${q + 1} ${title}`)),
        cells[q],
      ),
    );
    const names = now.keys.map((title, k) =>
      el("th", { scope: "col", title, "aria-label": `${k + 1} ${title}` }, k + 1),
    );
    grid.replaceChildren(
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "query ↓ key →"), names)),
      el("tbody", {}, rows),
    );
    for (const stop of stops) stop.refresh();
  }

  // ---- Drawing ---------------------------------------------------------------

  function draw() {
    const next = look();
    const isNew = !tiles.length || next.user !== now.user;
    now = next;
    if (isNew) build();
    user.set(now.user);
    head.set(now.head);
    heat.set(model.get("temperature"));
    for (const flip of flips) flip.set(model.get(flip.name));
    drawRow();
    drawGrid();
    speak();
  }

  function drawRow() {
    const { query, weights, asking, keys } = now;
    const full = Math.max(...weights[query]);
    scale.textContent = full ? `a full bar is a weight of ${digits(full)}` : "every weight is 0";
    tiles.forEach(({ node, bar, note }, k) => {
      const weight = weights[query][k];
      const masked = !now.readable[query][k];
      const here = own && k === query;
      bar.node.classList.toggle("sv-masked", masked);
      bar.set(weight, full);
      note.textContent = here ? "q" : "";
      setCurrent(node, here);
      const words = [
        `${k + 1} of ${T}: ${keys[k]}`,
        masked ? "masked" : `weight ${digits(weight)}`,
        here && "the query",
      ];
      node.setAttribute("aria-label", words.filter(Boolean).join(", "));
    });
    asked.forEach((node, q) => {
      setCurrent(node, q === query);
      node.setAttribute("aria-label", `Query ${q + 1} of ${Q}: ${asking[q]}`);
    });
  }

  function drawGrid() {
    const top = Math.max(...now.weights.map((row) => Math.max(...row)));
    most.textContent = digits(top);
    cells.forEach((row, q) => {
      rows[q].classList.toggle("sv-chosen", q === now.query);
      row.forEach((cell, k) => {
        const weight = now.weights[q][k];
        const masked = !now.readable[q][k];
        cell.classList.toggle("sv-masked", masked);
        cell.style.backgroundColor = masked ? "" : tint(weight / (top || 1), palette);
        cell.dataset.weight = String(weight);
        cell.setAttribute("aria-label", masked ? "masked" : digits(weight));
      });
    });
  }

  // ---- Words -----------------------------------------------------------------

  function speak() {
    const { query, weights, asking, keys, real } = now;
    if (hot) {
      const { k } = hot;
      const q = hot.q ?? query;
      const why = now.why(q, k);
      const weight = why.length
        ? `masked (${why.join(", ")}), weight 0`
        : `weight ${digits(weights[q][k])}`;
      const score = digits(now.scores[q][k] * now.scale);
      const names = ["Query ", el("em", {}, asking[q]), " on ", el("em", {}, keys[k])];
      return live.say(...names, `: ${weight}; the score is ${score}.`);
    }
    const row = weights[query];
    const shown = best(row, 3, (k) => row[k] > 0 && real[k]);
    /** @type {Child[]} */
    const words = ["Query ", el("em", {}, asking[query]), ": "];
    shown.forEach(([k, weight], i) => {
      const between = i === shown.length - 1 ? " and " : ", ";
      words.push(i ? between : "", `${percent(weight)} on `, el("em", {}, keys[k]));
    });
    const lost = row.reduce((total, weight, k) => total + (real[k] ? 0 : weight), 0);
    if (lost) words.push(`${shown.length ? "; " : ""}${percent(lost)} on padding`);
    if (!shown.length && !lost) words.push("nothing to read, every weight is 0");
    return live.say(...words, ".");
  }

  // ---- Under the hand --------------------------------------------------------

  /** @param {typeof hot} next */
  function touch(next) {
    hot = next;
    for (const node of root.querySelectorAll(".sv-hot")) node.classList.remove("sv-hot");
    if (hot) {
      tiles[hot.k].node.classList.add("sv-hot");
      cells[hot.q ?? now.query][hot.k].classList.add("sv-hot");
    }
    speak();
  }

  /**
   * @param {Part} node
   * @param {"q" | "k"} axis
   */
  const place = (node, axis) => Number(node.dataset[axis]);
  hand(list, ".sv-tile", (node) => touch(node && { q: null, k: place(node, "k") }));
  hand(grid, "td", (node) => touch(node && { q: place(node, "q"), k: place(node, "k") }));
  grid.addEventListener("click", (event) => {
    const row = under(event, "tbody tr");
    if (row) put({ query: place(row, "q") });
  });
  grid.addEventListener("focusin", (event) => {
    const cell = under(event, "td");
    if (cell && place(cell, "q") !== model.get("query")) put({ query: place(cell, "q") });
  });

  // ---- The card --------------------------------------------------------------

  const controls = [
    users.length > 1 ? user.node : null,
    heads.length > 1 ? head.node : null,
    heat.node,
    ...flips.map(({ node }) => node),
  ];
  const press = own ? "press a tile to make it the query" : null;
  const root = card(
    "attention",
    model,
    controls,
    el(
      "div",
      { class: "sv-halves sv-stays" },
      el(
        "div",
        {},
        own ? null : [part("Query", "press one"), asks],
        part(own ? "History" : "History, the keys", press, scale),
        list,
      ),
      el(
        "div",
        {},
        part("All weights", "pick a row: a click or the arrow keys"),
        el("div", { class: "sv-scroll" }, grid),
        legend,
      ),
    ),
    live.node,
  );
  redraw(model, ["user", "head", "query", "temperature", "causal", "padding", "query_mask"], draw);
  draw();
  host.replaceChildren(root);
}

export default { render };
