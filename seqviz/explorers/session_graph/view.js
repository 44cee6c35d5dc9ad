// SessionGraphExplorer: the shelf's items with an arrow for each step, the session, the
// best items. `read` is the whole arithmetic.

import { best } from "../core/arrays.js";
import { card, part, sentence } from "../core/card.js";
import { button, segmented } from "../core/controls.js";
import { el, kept, setCurrent, setText, svg } from "../core/elements.js";
import { hand, roving } from "../core/hand.js";
import { redraw, traits, writer } from "../core/model.js";
import { numbered, weightBar } from "../core/tiles.js";
import { digits, listed, percent, plural } from "../core/words.js";
import { read, readNet } from "./graph.js";

/** @import { Encoded } from "../core/arrays.js" */
/** @import { Child } from "../core/elements.js" */
/** @import { Host } from "../core/model.js" */
/** @import { Edge } from "./graph.js" */

/**
 * @typedef {object} State
 * @property {number[]} session item ids
 * @property {number} hops
 * @property {number} counted 0: as often as done, 1: once
 * @property {number[]} first the session to begin with
 * @property {number[]} shelf item ids
 * @property {string[]} titles of item 1, 2, ...
 * @property {Record<string, Encoded>} weights
 * @property {string[]} counting
 * @property {number} most clicks
 * @property {number} shown how many of the best items
 */

const ROW = 50; // pixels, as in style.css
const SIDE = 52;

/**
 * An arrow beside the list: at the right downwards, at the left upwards.
 * @param {number} source its row
 * @param {number} target
 * @param {number} share
 */
function arrow(source, target, share) {
  const down = target >= source;
  const out = down ? 1 : -1;
  const edge = down ? 0 : SIDE;
  const reach = edge + (out * Math.min(SIDE - 6, 16 + 8 * Math.abs(target - source)) * 4) / 3;
  const start = ROW * (source + 0.5) + 8 * out;
  const end = ROW * (target + 0.5) - 8 * out;
  return [
    svg("path", {
      class: "sv-arc",
      d: `M${edge} ${start}C${reach} ${start} ${reach} ${end} ${edge + 6 * out} ${end}`,
      "stroke-width": 1 + 4 * share,
    }),
    svg("path", { class: "sv-tip", d: `M${edge} ${end}l${9 * out} -5v10Z` }),
  ];
}

/** @param {Host<State>} host */
function render({ model, el: host }) {
  const { titles, shelf, shown, most, counting } = traits(model);
  const net = readNet(model.get("weights"));
  const row = new Map(shelf.map((item, place) => [item, place]));
  /** @type {{ kind: "item" | "click" | "best", place: number } | null} */
  let hot = null;
  /** @type {number[] | null} the best items before the last change */
  let before = null;

  const put = writer(model);
  /** @param {number} item */
  const name = (item) => titles[item - 1];

  // ---- State -----------------------------------------------------------------

  function look() {
    const session = model.get("session");
    const counted = model.get("counted");
    const hops = model.get("hops");
    const reading = read(net, session, counted === 1, hops);
    const top = session.length ? best(reading.scores, shown).map(([n]) => n) : [];
    return { session, counted, hops, ...reading, top };
  }

  let now = look(); // what is drawn

  // ---- Parts -----------------------------------------------------------------

  const back = button("Take a click back", () => {
    if (now.session.length) put({ session: now.session.slice(0, -1) });
  });
  const again = button("Begin again", () => put({ session: model.get("first") }));
  const countedBy = segmented("A step counts", counting, (counted) => put({ counted }));
  const hopsBy = segmented("Hops", ["0", "1", "2", "3"], (hops) => put({ hops }));

  const size = { width: SIDE, height: ROW * shelf.length, "aria-hidden": "true" };
  const left = svg("svg", { class: "sv-side", ...size });
  const right = svg("svg", { class: "sv-side", ...size });
  const nodes = shelf.map((item, place) => {
    const often = el("small");
    const node = el(
      "button",
      {
        type: "button",
        class: "sv-node",
        "data-n": place,
        onclick: () => {
          if (now.session.length < most) put({ session: [...now.session, item] });
        },
      },
      el("span", { class: "sv-name" }, name(item)),
      often,
    );
    return { node, often };
  });
  const list = el(
    "ol",
    { class: "sv-shelf", "aria-label": "Items to click" },
    nodes.map(({ node }) => el("li", {}, node)),
  );
  const clickList = el("ol", {
    class: "sv-tiles",
    "data-rows": true,
    "aria-label": "Session, oldest click first",
  });
  const clickKeys = roving(clickList, ".sv-tile");
  const clicks = kept(clickList, String, newClick);
  const none = el("p", { class: "sv-none" }, "No behaviors yet.");
  const bestList = el("ol", { class: "sv-lines", "data-rows": true, "aria-label": "Best items" });
  const bestKeys = roving(bestList, ".sv-line");
  const scale = el("span");
  const live = sentence();

  const lines = Array.from({ length: shown }, (_, place) => {
    const bar = weightBar();
    const title = el("span");
    const face = el("span", { class: "sv-slot" }, numbered(place, title));
    const attributes = { class: "sv-tile sv-line", role: "img", "data-n": place, tabindex: -1 };
    return { node: el("span", attributes, face, bar.node), title, bar };
  });
  bestList.replaceChildren(...lines.map(({ node }) => el("li", {}, node)));
  bestKeys.refresh();

  // ---- Drawing ---------------------------------------------------------------

  function draw() {
    const next = look();
    before = now.top;
    now = next;
    countedBy.set(now.counted);
    hopsBy.set(now.hops);
    setOff(back, !now.session.length);
    setOff(again, String(now.session) === String(model.get("first")));
    drawGraph();
    drawClicks();
    drawBest();
    speak();
  }

  /**
   * A button without work keeps the focus.
   * @param {HTMLElement} node
   * @param {boolean} off
   */
  function setOff(node, off) {
    if (off) node.setAttribute("aria-disabled", "true");
    else node.removeAttribute("aria-disabled");
  }

  function drawGraph() {
    const latest = now.session[now.session.length - 1];
    nodes.forEach(({ node, often }, place) => {
      const item = shelf[place];
      const count = now.session.filter((one) => one === item).length;
      node.classList.toggle("sv-clicked", count > 0);
      setCurrent(node, item === latest);
      setOff(node, now.session.length >= most);
      const words = [count ? plural(count, "click") : "", item === latest ? "latest" : ""];
      setText(often, words.filter(Boolean).join(", "));
    });
    /** @type {Record<string, Element[]>} */
    const sides = { left: [], right: [] };
    for (const { source, target, outgoing } of now.edges) {
      const [from, to] = [row.get(source) ?? 0, row.get(target) ?? 0];
      sides[to >= from ? "right" : "left"].push(...arrow(from, to, outgoing));
    }
    left.replaceChildren(...sides.left);
    right.replaceChildren(...sides.right);
  }

  /** @param {number} t */
  function newClick(t) {
    const bar = weightBar();
    const title = el("span");
    const attributes = { class: "sv-tile", role: "img", "data-n": t, tabindex: -1 };
    const face = el("span", attributes, numbered(t, title), bar.node);
    return { node: el("li", {}, face), face, title, bar };
  }

  function drawClicks() {
    const full = Math.max(0, ...now.weights);
    const least = Math.min(0, ...now.weights);
    scale.textContent = `a full bar is a weight of ${digits(full - least)}`;
    clicks([...now.session.keys()]).forEach(({ face, title, bar }, t) => {
      const item = now.session[t];
      bar.set(now.weights[t], full, least);
      face.title = name(item);
      face.setAttribute("aria-label", `${t + 1}: ${name(item)}, weight ${digits(now.weights[t])}`);
      setText(title, name(item));
    });
    clickList.hidden = !now.session.length;
    none.hidden = now.session.length > 0;
    clickKeys.refresh();
  }

  function drawBest() {
    const values = now.top.map((n) => now.scores[n]);
    const full = Math.max(0, ...values);
    const least = Math.min(0, ...values);
    lines.forEach(({ node, title, bar }, place) => {
      const n = now.top[place];
      node.classList.toggle("sv-gone", n === undefined);
      if (n === undefined) return;
      bar.set(values[place], full, least);
      const isNew = Boolean(before?.length && !before.includes(n));
      node.classList.toggle("sv-new", isNew);
      setText(title, titles[n]);
      node.title = titles[n];
      const words = `${place + 1}: ${titles[n]}${isNew ? ", new" : ""}`;
      node.setAttribute("aria-label", `${words}, score ${digits(values[place])}`);
    });
  }

  // ---- Words -----------------------------------------------------------------

  function speak() {
    if (hot) return live.say(...wordsOf(hot));
    const { session, edges, top } = now;
    if (!session.length) return live.say("No click yet. Click an item to begin.");
    const items = plural(new Set(session).size, "item");
    /** @type {Child[]} */
    const words = [
      `${plural(session.length, "click")}: ${items}, ${plural(edges.length, "edge")}. `,
    ];
    words.push(`First come ${listed(top.slice(0, 3).map((n) => titles[n]))}.`);
    if (session.length >= most) words.push(` More than ${most} clicks do not fit here.`);
    return live.say(...words);
  }

  /**
   * @param {{ kind: "item" | "click" | "best", place: number }} one
   * @returns {Child[]}
   */
  function wordsOf({ kind, place }) {
    if (kind === "click") {
      const item = now.session[place];
      return [
        "Click ",
        String(place + 1),
        ", ",
        el("em", {}, name(item)),
        `: weight ${digits(now.weights[place])} in the read-out.`,
      ];
    }
    if (kind === "best") {
      const n = now.top[place];
      return [el("em", {}, titles[n]), `: score ${digits(now.scores[n])}.`];
    }
    const item = shelf[place];
    const out = now.edges.filter((edge) => edge.source === item);
    const into = now.edges.filter((edge) => edge.target === item);
    /** @param {Edge} edge */
    const onwards = (edge) => `${percent(edge.outgoing)} to ${name(edge.target)}`;
    /** @param {Edge} edge */
    const from = (edge) => `${percent(edge.incoming)} from ${name(edge.source)}`;
    const left = out.length ? `It leaves ${listed(out.map(onwards))}.` : "No step leaves it.";
    const came = into.length ? `It is reached ${listed(into.map(from))}.` : "No step reaches it.";
    return [el("em", {}, name(item)), `. ${left} ${came}`];
  }

  // ---- Under the hand --------------------------------------------------------

  /**
   * @param {Element} container
   * @param {string} selector
   * @param {"item" | "click" | "best"} kind
   */
  function follow(container, selector, kind) {
    hand(container, selector, (node) => {
      const place = Number(node?.dataset.n);
      const known = node && (kind !== "best" || now.top[place] !== undefined);
      hot = known ? { kind, place } : null;
      for (const one of container.querySelectorAll(selector)) {
        one.classList.toggle("sv-hot", known !== null && one === node);
      }
      speak();
    });
  }

  follow(list, ".sv-node", "item");
  follow(clickList, ".sv-tile", "click");
  follow(bestList, ".sv-line", "best");

  // ---- The card --------------------------------------------------------------

  const root = card(
    "session_graph",
    model,
    [back, again, countedBy.node, hopsBy.node],
    el(
      "div",
      { class: "sv-halves", style: "--sv-count: 1" },
      el(
        "div",
        {},
        part("Graph", "click an item to go on"),
        el("div", { class: "sv-arcs" }, left, list, right),
      ),
      el(
        "div",
        {},
        part("Session", scale),
        clickList,
        none,
        part("Best items", "by the cosine"),
        bestList,
      ),
    ),
    live.node,
  );
  redraw(model, ["session", "hops", "counted"], draw);
  draw();
  host.replaceChildren(root);
}

export default { render };
