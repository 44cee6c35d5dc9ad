// DiversityExplorer: one user's candidates and the list that a weight makes of them.

import { array, rowOf } from "../core/arrays.js";
import { card, part, sentence } from "../core/card.js";
import { segmented, select, slider } from "../core/controls.js";
import { el } from "../core/elements.js";
import { greedy, meanScore, rank, variety } from "../core/greedy.js";
import { hand, roving } from "../core/hand.js";
import { redraw, traits, writer } from "../core/model.js";
import { named, sign } from "../core/signs.js";
import { weightBar } from "../core/tiles.js";
import { fixed, percent, plural } from "../core/words.js";
import { plot } from "./plot.js";

/** @import { Encoded } from "../core/arrays.js" */
/** @import { Child } from "../core/elements.js" */
/** @import { Host } from "../core/model.js" */
/** @import { Pick } from "../core/greedy.js" */
/** @import { Pair } from "./plot.js" */

/**
 * @typedef {object} State
 * @property {number} user
 * @property {number} n the length of the list
 * @property {number} diversity_weight
 * @property {string[]} titles
 * @property {Encoded} items [U, M] places in `titles`, -1: no candidate
 * @property {string[]} kinds
 * @property {Encoded} categories [U, M] places in `kinds`
 * @property {Encoded} scores [U, M]
 * @property {Encoded | null} interests [U, M], -1 for none
 * @property {Encoded | null} relevant [U, M], 1 for clicked next
 * @property {Record<string, [number, number, number][]>} curves n to weight, recall,
 *   diversity
 * @property {string} curve_label
 * @property {number[]} lengths
 * @property {string[]} users
 * @property {number} largest weight of the slider
 */

/**
 * What no weight changes about a user.
 * @typedef {object} About
 * @property {ArrayLike<number>} scores
 * @property {ArrayLike<number>} categories -1: no candidate
 * @property {number[]} order columns by score
 * @property {Record<number, number>} places of a column within its category
 * @property {Record<number, string>} letters of a category
 * @property {number} most the highest score
 * @property {number} least the lowest score
 * @property {Record<number, Pair[]>} paths by n
 */

const STEPS = 100; // of the slider

/**
 * A, B, ..., Z, AA, AB, ...
 * @param {number} place
 * @returns {string}
 */
function letterOf(place) {
  const first = place < 26 ? "" : letterOf(Math.floor(place / 26) - 1);
  return first + String.fromCharCode(65 + (place % 26));
}

/**
 * λ in words, three significant digits.
 * @param {number} weight
 */
const short = (weight) => String(Number(weight.toPrecision(3)));

/** @param {Host<State>} host */
function render({ model, el: host }) {
  const { titles, kinds, users, lengths, largest, curves, curve_label: owner } = traits(model);
  /** @param {Encoded | null} encoded */
  const table = (encoded) => encoded && array(encoded);
  const items = array(model.get("items"));
  const scores = array(model.get("scores"));
  const categories = array(model.get("categories"));
  const interests = table(model.get("interests"));
  const relevant = table(model.get("relevant"));
  /** @type {Record<number, About>} */
  const known = {};
  /** @type {number | null} the column under the hand */
  let hot = null;
  /** @type {{ user: number | null, n: number | null }} for whom the parts were built */
  let built = { user: null, n: null };
  /** @type {Map<number, Tile>} by column */
  let tiles = new Map();

  const put = writer(model);

  // ---- State -----------------------------------------------------------------

  /**
   * @param {number} user
   * @returns {About}
   */
  function about(user) {
    if (known[user]) return known[user];
    const one = { scores: rowOf(scores, user), categories: rowOf(categories, user) };
    const { order, places } = rank(one);
    /** @type {Record<number, string>} */
    const letters = {};
    for (const i of order) {
      letters[one.categories[i]] ??= letterOf(Object.keys(letters).length);
    }
    const real = order.map((i) => one.scores[i]);
    const [most, least] = [Math.max(...real), Math.min(...real)];
    known[user] = { ...one, order, places, letters, most, least, paths: {} };
    return known[user];
  }

  // Decimals that tell the scores apart.
  const span = Math.max(...users.map((_, user) => about(user).most - about(user).least));
  const decimals = Math.min(5, Math.max(2, 2 - Math.floor(Math.log10(span || 1))));
  /** @param {number} x */
  const plain = (x) => fixed(x, decimals);

  function look() {
    const user = model.get("user");
    const n = model.get("n");
    const weight = model.get("diversity_weight");
    const data = about(user);
    const picks = greedy(data, n, weight);
    const hits = relevant && rowOf(relevant, user);
    return {
      user,
      n,
      weight,
      data,
      picks,
      plain: new Set(data.order.slice(0, n)),
      ideal: meanScore(greedy(data, n, 0)),
      mean: meanScore(picks),
      share: variety(picks),
      count: new Set(picks.map(({ column }) => data.categories[column])).size,
      /** @param {number} column */
      hit: (column) => Boolean(hits?.[column]),
      /** @param {number} column */
      title: (column) => titles[rowOf(items, user)[column]],
      /** @param {number} column */
      kind: (column) => kinds[data.categories[column]],
      /** @param {number} column */
      letter: (column) => data.letters[data.categories[column]],
      /** @param {number} column */
      interest: (column) => (interests ? rowOf(interests, user)[column] : -1),
    };
  }

  let now = look(); // what is drawn

  /** The user's own line: diversity in percent and mean score, by rising weight. */
  function ownPath() {
    const { data, n } = now;
    const weights = Array.from({ length: STEPS + 1 }, (_, i) => (i * largest) / STEPS);
    // From here on a place counts more than any difference of scores.
    weights.push(2 * (data.most - data.least) + largest);
    data.paths[n] ??= weights.map((weight) => {
      const picks = greedy(data, n, weight);
      return [100 * variety(picks), meanScore(picks)];
    });
    return data.paths[n];
  }

  /** Recall and diversity of all users at the weight, by straight lines; null: unknown. */
  function average() {
    const { n, weight } = now;
    const points = curves[n];
    if (!points) return null;
    const next = points.findIndex(([at]) => at >= weight);
    const past = next < 0;
    const [a, b] = [points[Math.max(next, 1) - 1], points[next]];
    if (past || next === 0) {
      const [, recall, diversity] = points[past ? points.length - 1 : 0];
      return { past, recall, diversity };
    }
    const share = (weight - a[0]) / (b[0] - a[0]);
    const [recall, diversity] = [1, 2].map((i) => a[i] + share * (b[i] - a[i]));
    return { past, recall, diversity };
  }

  // ---- Parts -----------------------------------------------------------------

  const user = select("User", users, (row) => put({ user: row }));
  const size = segmented("List length n", lengths.map(String), (index) =>
    put({ n: lengths[index] }),
  );
  const dial = slider(
    "Diversity weight λ",
    {
      min: 0,
      max: STEPS,
      step: 1,
      words: short,
      to: (place) => Number(((place * largest) / STEPS).toPrecision(9)),
      from: (weight) => Math.round((Math.min(weight, largest) / largest) * STEPS),
    },
    (weight) => put({ diversity_weight: weight }),
  );
  const list = el("ol", {
    class: "sv-tiles sv-list",
    "data-rows": true,
    "aria-label": "The list, in the order of choosing",
  });
  const keys = roving(list, ".sv-tile");
  const shaded = el("span");
  const all = { ...plot(), says: el("span") };
  const own = { ...plot(), says: el("span") };
  const everyone = el("div", {}, part(owner, all.says), all.node);
  const live = sentence();
  hand(list, ".sv-tile", (node) => touch(node && Number(node.dataset.column)));

  /** @typedef {ReturnType<typeof make>} Tile */

  /** @param {number} column */
  function make(column) {
    const k = now.interest(column);
    const bar = weightBar();
    const place = el("small");
    const [score, gain] = [el("b"), el("b")];
    const letter = el("b", {}, now.letter(column));
    const top = el(
      "span",
      { class: "sv-top" },
      el("span", { class: "sv-category" }, letter, " ", now.kind(column)),
      now.hit(column) ? el("span", {}, "✓") : null,
    );
    const tile = el(
      "span",
      {
        class: "sv-tile sv-candidate",
        role: "img",
        tabindex: -1,
        "data-column": column,
        title: `${now.title(column)} (${now.kind(column)})`,
      },
      el(
        "span",
        { class: "sv-face" },
        top,
        el("span", { class: "sv-name" }, place, " ", now.title(column)),
      ),
      bar.node,
      el(
        "span",
        { class: "sv-sum" },
        el("span", {}, k < 0 ? null : [sign(k, 12), " "], "score"),
        score,
      ),
      el("span", { class: "sv-sum" }, "gain", gain),
    );
    const { most, least } = now.data;
    bar.set(now.data.scores[column], Math.max(most, 0), Math.min(least, 0));
    score.textContent = plain(now.data.scores[column]);
    return { node: el("li", {}, tile), tile, place, gain };
  }

  // ---- Drawing ---------------------------------------------------------------

  function draw() {
    now = look();
    user.set(now.user);
    size.set(lengths.indexOf(now.n));
    dial.set(now.weight);
    if (!now.picks.some(({ column }) => column === hot)) hot = null;
    drawList();
    drawPlots();
    speak();
    built = { user: now.user, n: now.n };
  }

  function drawList() {
    const same = built.user === now.user;
    if (!same) tiles = new Map();
    const rows = now.picks.map((pick, p) => {
      const tile = tiles.get(pick.column) ?? make(pick.column);
      tiles.set(pick.column, tile);
      tile.place.textContent = String(p + 1);
      tile.gain.textContent = plain(pick.gain);
      tile.tile.dataset.score = String(pick.score);
      tile.tile.dataset.gain = String(pick.gain);
      tile.tile.classList.toggle("sv-brought", !now.plain.has(pick.column));
      tile.tile.setAttribute("aria-label", el("span", {}, words(pick, p)).textContent ?? "");
      return tile.node;
    });
    const stood = [...list.children];
    // To ask where a tile is lays the page out: only when one has moved.
    if (rows.length !== stood.length || rows.some((node, p) => node !== stood[p])) {
      const before = new Map(stood.map((node) => [node, node.getBoundingClientRect()]));
      const focused = /** @type {HTMLElement | null} */ (document.activeElement);
      const held = focused && list.contains(focused);
      list.replaceChildren(...rows);
      if (held && focused.isConnected) focused.focus({ preventScroll: true });
      if (same) slide(before);
    }
    keys.refresh();
    shaded.textContent = `shaded: not among the ${plural(now.n, "best score")}`;
  }

  /**
   * Moves each tile from where it was to where it is.
   * @param {Map<Element, DOMRect>} before
   */
  function slide(before) {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    for (const node of list.children) {
      for (const one of node.getAnimations()) one.cancel();
      const from = before.get(node);
      const to = node.getBoundingClientRect();
      const [dx, dy] = from ? [from.left - to.left, from.top - to.top] : [0, 0];
      if (from && !dx && !dy) continue;
      const way = from
        ? [{ transform: `translate(${dx}px, ${dy}px)` }, { transform: "none" }]
        : [{ opacity: 0 }, { opacity: 1 }];
      node.animate(way, { duration: 200, easing: "ease-out" });
    }
  }

  function drawPlots() {
    const points = curves[now.n];
    everyone.hidden = !points;
    const axis = `Diversity@${now.n}, %`;
    if (points && built.n !== now.n) {
      const ends = [points[0], points[points.length - 1]].map(([at]) => `λ = ${short(at)}`);
      all.build({
        label: `${owner}: recall over diversity for lists of ${now.n}, from ${ends[0]} to ${ends[1]}`,
        axes: [axis, `Recall@${now.n}, %`],
        dots: points.length <= 30,
        points: points.map(([, recall, diversity]) => [100 * diversity, 100 * recall]),
        ends: [ends[0], ends[1]],
      });
    }
    const mean = average();
    if (mean) {
      all.move([100 * mean.diversity, 100 * mean.recall]);
      all.says.textContent = mean.past ? "the end of the curve" : `at λ = ${short(now.weight)}`;
    }
    if (built.n !== now.n || built.user !== now.user) {
      own.build({
        label: `${users[now.user]}: mean score over diversity for lists of ${now.n}, from λ = 0 to a large λ`,
        axes: [axis, "mean score"],
        points: ownPath(),
        ends: ["λ = 0", "large λ"],
      });
    }
    own.move([100 * now.share, now.mean]);
    own.says.textContent = `at λ = ${short(now.weight)}`;
  }

  // ---- Words -----------------------------------------------------------------

  /**
   * One pick, its score and how its gain came about.
   * @param {Pick} pick
   * @param {number} p its place in the list
   * @returns {Child[]}
   */
  function words({ column, score, others, gain }, p) {
    const k = now.interest(column);
    return [
      `Pick ${p + 1} of ${now.n}: `,
      el("em", {}, now.title(column)),
      `, category ${now.letter(column)} ${now.kind(column)}`,
      ...(k < 0 ? [] : [", found by ", named(k)]),
      now.hit(column) ? ", clicked next" : "",
      `. Score ${plain(score)}, number ${now.data.order.indexOf(column) + 1} by score. `,
      `Chosen before it from other categories: ${others}, so its gain is `,
      `${plain(score)} + ${short(now.weight)} × ${others} = ${plain(gain)}.`,
    ];
  }

  function speak() {
    if (hot != null) {
      const p = now.picks.findIndex(({ column }) => column === hot);
      return live.say(...words(now.picks[p], p));
    }
    const { n, weight, count, share, mean, ideal, picks } = now;
    const parts = [
      `λ = ${short(weight)}: ${plural(count, "category", "categories")} in the list of ${n}, `,
      `${percent(share)} of its pairs differ. The mean score is ${plain(mean)}`,
      weight ? `, that of the best scores ${plain(ideal)}.` : ".",
    ];
    const hits = picks.filter(({ column }) => now.hit(column)).length;
    if (relevant) parts.push(` Clicked next: ${hits} of ${n}.`);
    const point = average();
    if (point) {
      const { recall, diversity } = point;
      parts.push(` ${owner}: recall ${percent(recall)}, diversity ${percent(diversity)}.`);
    }
    return live.say(...parts);
  }

  // ---- Under the hand --------------------------------------------------------

  /** @param {number | null} column */
  function touch(column) {
    hot = column;
    for (const [other, { tile }] of tiles) tile.classList.toggle("sv-hot", other === hot);
    speak();
  }

  // ---- The card --------------------------------------------------------------

  const both = Object.keys(curves).length > 0;
  const root = card(
    "diversity",
    model,
    [users.length > 1 ? user.node : null, lengths.length > 1 ? size.node : null, dial.node],
    part(
      "The list",
      "letter: category",
      interests && "sign: interest",
      relevant && "✓: clicked next",
      shaded,
    ),
    list,
    el(
      "div",
      { class: both ? "sv-halves" : "" },
      el("div", {}, part("This user", own.says), own.node),
      everyone,
    ),
    live.node,
  );
  redraw(model, ["user", "n", "diversity_weight"], draw);
  // A first drawing outside the page would measure nothing: there is none to slide.
  draw();
  host.replaceChildren(root);
}

export default { render };
