// One user through the funnel: what is retrieved, ranked, listed, and what is lost.

import { array, rowOf } from "../core/arrays.js";
import { card, part, sentence } from "../core/card.js";
import { segmented, select, slider } from "../core/controls.js";
import { el, kept } from "../core/elements.js";
import { hand, roving } from "../core/hand.js";
import { redraw, traits, writer } from "../core/model.js";
import { named, sign } from "../core/signs.js";
import { fixed, plural } from "../core/words.js";
import { stages } from "./stages.js";

/** @import { Encoded } from "../core/arrays.js" */
/** @import { Child } from "../core/elements.js" */
/** @import { Host } from "../core/model.js" */
/** @import { Candidate } from "./stages.js" */

/**
 * @typedef {object} State
 * @property {number} user
 * @property {number} ranker
 * @property {number} n items of an interest
 * @property {number} m how many the ranker keeps
 * @property {number} size of the list
 * @property {number} diversity_weight
 * @property {string[]} titles
 * @property {string[]} kinds
 * @property {Encoded} categories [N] places in `kinds`
 * @property {Encoded} items [U, K * n] places in `titles`, -1: nothing found
 * @property {Encoded} retrieval [U, K * n]
 * @property {Encoded} scores [R * U, K * n]
 * @property {number[][]} truths places in `titles`, of each user
 * @property {string[]} rankers
 * @property {string[]} users
 * @property {number} interests K
 * @property {number} most the largest n
 * @property {number} widest the largest M
 * @property {number[]} sizes of the list
 * @property {number} largest λ of the slider
 * @property {number} catalog N, all items
 */

const STEPS = 100; // of λ's slider
const STAGES = ["retrieved", "ranked", "listed"];

/**
 * The place of each item, from 1.
 * @param {Candidate[]} list
 */
const placesIn = (list) => new Map(list.map(({ item }, place) => [item, place + 1]));

/** @param {Host<State>} host */
function render({ model, el: host }) {
  const { titles, kinds, users, rankers, sizes, largest, most, truths } = traits(model);
  const categories = array(model.get("categories")).data;
  const items = array(model.get("items"));
  const retrieval = array(model.get("retrieval"));
  const scores = array(model.get("scores"));
  /** @type {number | null} the item under the hand */
  let hot = null;

  const put = writer(model);

  // ---- State -----------------------------------------------------------------

  function look() {
    const user = model.get("user");
    const widths = {
      n: model.get("n"),
      m: model.get("m"),
      size: model.get("size"),
      weight: model.get("diversity_weight"),
    };
    const finds = {
      items: rowOf(items, user),
      retrieval: rowOf(retrieval, user),
      scores: rowOf(scores, model.get("ranker") * users.length + user),
      each: most,
    };
    const found = stages(finds, categories, widths);
    const wanted = truths[user];
    const lists = [found.retrieved, found.ranked, found.listed];
    const stops = lists.map(placesIn);
    return {
      user,
      ...widths,
      ...found,
      lists,
      wanted,
      /** @param {number} item */
      way: (item) => stops.map((places) => places.get(item) ?? 0),
      inOrder: placesIn(found.order),
      true: new Set(wanted),
    };
  }

  let now = look(); // what is drawn

  /**
   * The recall of a perfect ranker behind a stage.
   * @param {number} there true items that it leaves
   */
  const ceiling = (there) => Math.min(there, now.size) / now.wanted.length;

  // ---- Parts -----------------------------------------------------------------

  const user = select("User", users, (row) => put({ user: row }));
  const ranker = segmented("Ranker", rankers, (row) => put({ ranker: row }));
  const size = segmented("List length L", sizes.map(String), (i) => put({ size: sizes[i] }));
  /**
   * @param {string} label
   * @param {number} max
   * @param {(value: number) => void} moved
   */
  const width = (label, max, moved) =>
    slider(label, { min: 1, max, step: 1, words: String }, moved);
  const each = width("Items of an interest n", most, (n) => put({ n }));
  const keep = width("Ranker keeps M", model.get("widest"), (m) => put({ m }));
  const dial = slider(
    "Diversity weight λ",
    {
      min: 0,
      max: STEPS,
      step: 1,
      words: (weight) => String(Number(weight.toPrecision(3))),
      to: (place) => Number(((place * largest) / STEPS).toPrecision(9)),
      from: (weight) => Math.round((Math.min(weight, largest) / largest) * STEPS),
    },
    (weight) => put({ diversity_weight: weight }),
  );
  const rows = el("tbody");
  const heads = STAGES.map((stage) => el("th", { scope: "col" }, stage));
  const table = el(
    "table",
    { class: "sv-ways" },
    el("caption", { class: "sv-unseen" }, "Her next items and their place after each stage"),
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "clicked next"), heads)),
    rows,
  );
  const counts = STAGES.map(() => el("span"));
  const strips = ["Retrieved, in the order of retrieval", "Ranked, best first"].map((label) =>
    el("ol", { class: "sv-strip", "data-rows": true, "aria-label": label }),
  );
  const list = el("ol", { class: "sv-tiles sv-list", "data-rows": true, "aria-label": "The list" });
  const live = sentence();
  const keys = [...strips, list].map((node) => {
    hand(node, "[data-item]", (one) => touch(one && Number(one.dataset.item)));
    return roving(node, "[data-item]");
  });

  // ---- Drawing ---------------------------------------------------------------

  /**
   * Where an item is, in words, behind its name.
   * @param {Candidate} one
   * @param {(interest: number) => Child} by names an interest
   */
  const words = ({ item, interest, retrieval: near, score }, by) => {
    const [found, kept, shown] = now.way(item);
    return [
      ` (${kinds[categories[item]]})`,
      now.true.has(item) ? ", clicked next" : "",
      ": found by ",
      by(interest),
      `, number ${found} of ${now.retrieved.length} by its score ${fixed(near, 2)}; `,
      `number ${now.inOrder.get(item)} for the ranker, score ${fixed(score, 2)}; `,
      shown ? `place ${shown} of the list.` : kept ? "not in the list." : "cut after ranking.",
    ];
  };

  /** @param {Candidate} one */
  const label = (one) =>
    titles[one.item] + words(one, (interest) => `interest ${interest + 1}`).join("");

  /**
   * The attributes of what stands for an item.
   * @param {Candidate} one
   * @param {string} kind
   */
  const standsFor = ({ item }, kind) => ({
    class: kind,
    role: "img",
    tabindex: -1,
    "data-item": item,
  });

  /**
   * A mark of an item: the sign of the interest that found it, ✓ for a true one.
   * @param {Candidate} one
   */
  function mark(one) {
    const hit = now.true.has(one.item);
    const face = el(
      "span",
      standsFor(one, `sv-mark${hit ? " sv-true" : ""}`),
      sign(one.interest, 12),
      hit ? el("b", {}, "✓") : null,
    );
    return { node: el("li", {}, face), face };
  }

  /** @param {Candidate} one */
  function tile(one) {
    const place = el("small");
    const face = el(
      "span",
      standsFor(one, "sv-tile sv-candidate"),
      el(
        "span",
        { class: "sv-face" },
        el(
          "span",
          { class: "sv-top" },
          sign(one.interest, 12),
          el("span", { class: "sv-category" }, kinds[categories[one.item]]),
          now.true.has(one.item) ? el("b", {}, "✓") : null,
        ),
        el("span", { class: "sv-name" }, place, " ", titles[one.item]),
      ),
    );
    return { node: el("li", {}, face), face, place };
  }

  /** @param {Candidate} one */
  const keyOf = ({ item, interest }) => `${item} ${interest} ${now.true.has(item)}`;
  const marks = strips.map((strip) => kept(strip, keyOf, mark));
  const tiles = kept(list, keyOf, tile);

  /** Draws the marks of the two wide stages, and the list. */
  function drawStages() {
    marks.forEach((show, stage) => {
      const next = new Set(now.lists[stage + 1].map(({ item }) => item));
      show(now.lists[stage]).forEach(({ face }, place) => {
        const one = now.lists[stage][place];
        face.classList.toggle("sv-lost", !next.has(one.item));
        face.setAttribute("aria-label", label(one));
      });
    });
    tiles(now.listed).forEach(({ face, place }, i) => {
      place.textContent = String(i + 1);
      face.setAttribute("aria-label", label(now.listed[i]));
    });
  }

  function draw() {
    now = look();
    user.set(now.user);
    ranker.set(model.get("ranker"));
    each.set(now.n);
    keep.set(now.m);
    size.set(sizes.indexOf(now.size));
    dial.set(now.weight);
    drawWays();
    const active = /** @type {HTMLElement | null} */ (document.activeElement);
    const held = active && host.contains(active) ? active.dataset.item : null;
    const owner = held == null ? -1 : [...strips, list].findIndex((one) => one.contains(active));
    drawStages();
    for (const key of keys) key.refresh();
    if (owner >= 0) {
      const node = [...strips, list][owner].querySelector(`[data-item="${held}"]`);
      /** @type {HTMLElement | null} */ (node)?.focus({ preventScroll: true });
    }
    const of = [model.get("catalog"), now.retrieved.length, now.ranked.length];
    now.lists.forEach((one, stage) => {
      counts[stage].textContent = `${one.length} of ${of[stage]}`;
    });
    touch(now.retrieved.some(({ item }) => item === hot) ? hot : null);
  }

  function drawWays() {
    const ways = now.wanted.map((item) => ({ item, way: now.way(item) }));
    const cells = ways.map(({ item, way }) => {
      const lost = way.indexOf(0);
      return el(
        "tr",
        { "data-truth": item },
        el("th", { scope: "row" }, titles[item]),
        way.map((place, stage) =>
          el(
            "td",
            { class: place ? "" : "sv-out" },
            place ? String(place) : stage === lost ? "lost" : "–",
          ),
        ),
      );
    });
    const there = STAGES.map((_, stage) => ways.filter(({ way }) => way[stage]).length);
    const best = there.map((count, stage) => {
      const value = stage === 2 ? count / now.wanted.length : ceiling(count);
      return el("td", { "data-ceiling": value }, fixed(value, 2));
    });
    rows.replaceChildren(
      ...cells,
      el("tr", { class: "sv-best" }, el("th", { scope: "row" }, "best recall"), best),
    );
  }

  // ---- Words -----------------------------------------------------------------

  function speak() {
    const one = now.retrieved.find(({ item }) => item === hot);
    if (one) return live.say(el("em", {}, titles[one.item]), ...words(one, named));
    const { wanted, lists, way } = now;
    const [never, cut, out, got] = [0, 1, 2, -1].map(
      (stage) => wanted.filter((item) => way(item).indexOf(0) === stage).length,
    );
    return live.say(
      `${model.get("interests")} × ${now.n} finds are ${plural(lists[0].length, "item")}; `,
      `${lists[1].length} ranked, ${lists[2].length} listed. Of ${wanted.length} clicked next: `,
      `${never} never retrieved, ${cut} cut after ranking, ${out} left out of the list, `,
      `${got} listed.`,
    );
  }

  /** @param {number | null} item */
  function touch(item) {
    hot = item;
    for (const node of root.querySelectorAll("[data-item]")) {
      const own = Number(/** @type {HTMLElement} */ (node).dataset.item);
      node.classList.toggle("sv-hot", own === hot);
    }
    for (const row of rows.querySelectorAll("[data-truth]")) {
      const own = Number(/** @type {HTMLElement} */ (row).dataset.truth);
      row.classList.toggle("sv-hot", own === hot);
    }
    speak();
  }

  // ---- The card --------------------------------------------------------------

  const root = card(
    "funnel",
    model,
    [
      users.length > 1 ? user.node : null,
      rankers.length > 1 ? ranker.node : null,
      each.node,
      keep.node,
      sizes.length > 1 ? size.node : null,
      dial.node,
    ],
    part("What she clicked next, and its place after each stage"),
    table,
    part("Retrieved", counts[0], "sign: interest", "✓: clicked next", "dashed: cut after ranking"),
    strips[0],
    part("Ranked", counts[1], "dashed: not in the list"),
    strips[1],
    part("Listed", counts[2]),
    list,
    live.node,
  );
  redraw(model, ["user", "ranker", "n", "m", "size", "diversity_weight"], draw);
  draw();
  host.replaceChildren(root);
}

export default { render };
