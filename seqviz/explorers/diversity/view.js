// DiversityExplorer: one user's candidates and the list that a weight makes of them.

import { array, rowOf } from "../core/arrays.js";
import { card, part, sentence } from "../core/card.js";
import { segmented, select, slider } from "../core/controls.js";
import { el, kept } from "../core/elements.js";
import { greedy, meanScore, rank, variety } from "../core/greedy.js";
import { hand, roving } from "../core/hand.js";
import { redraw, traits, writer } from "../core/model.js";
import { named, sign } from "../core/signs.js";
import { weightBar } from "../core/tiles.js";
import { fixed, percent, plural } from "../core/words.js";
import { plot } from "./plot.js";

/** @import { Encoded } from "../core/arrays.js" */
/** @import { Part } from "../core/hand.js" */
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

/** How a title and an interest are written where a screen reader alone reads them. */
const PLAIN = {
  /** @param {string} title */
  title: (title) => title,
  /** @param {number} k */
  interest: (k) => `interest ${k + 1}`,
};

/** How they are written in the sentence. */
const MARKED = {
  /** @param {string} title */
  title: (title) => el("em", {}, title),
  /** @param {number} k */
  interest: (k) => named(k),
};

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
  /** @type {{ user: number | null, n: number | null, picks: Pick[] }} what was drawn */
  let built = { user: null, n: null, picks: [] };
  /** @type {Animation[]} of tiles on their way to a new place */
  let moving = [];

  const put = writer(model);
  const calm = matchMedia("(prefers-reduced-motion: reduce)");

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
  hand(list, ".sv-tile", touch);

  /** @param {Pick} pick */
  const keyOf = ({ column }) => `${now.user} ${column}`;

  /** @param {Pick} pick */
  function make({ column }) {
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
  const tiles = kept(list, keyOf, make);

  // ---- Drawing ---------------------------------------------------------------

  function draw() {
    now = look();
    const { user: who, n, picks } = now;
    if (!picks.some(({ column }) => column === hot)) hot = null;
    /** @param {Pick[]} list */
    const columns = (list) => String(list.map(({ column }) => column));
    const moved = columns(picks) !== columns(built.picks);
    // Where a tile is, is asked before the first change and after the last: each question
    // between two changes would lay the page out once more.
    const before = built.user === who && moved && !calm.matches ? placesOf() : null;
    user.set(who);
    size.set(lengths.indexOf(n));
    dial.set(now.weight);
    drawList();
    drawPlots();
    speak();
    if (before) slide(before);
    built = { user: who, n, picks };
  }

  function drawList() {
    const focused = /** @type {HTMLElement | null} */ (document.activeElement);
    const held = focused && list.contains(focused);
    tiles(now.picks).forEach(({ tile, place, gain }, p) => {
      const pick = now.picks[p];
      place.textContent = String(p + 1);
      gain.textContent = plain(pick.gain);
      tile.dataset.score = String(pick.score);
      tile.dataset.gain = String(pick.gain);
      tile.classList.toggle("sv-brought", !now.plain.has(pick.column));
      tile.classList.toggle("sv-hot", pick.column === hot);
      tile.setAttribute("aria-label", words(pick, p, PLAIN).join(""));
    });
    // one that was moved has lost the focus
    if (held && focused.isConnected) focused.focus({ preventScroll: true });
    keys.refresh();
    shaded.textContent = `shaded: not among the ${plural(now.n, "best score")}`;
  }

  const placesOf = () =>
    new Map([...list.children].map((node) => [node, node.getBoundingClientRect()]));

  /**
   * Moves each tile from where it was to where it is.
   * @param {Map<Element, DOMRect>} before
   */
  function slide(before) {
    for (const one of moving) one.cancel();
    moving = [...placesOf()].flatMap(([node, to]) => {
      const from = before.get(node);
      const [dx, dy] = from ? [from.left - to.left, from.top - to.top] : [0, 0];
      if (from && !dx && !dy) return [];
      const way = from
        ? [{ transform: `translate(${dx}px, ${dy}px)` }, { transform: "none" }]
        : [{ opacity: 0 }, { opacity: 1 }];
      return [node.animate(way, { duration: 200, easing: "ease-out" })];
    });
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
   * @template Said
   * @param {Pick} pick
   * @param {number} p its place in the list
   * @param {{ title: (text: string) => Said, interest: (k: number) => Said }} write
   */
  function words({ column, score, others, gain }, p, write) {
    const k = now.interest(column);
    return [
      `Pick ${p + 1} of ${now.n}: `,
      write.title(now.title(column)),
      `, category ${now.letter(column)} ${now.kind(column)}`,
      ...(k < 0 ? [] : [", found by ", write.interest(k)]),
      now.hit(column) ? ", clicked next" : "",
      `. Score ${plain(score)}, number ${now.data.order.indexOf(column) + 1} by score. `,
      `Chosen before it from other categories: ${others}, so its gain is `,
      `${plain(score)} + ${short(now.weight)} × ${others} = ${plain(gain)}.`,
    ];
  }

  function speak() {
    if (hot != null) {
      const p = now.picks.findIndex(({ column }) => column === hot);
      return live.say(...words(now.picks[p], p, MARKED));
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

  /** @param {Part | null} node */
  function touch(node) {
    hot = node && Number(node.dataset.column);
    for (const tile of list.querySelectorAll(".sv-tile")) {
      tile.classList.toggle("sv-hot", tile === node);
    }
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
