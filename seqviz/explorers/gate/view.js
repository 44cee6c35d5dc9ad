// GateExplorer: a session, the past, the gate between them and what is retrieved.
// `mix` is the whole arithmetic.

import { array, best, dot, rowOf, rowsOf, sum } from "../core/arrays.js";
import { card, part, sentence } from "../core/card.js";
import { segmented, select } from "../core/controls.js";
import { el } from "../core/elements.js";
import { hand, roving } from "../core/hand.js";
import { redraw, traits, writer } from "../core/model.js";
import { numbered, weightBar } from "../core/tiles.js";
import { digits, listed, percent } from "../core/words.js";

/** @import { Encoded, Numbers } from "../core/arrays.js" */
/** @import { Child } from "../core/elements.js" */
/** @import { Host } from "../core/model.js" */

/**
 * @typedef {object} Attribute
 * @property {string} name
 * @property {[string, number][]} values with their weights, the largest first
 * @property {number} count of all values
 */

/**
 * @typedef {object} State
 * @property {number} session
 * @property {number} fusion
 * @property {string[]} fusions
 * @property {string[]} names of the sessions
 * @property {string[][]} clicks [S][T]
 * @property {number[][]} weights [S][T]
 * @property {Attribute[]} past
 * @property {Encoded} short [S, E]
 * @property {Encoded} long [S, E]
 * @property {Encoded} gate [S, E]
 * @property {Encoded} items [N, E]
 * @property {string[]} titles
 * @property {number} shown how many items
 */

/** The shares that stand in the place of the gate. */
const SHARES = [0, 0.5, 1, 0];

/**
 * The parts of every score that session and past bring.
 * @param {{ gate: Numbers, short: Numbers, long: Numbers, items: Numbers[] }} given
 * @param {number} fusion
 */
function mix({ gate, short, long, items }, fusion) {
  const share = fusion ? Float64Array.from(gate, () => SHARES[fusion]) : Float64Array.from(gate);
  const ofSession = share.map((g, e) => g * short[e]);
  const ofPast = share.map((g, e) => (1 - g) * long[e]);
  const fromSession = items.map((item) => dot(item, ofSession));
  const fromPast = items.map((item) => dot(item, ofPast));
  const scores = fromSession.map((score, n) => score + fromPast[n]);
  return { share, ofSession, ofPast, fromSession, fromPast, scores };
}

/** @param {Host<State>} host */
function render({ model, el: host }) {
  const { names, fusions, titles, shown } = traits(model);
  const [short, long, gate] = /** @type {const} */ (["short", "long", "gate"]).map((name) =>
    array(model.get(name)),
  );
  const items = rowsOf(array(model.get("items")));
  const E = short.shape[1];
  /** @typedef {{ kind: "click" | "value" | "entry" | "item", place: number, value?: number }} Hot */
  /** @type {Hot | null} what is under the hand */
  let hot = null;
  /** @type {ReturnType<typeof look> | null} what was drawn before the last change */
  let before = null;

  const put = writer(model);

  // ---- State -----------------------------------------------------------------

  function look() {
    const session = model.get("session");
    const fusion = model.get("fusion");
    const given = {
      gate: rowOf(gate, session),
      short: rowOf(short, session),
      long: rowOf(long, session),
      items,
    };
    const mixed = mix(given, fusion);
    return {
      session,
      fusion,
      given,
      ...mixed,
      top: best(mixed.scores, shown).map(([n]) => n),
      clicks: model.get("clicks")[session],
      weights: model.get("weights")[session],
    };
  }

  let now = look(); // what is drawn

  // ---- Parts -----------------------------------------------------------------

  const which = select("Session", names, (session) => put({ session }));
  const mixedBy = segmented("Mixed by", fusions, (fusion) => put({ fusion }));
  const clickList = el("ol", {
    class: "sv-tiles sv-clicks",
    "data-rows": true,
    "aria-label": "Session, oldest click first",
  });
  const clickKeys = roving(clickList, ".sv-tile");
  const pastList = el("ol", { class: "sv-past", "aria-label": "Past, by attribute" });
  const pastKeys = roving(pastList, ".sv-cell");
  const strip = el("div", {
    class: "sv-strip",
    role: "group",
    "aria-label": `Gate, ${E} entries`,
    "data-rows": true,
  });
  const stripKeys = roving(strip, ".sv-entry");
  const itemList = el("ol", { class: "sv-lines", "data-rows": true, "aria-label": "Best items" });
  const itemKeys = roving(itemList, ".sv-line");
  const scale = el("span");
  const average = el("span");
  const itemScale = el("span");
  const live = sentence();
  /** @type {{ node: HTMLElement, bar: ReturnType<typeof weightBar> }[]} */
  let clicks = [];

  const entries = Array.from({ length: E }, (_, e) => {
    const was = el("u", { hidden: true });
    const node = el(
      "span",
      { class: "sv-entry", role: "img", "data-e": e, tabindex: -1 },
      el("i"),
      was,
    );
    return { node, was };
  });
  strip.replaceChildren(...entries.map(({ node }) => node));
  stripKeys.refresh();

  const lines = Array.from({ length: shown }, (_, place) => {
    const bars = [weightBar(), weightBar()];
    const face = el("span", { class: "sv-slot" });
    const attributes = { class: "sv-tile sv-line", role: "img", "data-n": place, tabindex: -1 };
    const node = el(
      "span",
      attributes,
      face,
      bars.map((bar) => bar.node),
    );
    return { node, face, bars };
  });
  itemList.replaceChildren(...lines.map(({ node }) => el("li", {}, node)));
  itemKeys.refresh();

  const past = model.get("past");
  pastList.replaceChildren(
    ...past.map((one, f) => {
      const full = Math.max(...one.values.map(([, weight]) => weight)) || 1;
      const cells = one.values.map(([value, weight], v) => {
        const bar = weightBar();
        bar.set(weight, full);
        const attributes = {
          class: "sv-cell",
          role: "img",
          "data-f": f,
          "data-v": v,
          tabindex: -1,
          title: value,
          "aria-label": `${one.name} ${value}, weight ${digits(weight)}`,
        };
        return el("span", attributes, el("span", { class: "sv-value" }, value), bar.node);
      });
      const none = cells.length ? null : el("span", { class: "sv-value" }, "nothing yet");
      return el("li", {}, el("span", { class: "sv-of" }, one.name), cells, none);
    }),
  );
  pastKeys.refresh();

  /** Builds the tiles of a session. */
  function build() {
    clicks = now.clicks.map((title, t) => {
      const bar = weightBar();
      const attributes = { class: "sv-tile", role: "img", "data-t": t, title, tabindex: -1 };
      return { node: el("span", attributes, numbered(t, title), bar.node), bar };
    });
    clickList.replaceChildren(...clicks.map(({ node }) => el("li", {}, node)));
    clickKeys.refresh();
  }

  // ---- Drawing ---------------------------------------------------------------

  function draw() {
    const next = look();
    const changed = next.session !== now.session || next.fusion !== now.fusion;
    if (changed) before = now;
    const isNew = !clicks.length || next.session !== now.session;
    now = next;
    if (isNew) build();
    which.set(now.session);
    mixedBy.set(now.fusion);
    drawClicks();
    drawGate();
    drawItems();
    speak();
  }

  function drawClicks() {
    const full = Math.max(...now.weights) || 1;
    scale.textContent = `a full bar is a weight of ${digits(full)}`;
    clicks.forEach(({ node, bar }, t) => {
      bar.set(now.weights[t], full);
      const name = `${t + 1} of ${clicks.length}: ${now.clicks[t]}`;
      node.setAttribute("aria-label", `${name}, weight ${digits(now.weights[t])}`);
    });
  }

  function drawGate() {
    average.textContent = `${percent(sum(now.share) / E)} of the session on average`;
    entries.forEach(({ node, was }, e) => {
      node.style.setProperty("--sv-share", String(now.share[e]));
      node.dataset.gate = String(now.share[e]);
      node.setAttribute("aria-label", `Entry ${e + 1}: gate ${digits(now.share[e])}`);
      was.hidden = !before || before.share[e] === now.share[e];
      if (before) node.style.setProperty("--sv-was", String(before.share[e]));
    });
  }

  function drawItems() {
    const parts = now.top.flatMap((n) => [now.fromSession[n], now.fromPast[n]]);
    const least = Math.min(0, ...parts);
    const full = Math.max(0, ...parts);
    itemScale.textContent = `a full bar is a score of ${digits(full - least)}`;
    const known = before?.top;
    lines.forEach(({ node, face, bars }, place) => {
      const n = now.top[place];
      const values = [now.fromSession[n], now.fromPast[n]];
      bars.forEach((bar, i) => {
        bar.set(values[i], full, least);
      });
      const isNew = Boolean(known && !known.includes(n));
      node.classList.toggle("sv-new", isNew);
      face.replaceChildren(numbered(place, isNew ? `${titles[n]} (new)` : titles[n]));
      node.title = titles[n];
      node.setAttribute(
        "aria-label",
        `${place + 1}: ${titles[n]}${isNew ? ", new" : ""}, ${digits(values[0])} from the ` +
          `session, ${digits(values[1])} from the past`,
      );
    });
  }

  // ---- Words -----------------------------------------------------------------

  function speak() {
    if (hot) return live.say(...wordsOf(hot));
    const by = now.fusion ? fusions[now.fusion] : "the gate";
    const first = now.top.slice(0, 3).map((n) => titles[n]);
    /** @type {Child[]} */
    const words = [el("em", {}, names[now.session]), `, mixed by ${by}: `];
    words.push(`${percent(sum(now.share) / E)} of the session on average. `);
    words.push(`First come ${listed(first)}.`);
    if (before) {
      const { top } = before;
      const fresh = now.top.filter((n) => !top.includes(n)).length;
      words.push(` ${fresh} of ${shown} were not in the list before.`);
    }
    return live.say(...words);
  }

  /**
   * @param {Hot} one
   * @returns {Child[]}
   */
  function wordsOf({ kind, place, value = 0 }) {
    if (kind === "click") {
      const title = el("em", {}, now.clicks[place]);
      return ["She gives ", title, ` a weight of ${digits(now.weights[place])} in this session.`];
    }
    if (kind === "value") {
      const { name, values, count } = past[place];
      const [word, weight] = values[value];
      const of = count > 1 ? ` among ${count} values` : "";
      return [`Of her past, ${name} `, el("em", {}, word), ` has weight ${digits(weight)}${of}.`];
    }
    if (kind === "entry") {
      const { share, given, ofSession, ofPast } = now;
      const [s, p] = [given.short[place], given.long[place]];
      const output = ofSession[place] + ofPast[place];
      return [
        `Entry ${place + 1}: gate ${digits(share[place])}. The session says ${digits(s)}, `,
        `the past ${digits(p)}, the mixture ${digits(output)}.`,
      ];
    }
    const n = now.top[place];
    const parts = `${digits(now.fromSession[n])} from the session, ${digits(now.fromPast[n])} from the past`;
    const alone = fusions
      .map((name, fusion) => ({ name, fusion }))
      .filter(({ fusion }) => fusion > 1 && fusion !== now.fusion)
      .map(({ name, fusion }) => `${rank(mix(now.given, fusion).scores, n)} with the ${name}`);
    return [el("em", {}, titles[n]), `: ${parts}. It would be number ${listed(alone)}.`];
  }

  /**
   * @param {number[]} scores
   * @param {number} n
   */
  const rank = (scores, n) =>
    1 + scores.filter((score, i) => score > scores[n] || (score === scores[n] && i < n)).length;

  // ---- Under the hand --------------------------------------------------------

  /**
   * @param {Element} list
   * @param {string} selector
   * @param {(data: DOMStringMap) => Hot} read
   */
  function follow(list, selector, read) {
    hand(list, selector, (node) => {
      hot = node && read(node.dataset);
      for (const one of list.querySelectorAll(selector)) {
        one.classList.toggle("sv-hot", one === node);
      }
      speak();
    });
  }

  follow(clickList, ".sv-tile", ({ t }) => ({ kind: "click", place: Number(t) }));
  follow(pastList, ".sv-cell", ({ f, v }) => ({
    kind: "value",
    place: Number(f),
    value: Number(v),
  }));
  follow(strip, ".sv-entry", ({ e }) => ({ kind: "entry", place: Number(e) }));
  follow(itemList, ".sv-line", ({ n }) => ({ kind: "item", place: Number(n) }));

  // ---- The card --------------------------------------------------------------

  const root = card(
    "gate",
    model,
    [names.length > 1 ? which.node : null, mixedBy.node],
    el(
      "div",
      { class: "sv-halves", style: "--sv-count: 2" },
      el(
        "div",
        {},
        part("Session", scale),
        clickList,
        part("Past", "the largest weights of each attribute"),
        pastList,
      ),
      el(
        "div",
        {},
        part("Gate", average),
        strip,
        el("p", { class: "sv-hint" }, "Full: the session alone. Empty: the past alone."),
        part("Best items", itemScale),
        el(
          "p",
          { class: "sv-line sv-heads" },
          el("span", {}, "item"),
          el("span", {}, "session"),
          el("span", {}, "past"),
        ),
        itemList,
      ),
    ),
    live.node,
  );
  redraw(model, ["session", "fusion"], draw);
  draw();
  host.replaceChildren(root);
}

export default { render };
