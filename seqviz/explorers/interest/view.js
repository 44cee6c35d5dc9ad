// InterestExplorer: one history, the weights of K interests over it, the item map,
// and what each interest retrieves.

import { array, best, maskedSoftmax, rowOf, rowsOf } from "../core/arrays.js";
import { card, part, sentence } from "../core/card.js";
import { button, segmented, select, toggle } from "../core/controls.js";
import { el, kept, newId } from "../core/elements.js";
import { hand, roving } from "../core/hand.js";
import { tile } from "../core/interest_tile.js";
import { redraw, traits, writer } from "../core/model.js";
import { compute } from "../core/pooling.js";
import { named } from "../core/signs.js";
import { behindFrame } from "../core/slices.js";
import { digits, listed, percent, plural } from "../core/words.js";
import { itemMap, itemVectors } from "./map.js";
import { match } from "./match.js";
import { interestRow } from "./row.js";

/** @import { Encoded } from "../core/arrays.js" */
/** @import { Child } from "../core/elements.js" */
/** @import { Part } from "../core/hand.js" */
/** @import { Host } from "../core/model.js" */
/** @import { EncodedVectors, ItemVectors } from "./map.js" */

/**
 * What Python answered, and to which question; `problem`, or the rest.
 * @typedef {object} Answer
 * @property {number} [user]
 * @property {number} [num_interests]
 * @property {number[]} [removed]
 * @property {string} [problem]
 * @property {number[]} [positions] of the clicks that the logits are of
 * @property {Encoded} [logits] [K, positions]
 * @property {number} [vectors] a place in the state's
 */

/**
 * @typedef {object} State
 * @property {number} user
 * @property {number} num_interests K
 * @property {number[]} removed positions that are left out
 * @property {number | null} selected the position under the hand
 * @property {Answer} answer
 * @property {string[]} users
 * @property {string[]} titles
 * @property {{ names: string[], of: number[] }} categories
 * @property {Encoded} item_ids [U, T]
 * @property {Record<number, { logits: Encoded, vectors: number }>} readings by K
 * @property {EncodedVectors[]} vectors
 * @property {{ labels: string[], of: Encoded } | null} truth
 * @property {number[]} choices of K
 * @property {boolean} asks whether Python answers
 * @property {number} num_retrieved
 * @property {boolean} exclude_history
 */

/** @typedef {{ item: number, position: number | null } | { interest: number }} Hot */

/**
 * Reads the model's arrays once; item vectors may be added by Python later.
 * @param {Host<State>["model"]} model
 */
function arrays(model) {
  const ids = array(model.get("item_ids"));
  const truth = model.get("truth");
  const causes = truth && array(truth.of);
  /** @type {Record<number, import("../core/arrays.js").Matrix>} */
  const logits = {};
  /** @type {ItemVectors[]} */
  const vectors = [];
  return {
    /** @param {number} user */
    row: (user) => rowOf(ids, user),
    /**
     * The true interest of each click, null where none are known.
     * @param {number} user
     */
    causes: (user) => causes && rowOf(causes, user),
    /**
     * @param {number} user
     * @param {number} count
     */
    logits(user, count) {
      logits[count] ??= array(model.get("readings")[count].logits);
      const { shape, data } = logits[count];
      const size = shape[1] * shape[2];
      return rowsOf({
        shape: shape.slice(1),
        data: data.subarray(user * size, (user + 1) * size),
      });
    },
    /** @param {number} place */
    vectors(place) {
      vectors[place] ??= itemVectors(model.get("vectors")[place]);
      return vectors[place];
    },
  };
}

/** @param {Host<State>} host */
function render({ model, el: host }) {
  const data = arrays(model);
  const {
    titles,
    categories: { names, of },
    truth,
    choices,
  } = traits(model);
  /** @param {number} item */
  const category = (item) => names[of[item]] ?? "";
  /** @type {Set<number>} interests */
  const hidden = new Set();
  /** @type {number | null} the interest that is shown alone */
  let solo = null;
  let showTruth = false;
  /** @type {Hot | null} what is under the hand */
  let hot = null;
  /** @type {Drawn | null} */
  let now = null;
  /** @type {ReturnType<typeof judge>} */
  let judged = null;
  /** @type {{ row: number | null, count: number | null }} for whom the parts were built */
  let built = { row: null, count: null };

  // ---- Parts -----------------------------------------------------------------

  const later = behindFrame();
  const put = writer(model);
  const user = select("User", model.get("users"), (row) =>
    put({ removed: [], selected: null, user: row }),
  );
  const number = segmented("Interests", choices.map(String), (index) =>
    put({ num_interests: choices[index] }),
  );
  const reveal = toggle("Show the true interest", (on) => {
    showTruth = on;
    draw();
  });
  const putBack = () => {
    put({ removed: [] });
    tiles[0]?.button.focus();
  };
  const reset = button("Reset", putBack, "Reset: put all clicks back");
  reset.classList.add("sv-reset");
  const arrowKeys = "; the arrow keys move between tiles";
  const hint = el(
    "span",
    { id: newId() },
    "press a tile to leave its click out",
    el("span", { class: "sv-unseen" }, arrowKeys),
  );
  const scale = el("span");
  const list = el("ol", {
    class: "sv-tiles",
    "data-rows": true,
    "aria-label": "History, oldest click first",
  });
  roving(list, ".sv-tile");
  const none = el("p", { class: "sv-none" }, "No clicks yet.");
  const map = itemMap(titles, (item) => touch(item == null ? null : { item, position: null }));
  const rows = el("div", { class: "sv-rows" });
  const live = sentence();
  /** @type {ReturnType<typeof newTile>[]} */
  let tiles = [];
  const tilesOf = kept(list, String, newTile);
  const interestRows = kept(rows, String, rowOfInterest);

  const hotItem = () => (hot && "item" in hot ? hot.item : null);

  /** @param {number} k */
  const visible = (k) => (solo == null ? !hidden.has(k) : solo === k);

  /** A place of the history, whatever click stands there. */
  function newTile() {
    const face = tile("", "", {
      "aria-describedby": hint.id,
      onclick: () => flip(one.t),
    });
    const one = { ...face, t: 0, item: 0, button: face.node, node: el("li", {}, face.node) };
    return one;
  }

  /** The clicks of a user, in the tiles of the one before. */
  function fillTiles() {
    const ids = data.row(model.get("user"));
    const places = [...ids.keys()].filter((t) => ids[t] > 0);
    tiles = tilesOf([...places.keys()]);
    tiles.forEach((one, n) => {
      one.t = places[n];
      one.item = ids[one.t];
      one.button.dataset.item = String(one.item);
      one.button.dataset.position = String(one.t);
      one.button.tabIndex = n ? -1 : 0;
      one.rename(titles[one.item], category(one.item));
    });
    list.hidden = !tiles.length;
    none.hidden = Boolean(tiles.length);
    if (hot && "item" in hot) touch(null);
  }

  /** @param {number} t */
  function flip(t) {
    const removed = model.get("removed");
    const next = removed.includes(t) ? removed.filter((p) => p !== t) : [...removed, t];
    put({ selected: t, removed: next.sort((a, b) => a - b) });
  }

  /** @param {number} k */
  function rowOfInterest(k) {
    const turn = () => {
      if (solo != null) solo = null;
      else if (!hidden.delete(k)) hidden.add(k);
      draw();
    };
    const single = () => {
      solo = solo === k ? null : k;
      draw();
    };
    return interestRow(k, titles, turn, single);
  }

  // ---- State -----------------------------------------------------------------

  /** The question that the state asks, and how far Python has answered it. */
  function ask() {
    const row = model.get("user");
    const count = model.get("num_interests");
    const removed = model.get("removed");
    const ids = data.row(row);
    const kept = Array.from(ids, (item, t) => item > 0 && !removed.includes(t));
    const reading = model.get("readings")[count];
    const answer = model.get("answer") ?? {};
    const asked = model.get("asks") && kept.some(Boolean) && (!reading || removed.length > 0);
    const answered =
      asked &&
      answer.user === row &&
      answer.num_interests === count &&
      String(answer.removed) === String([...removed].sort((a, b) => a - b));
    return {
      row,
      count,
      removed,
      ids,
      kept,
      asked,
      reading,
      answer: answered ? answer : null,
      waits: asked && !answered,
      problem: answered ? answer.problem : null,
    };
  }

  /**
   * The logits [K][T] and the place of the item vectors: Python's, the page's own, or
   * null.
   * @param {ReturnType<typeof ask>} question
   */
  function found({ row, count, ids, kept, reading, answer }) {
    const { logits, positions = [], vectors = 0 } = answer ?? {};
    if (logits) {
      const wide = rowsOf(array(logits)).map((values) => {
        const whole = new Float32Array(ids.length);
        positions.forEach((t, i) => {
          whole[t] = values[i];
        });
        return whole;
      });
      return { logits: wide, place: vectors };
    }
    if (reading) return { logits: data.logits(row, count), place: reading.vectors };
    if (kept.some(Boolean)) return null;
    // nothing to weigh: any vectors will do
    const zeros = Array.from({ length: count }, () => new Float32Array(ids.length));
    return { logits: zeros, place: 0 };
  }

  /** @typedef {NonNullable<ReturnType<typeof look>>} Drawn */

  /** @type {{ key: string, answer: Answer | null, result: ReturnType<typeof compute> } | null} */
  let last = null;

  /**
   * What to draw, or null while nothing is known.
   * @param {ReturnType<typeof ask>} question
   */
  function look(question) {
    const known = found(question);
    if (!known) return null;
    const { ids, kept, answer } = question;
    const { logits } = known;
    const vectors = data.vectors(known.place);
    // Hide, Solo and the switch ask nothing new.
    const key = `${question.row} ${question.count} ${question.removed}`;
    if (last?.key !== key || last.answer !== answer) {
      const seen = new Set(model.get("exclude_history") ? [...ids].filter((_, t) => kept[t]) : []);
      const count = model.get("num_retrieved");
      last = { key, answer, result: compute({ ids, kept, logits, vectors, count, seen }) };
    }
    return { ...question, logits, vectors, ...last.result };
  }

  /**
   * Which interest has the largest weight on position t.
   * @param {Drawn} drawn
   * @param {number} t
   */
  const strongest = ({ weights }, t) =>
    best(
      weights.map((row) => row[t]),
      1,
    )[0][0];

  /**
   * The interests beside the true ones; null unless those are known and shown.
   * @param {Drawn} drawn
   * @returns {{ right: number, of: number, labels: (string | null)[] } | null}
   */
  function judge(drawn) {
    const causes = showTruth && data.causes(drawn.row);
    if (!causes || !truth) return null;
    const here = [...new Set(causes)].filter((cause) => cause >= 0);
    const caused = [...drawn.ids.keys()].filter((t) => drawn.kept[t] && causes[t] >= 0);
    const counts = drawn.weights.map(() => here.map(() => 0));
    for (const t of caused) counts[strongest(drawn, t)][here.indexOf(causes[t])] += 1;
    const { labels, clicks } = match(counts);
    return {
      right: clicks,
      of: caused.length,
      labels: labels.map((label) => (label < 0 ? null : truth.labels[here[label]])),
    };
  }

  // ---- Drawing ---------------------------------------------------------------

  function draw() {
    const question = ask();
    const next = look(question);
    user.set(question.row);
    number.set(choices.indexOf(question.count));
    reveal.set(showTruth);
    if (!next) {
      // Python is asked and the page has nothing of its own
      const { problem, count } = question;
      live.say(
        problem
          ? `Python could not answer: ${problem}`
          : `Asking Python for ${plural(count, "interest")} …`,
      );
      return;
    }
    now = next;
    judged = judge(now);
    if (built.count !== now.count) {
      map.build(now.count);
      hidden.clear();
      solo = null;
    }
    const whose = built.row;
    if (whose !== now.row) fillTiles();
    built = { count: now.count, row: now.row };
    drawTiles(now);
    // For another user all of the map is drawn: her clicks need not wait for it.
    if (whose === null || whose === now.row) drawMap(now);
    else later(() => now && drawMap(now));
    drawRows(now);
    reset.disabled = !now.removed.length;
    speak();
  }

  /** @param {Drawn} drawn */
  function drawTiles(drawn) {
    const { weights, row } = drawn;
    const full = Math.max(0, ...weights.map((values) => Math.max(...values)));
    list.classList.toggle("sv-noted", showTruth);
    scale.textContent = full ? `a full bar is a weight of ${digits(full)}` : "";
    const causes = showTruth && truth ? data.causes(row) : null;
    tiles.forEach((one, n) => {
      const kept = drawn.kept[one.t];
      const k = kept ? strongest(drawn, one.t) : null;
      const label = causes && truth?.labels[causes[one.t]];
      const cause = causes && (label ?? "no interest");
      one.win(k != null && visible(k) ? k : null);
      one.bars.set(
        weights.map((values) => values[one.t]),
        full,
        (i) => !visible(i),
      );
      one.note(cause);
      one.button.setAttribute("aria-pressed", String(!kept));
      const words = [
        `Click ${n + 1} of ${tiles.length}: ${titles[one.item]}`,
        category(one.item),
        k == null ? "left out" : `strongest: interest ${k + 1}`,
        cause && `true: ${cause}`,
      ];
      one.button.setAttribute("aria-label", words.filter(Boolean).join(", "));
    });
  }

  /** @param {Drawn} drawn */
  function drawMap({ vectors, interests, ids, kept, found }) {
    map.draw({
      vectors,
      interests,
      history: new Set([...ids].filter((_, t) => kept[t])),
      found: found.map((items, k) => (visible(k) ? items.map(([item]) => item) : [])),
      shown: (k) => visible(k) && found[k].length > 0,
      describe: (item) => [titles[item], category(item)].filter(Boolean).join(", "),
    });
  }

  /** @param {Drawn} drawn */
  function drawRows(drawn) {
    interestRows([...drawn.found.keys()]).forEach((row, k) => {
      row.draw({
        shown: visible(k),
        alone: solo === k,
        cause: judged ? `≈ ${judged.labels[k] ?? "none"}` : "",
        found: drawn.found[k],
        hot: hotItem(),
      });
    });
  }

  // ---- Words -----------------------------------------------------------------

  function speak() {
    if (!now) return;
    if (hot && "item" in hot) {
      const { item, position } = hot;
      const words = position == null ? itemWords(now, item) : clickWords(now, item, position);
      return live.say(...words);
    }
    const { row, count, removed, kept, weights, ids } = now;
    const who = `User ${model.get("users")[row]}`;
    if (!kept.some(Boolean)) {
      const why = tiles.length ? "every click is left out" : "no clicks yet";
      const zeros = "Every weight is 0, the interests are zero vectors.";
      return live.say(`${who}: ${why}. ${zeros}`);
    }
    const k = hot?.interest ?? [...Array(count).keys()].find(visible);
    /** @type {Child[]} */
    const words = [];
    if (k == null) words.push(`${who}: all interests are hidden.`);
    else if (!visible(k)) words.push(`${who}: `, named(k), " is hidden.");
    else {
      const heavy = best(weights[k], 3, (t) => weights[k][t] > 0);
      const reads = heavy.map(([t, weight]) => `${percent(weight)} on ${titles[ids[t]]}`);
      const finds = now.found[k].slice(0, 3).map(([item]) => titles[item]);
      const rest = ` reads ${listed(reads)}; it retrieves ${listed(finds)}.`;
      words.push(`${who}: `, named(k), rest);
    }
    if (removed.length) words.push(` ${plural(removed.length, "click")} left out.`);
    if (now.problem) words.push(` Python could not answer: ${now.problem}`);
    else if (now.waits) words.push(" Asking Python …");
    if (judged?.of) {
      const share = percent(judged.right / judged.of);
      words.push(
        ` With each interest matched to one true interest, ${judged.right} of `,
        `${plural(judged.of, "click")} (${share}) agree.`,
      );
    } else if (judged) words.push(" No click has a true interest.");
    return live.say(...words);
  }

  /**
   * @param {ArrayLike<number>} numbers one per interest
   * @returns {Child[]}
   */
  const each = (numbers) =>
    Array.from(numbers).flatMap((x, k) => [k ? ", " : "", named(k), `:\u00a0${digits(x)}`]);

  /**
   * @param {Drawn} drawn
   * @param {number} item
   * @param {number} position
   * @returns {Child[]}
   */
  function clickWords({ kept, asked, weights, logits }, item, position) {
    const n = tiles.findIndex(({ t }) => t === position);
    const head = `${titles[item]} (${category(item)}), click ${n + 1} of ${tiles.length}: `;
    if (kept[position]) return [head, ...each(weights.map((row) => row[position])), "."];
    const out = "left out, so its weight is 0. ";
    if (asked) return [head, out, "Press to put it back."];
    const back = kept.map((is, t) => is || t === position);
    const again = logits.map((row) => maskedSoftmax(row, back)[position]);
    return [head, out, "Put back, it gets ", ...each(again), "."];
  }

  /**
   * @param {Drawn} drawn
   * @param {number} item
   * @returns {Child[]}
   */
  function itemWords({ found, scores }, item) {
    const places = found.flatMap((items, k) => {
      const place = items.findIndex(([other]) => other === item);
      return place < 0 ? [] : [`interest ${k + 1} as number ${place + 1}`];
    });
    return [
      `${titles[item]} (${category(item)}): scores `,
      ...each(scores.map((row) => row[item])),
      places.length ? `; retrieved by ${listed(places)}.` : "; not retrieved.",
    ];
  }

  // ---- Under the hand --------------------------------------------------------

  /** @param {Hot | null} next */
  function touch(next) {
    hot = next;
    const item = hotItem();
    for (const node of root.querySelectorAll(".sv-hot")) node.classList.remove("sv-hot");
    for (const node of root.querySelectorAll(`[data-item="${item}"]`)) {
      node.classList.add("sv-hot");
    }
    map.touch(item);
    speak();
  }

  /** @param {Part | null} node */
  function touchTile(node) {
    const { item, position } = node?.dataset ?? {};
    touch(node && { item: Number(item), position: Number(position) });
  }

  hand(list, ".sv-tile", touchTile);
  list.addEventListener("focusin", (event) => {
    const node = /** @type {Element} */ (event.target).closest(".sv-tile");
    const one = tiles.find((other) => other.button === node);
    if (one && model.get("selected") !== one.t) put({ selected: one.t });
  });
  hand(rows, ".sv-chip, .sv-row", (node) => {
    if (!node) touch(null);
    else if (node.dataset.item) touch({ item: Number(node.dataset.item), position: null });
    else touch({ interest: Number(node.dataset.interest) });
  });

  // ---- The card --------------------------------------------------------------

  const excluded = model.get("exclude_history");
  const root = card(
    "interest",
    model,
    [user.node, choices.length > 1 ? number.node : null, truth ? reveal.node : null, reset],
    part("History", "oldest first", hint, scale),
    list,
    none,
    el(
      "div",
      { class: "sv-halves sv-stays" },
      el("div", {}, part("Item map"), map.node),
      el(
        "div",
        {},
        part("What each interest retrieves"),
        rows,
        el(
          "p",
          { class: "sv-hint sv-foot" },
          "Score: dot product of interest and item.",
          excluded ? " Items of the history are left out." : null,
        ),
      ),
    ),
    live.node,
  );
  redraw(model, ["user", "num_interests", "removed", "answer"], draw);
  model.on("change:selected", () => {
    const one = tiles.find(({ t }) => t === model.get("selected"));
    touchTile(one?.button ?? null);
  });
  draw();
  host.replaceChildren(root);
}

export default { render };
