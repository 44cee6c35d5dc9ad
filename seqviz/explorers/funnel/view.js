// One user through the funnel: what is retrieved, ranked, listed, and what is lost.

import { array, rowOf } from "../core/arrays.js";
import { card, part, sentence } from "../core/card.js";
import { segmented, select, slider } from "../core/controls.js";
import { el, kept, setText } from "../core/elements.js";
import { hand, roving } from "../core/hand.js";
import { redraw, traits, writer } from "../core/model.js";
import { named, setSign, sign } from "../core/signs.js";
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
  const ceilings = STAGES.map(() => el("td"));
  const best = el("tr", { class: "sv-best" }, el("th", { scope: "row" }, "best recall"), ceilings);
  const rows = el("tbody", {}, best);
  const ways = kept(rows, String, newWay);
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
   * What stands for an item at a place: its interest's sign, ✓ for a true one. Another
   * user's item finds it there.
   * @param {string} kind
   */
  function standIn(kind) {
    const picture = sign(0, 12);
    const tick = el("b", { hidden: true }, "✓");
    const face = el("span", { class: kind, role: "img", tabindex: -1 });
    let shown = 0; // the interest of the sign
    return {
      node: el("li", {}, face),
      face,
      picture,
      tick,
      /** @param {Candidate} one */
      draw(one) {
        if (shown !== one.interest) setSign(picture, one.interest);
        shown = one.interest;
        const hit = now.true.has(one.item);
        if (tick.hidden === hit) tick.hidden = !hit;
        face.classList.toggle("sv-true", hit);
        face.dataset.item = String(one.item);
        face.setAttribute("aria-label", label(one));
      },
    };
  }

  function newMark() {
    const mark = standIn("sv-mark");
    mark.face.append(mark.picture, mark.tick);
    return mark;
  }

  /** @param {number} place */
  function newTile(place) {
    const { node, face, picture, tick, draw } = standIn("sv-tile sv-candidate");
    const category = el("span", { class: "sv-category" });
    const name = el("span");
    face.append(
      el(
        "span",
        { class: "sv-face" },
        el("span", { class: "sv-top" }, picture, category, tick),
        el("span", { class: "sv-name" }, el("small", {}, place + 1), " ", name),
      ),
    );
    return {
      node,
      /** @param {Candidate} one */
      draw(one) {
        draw(one);
        setText(category, kinds[categories[one.item]]);
        setText(name, titles[one.item]);
      },
    };
  }

  const marks = strips.map((strip) => kept(strip, String, newMark));
  const tiles = kept(list, String, newTile);

  /** Draws the marks of the two wide stages, and the list. */
  function drawStages() {
    marks.forEach((show, stage) => {
      const next = new Set(now.lists[stage + 1].map(({ item }) => item));
      show([...now.lists[stage].keys()]).forEach((mark, place) => {
        const one = now.lists[stage][place];
        mark.draw(one);
        mark.face.classList.toggle("sv-lost", !next.has(one.item));
      });
    });
    tiles([...now.listed.keys()]).forEach((tile, place) => {
      tile.draw(now.listed[place]);
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

  function newWay() {
    const name = el("th", { scope: "row" });
    const cells = STAGES.map(() => el("td"));
    return { node: el("tr", {}, name, cells), name, cells };
  }

  function drawWays() {
    const all = now.wanted.map((item) => now.way(item));
    ways([...all.keys()]).forEach(({ node, name, cells }, n) => {
      const lost = all[n].indexOf(0);
      node.dataset.truth = String(now.wanted[n]);
      setText(name, titles[now.wanted[n]]);
      cells.forEach((cell, stage) => {
        const place = all[n][stage];
        cell.classList.toggle("sv-out", !place);
        setText(cell, place ? String(place) : stage === lost ? "lost" : "–");
      });
    });
    ceilings.forEach((cell, stage) => {
      const there = all.filter((way) => way[stage]).length;
      const value = stage === 2 ? there / now.wanted.length : ceiling(there);
      cell.dataset.ceiling = String(value);
      setText(cell, fixed(value, 2));
    });
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
