// BlockExplorer: the clicks as tiles, the flow to one of them through the blocks as a
// picture, and what is predicted there. `flow` is the whole arithmetic.

import { array } from "../core/arrays.js";
import { card, part, sentence } from "../core/card.js";
import { segmented, select } from "../core/controls.js";
import { el, setCurrent, svg } from "../core/elements.js";
import { hand, roving } from "../core/hand.js";
import { redraw, traits, writer } from "../core/model.js";
import { numbered, weightBar } from "../core/tiles.js";
import { digits, listed, percent } from "../core/words.js";

/** @import { Encoded, Matrix } from "../core/arrays.js" */
/** @import { Child } from "../core/elements.js" */
/** @import { Host } from "../core/model.js" */

/**
 * @typedef {object} State
 * @property {number} model
 * @property {number} head 0: the mean of all
 * @property {number} place who is asked
 * @property {number} hidden 0: nothing, 1: the first click
 * @property {string[]} models
 * @property {string[]} heads
 * @property {string[]} titles [T]
 * @property {Encoded[]} weights [T + 1, L, H, P, P] of each model
 * @property {Encoded[]} items [T + 1, P, n]
 * @property {Encoded[]} chances [T + 1, P, n]
 * @property {string[]} names
 */

const WIDTH = 320;
const STEP = 78;
const TOP = 22;
const NODE = 7;
const WIDEST = 12; // of a line along which everything flows

/**
 * What reaches a place, from the output down to the history [L + 1][P].
 * @param {Float64Array[][]} blocks weights [L][P] rows
 * @param {number} place
 */
function flow(blocks, place) {
  const count = blocks[0].length;
  let row = Float64Array.from({ length: count }, (_, p) => (p === place ? 1 : 0));
  const rows = [row];
  for (const block of [...blocks].reverse()) {
    const next = new Float64Array(count);
    row.forEach((share, reader) => {
      block[reader].forEach((weight, read) => {
        next[read] += share * weight;
      });
    });
    row = next;
    rows.push(row);
  }
  return rows;
}

/**
 * The weights of one head, or the mean of all: [L][P] rows of [P].
 * @param {Matrix} all [T + 1, L, H, P, P]
 * @param {number} hidden
 * @param {number} head
 * @returns {Float64Array[][]}
 */
function blocksOf({ shape, data }, hidden, head) {
  const [, L, H, P] = shape;
  const chosen = head ? [head - 1] : Array.from({ length: H }, (_, h) => h);
  return Array.from({ length: L }, (_, l) =>
    Array.from({ length: P }, (_, q) =>
      Float64Array.from({ length: P }, (_, k) => {
        let total = 0;
        for (const h of chosen) total += data[(((hidden * L + l) * H + h) * P + q) * P + k];
        return total / chosen.length;
      }),
    ),
  );
}

/** @param {Host<State>} host */
function render({ model, el: host }) {
  const { models, heads, titles, names } = traits(model);
  const stacks = model.get("weights").map(array);
  const items = model.get("items").map(array);
  const chances = model.get("chances").map(array);
  const T = titles.length;
  const levels = stacks[0].shape[1] + 1;
  const shown = items[0].shape[2];
  const most = Math.max(...stacks.map(({ shape }) => shape[3]));
  const put = writer(model);
  /** @type {number | null} the place under the hand */
  let hot = null;
  /** @type {number[] | null} the list before */
  let before = null;

  // ---- State -----------------------------------------------------------------

  function look() {
    const which = model.get("model");
    const hidden = model.get("hidden");
    const head = model.get("head");
    const P = stacks[which].shape[3];
    const asked = Math.min(model.get("place"), P - 1);
    const blocks = blocksOf(stacks[which], hidden, head);
    const start = (hidden * P + asked) * shown;
    const places = Array.from({ length: P }, (_, p) => (p < T ? titles[p] : "next"));
    return {
      which,
      hidden,
      head,
      P,
      asked,
      blocks,
      places,
      rows: flow(blocks, asked),
      list: [...items[which].data.subarray(start, start + shown)],
      odds: [...chances[which].data.subarray(start, start + shown)],
    };
  }

  let now = look(); // what is drawn

  // ---- Parts -----------------------------------------------------------------

  const ofModel = segmented("Model", models, (index) => put({ model: index }));
  const ofHead = segmented("Head", heads, (index) => put({ head: index }));
  const ofHidden = select(
    "Hide",
    ["nothing", ...titles.map((title, t) => `${t + 1} ${title}`)],
    (index) => put({ hidden: index }),
  );
  const scale = el("span");
  const target = el("span");
  const oddsScale = el("span");
  const tiles = el("ol", {
    class: "sv-tiles",
    "data-rows": true,
    "aria-label": "History, oldest click first",
  });
  const keys = roving(tiles, ".sv-tile");
  const picture = el("div", { class: "sv-flow", style: `--sv-levels:${levels}` });
  const list = el("ol", { class: "sv-lines", "aria-label": "Predicted" });
  const live = sentence();

  const cells = Array.from({ length: most }, (_, p) => {
    const bar = weightBar();
    const face = el("span", { class: "sv-slot" });
    const attributes = { class: "sv-tile", type: "button", "data-p": p, tabindex: -1 };
    const node = el("button", { ...attributes, onclick: () => put({ place: p }) }, face, bar.node);
    return { node, face, bar, item: el("li", {}, node) };
  });
  tiles.replaceChildren(...cells.map(({ item }) => item));
  keys.refresh();

  const lines = Array.from({ length: shown }, () => {
    const bar = weightBar();
    const face = el("span", { class: "sv-slot" });
    return { node: el("span", { class: "sv-tile sv-line" }, face, bar.node), face, bar };
  });
  list.replaceChildren(...lines.map(({ node }) => el("li", {}, node)));

  // ---- Drawing ---------------------------------------------------------------

  function draw() {
    const next = look();
    const moved = next.which !== now.which || next.hidden !== now.hidden;
    if (moved || next.asked !== now.asked) before = now.list;
    now = next;
    ofModel.set(now.which);
    ofHead.set(now.head);
    ofHidden.set(now.hidden);
    drawTiles();
    drawFlow();
    drawList();
    speak();
  }

  const shares = () => now.rows[levels - 1];

  function drawTiles() {
    const full = Math.max(...shares());
    scale.textContent = full ? `a full bar is a share of ${digits(full)}` : "every share is 0";
    cells.forEach(({ node, face, bar, item }, p) => {
      item.hidden = p >= now.P;
      if (p >= now.P) return;
      const gone = p + 1 === now.hidden;
      node.classList.toggle("sv-padding", gone || p === T);
      face.replaceChildren(numbered(p, gone ? `${now.places[p]} (hidden)` : now.places[p]));
      node.title = now.places[p];
      bar.set(shares()[p], full || 1);
      setCurrent(node, p === now.asked);
      const words = [
        `${p + 1} of ${now.P}: ${now.places[p]}`,
        gone && "hidden",
        `share ${digits(shares()[p])}`,
        p === now.asked && "asked",
      ];
      node.setAttribute("aria-label", words.filter(Boolean).join(", "));
    });
  }

  /** @param {number} p */
  const x = (p) => (WIDTH * (p + 0.5)) / now.P;

  function drawFlow() {
    const { rows, blocks, P, asked, places } = now;
    target.textContent = `to ${asked + 1} ${places[asked]}`;
    const streams = [];
    for (let level = 0; level < levels - 1; level++) {
      const block = blocks[levels - 2 - level];
      const [high, low] = [TOP + STEP * level + NODE, TOP + STEP * (level + 1) - NODE];
      for (let q = 0; q < P; q++) {
        for (let k = 0; k < P; k++) {
          const amount = rows[level][q] * block[q][k];
          if (amount < 0.002) continue;
          const middle = (high + low) / 2;
          streams.push(
            svg("path", {
              class: `sv-stream${k === hot && level === levels - 2 ? " sv-hot" : ""}`,
              d: `M${x(q)} ${high}C${x(q)} ${middle} ${x(k)} ${middle} ${x(k)} ${low}`,
              "stroke-width": Math.max(0.5, WIDEST * amount).toFixed(2),
              "data-amount": amount,
            }),
          );
        }
      }
    }
    const nodes = rows.flatMap((row, level) =>
      [...row].map((share, p) =>
        svg("circle", {
          class: `sv-node${share > 0.002 ? " sv-full" : ""}`,
          cx: x(p),
          cy: TOP + STEP * level,
          r: share > 0.002 ? Math.max(2, NODE * Math.sqrt(share)) : 2,
        }),
      ),
    );
    const bottom = TOP + STEP * (levels - 1) + 20;
    const words = [
      svg("text", { x: x(asked), y: TOP - 12 }, asked + 1),
      ...places.map((_, p) => svg("text", { x: x(p), y: bottom }, p + 1)),
    ];
    picture.replaceChildren(
      svg(
        "svg",
        {
          viewBox: `0 0 ${WIDTH} ${bottom + 2}`,
          role: "img",
          "aria-label": `Flow to place ${asked + 1}: ${said().join(", ")}`,
        },
        streams,
        nodes,
        words,
      ),
    );
  }

  /** The two largest shares of the history in words. */
  function said() {
    return [...shares().entries()]
      .filter(([, share]) => share > 0)
      .sort((a, b) => b[1] - a[1])
      .slice(0, 2)
      .map(([p, share]) => `${percent(share)} from ${p + 1} ${now.places[p]}`);
  }

  function drawList() {
    const full = Math.max(...now.odds);
    oddsScale.textContent = `a full bar is a chance of ${percent(full)}`;
    lines.forEach(({ node, face, bar }, place) => {
      const isNew = Boolean(before && !before.includes(now.list[place]));
      const name = now.odds[place] ? names[now.list[place]] : "nothing";
      node.classList.toggle("sv-new", isNew);
      face.replaceChildren(numbered(place, isNew ? `${name} (new)` : name));
      node.title = name;
      bar.set(now.odds[place], full || 1);
      bar.say(percent(now.odds[place]));
    });
  }

  // ---- Words -----------------------------------------------------------------

  function speak() {
    const { asked, places, list: top, odds, head, which, P } = now;
    if (hot != null && hot < P) {
      const parts = now.blocks.map(
        (block, l) => `${percent(block[asked][/** @type {number} */ (hot)])} in block ${l + 1}`,
      );
      return live.say(
        "Of all that flows, ",
        `${percent(shares()[hot])} comes from `,
        el("em", {}, places[hot]),
        `. Straight, ${asked + 1} reads it with ${listed(parts)}.`,
      );
    }
    const whose = head ? `head ${heads[head]}` : "mean of the heads";
    const taken = said();
    const best = top.slice(0, 3).map((n, i) => `${names[n]} (${percent(odds[i])})`);
    const what = P === T ? "Then comes " : "It is told to be ";
    /** @type {Child[]} */
    const words = [`${models[which]}, ${whose}, `, el("em", {}, `${asked + 1} ${places[asked]}`)];
    words.push(taken.length ? `: ${listed(taken)}. ` : ": nothing reaches it. ");
    words.push(odds[0] ? `${what}${listed(best)}.` : "Nothing is predicted there.");
    if (before) {
      const { length } = top.filter((n) => !(/** @type {number[]} */ (before).includes(n)));
      words.push(` ${length} of ${shown} were not in the list before.`);
    }
    return live.say(...words);
  }

  hand(tiles, ".sv-tile", (node) => {
    hot = node ? Number(node.dataset.p) : null;
    for (const { node: one } of cells) one.classList.toggle("sv-hot", one === node);
    drawFlow();
    speak();
  });

  // ---- The card --------------------------------------------------------------

  const root = card(
    "block",
    model,
    [models.length > 1 ? ofModel.node : null, heads.length > 2 ? ofHead.node : null, ofHidden.node],
    el(
      "div",
      { class: "sv-halves", style: "--sv-count: 1" },
      el("div", {}, part("History", "press a place to ask it", scale), tiles),
      el(
        "div",
        {},
        part("Flow", target),
        picture,
        el("p", { class: "sv-hint" }, "Top: the place that is asked. Bottom: the history."),
        part("Predicted", oddsScale),
        list,
      ),
    ),
    live.node,
  );
  redraw(model, ["model", "head", "place", "hidden"], draw);
  draw();
  host.replaceChildren(root);
}

export default { render };
