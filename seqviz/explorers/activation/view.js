// ActivationExplorer: a candidate in the plane of the items, the weights that each
// mechanism gives the history for it, and one weight as a surface over the plane.

import { array, best, dot, rowsOf, softmax, sum } from "../core/arrays.js";
import { card, part, sentence } from "../core/card.js";
import { button, segmented, select } from "../core/controls.js";
import { el, setCurrent } from "../core/elements.js";
import { hand, roving } from "../core/hand.js";
import { redraw, traits, writer } from "../core/model.js";
import { ramp } from "../core/scale.js";
import { sliced } from "../core/slices.js";
import { numbered, weightBar } from "../core/tiles.js";
import { digits, listed, percent, plural, signed } from "../core/words.js";
import { activationPlane } from "./plane.js";
import { localUnit } from "./unit.js";

/** @import { Encoded, Numbers } from "../core/arrays.js" */
/** @import { Child } from "../core/elements.js" */
/** @import { Host } from "../core/model.js" */
/** @import { Place } from "../core/pictures.js" */
/** @import { Layer } from "./unit.js" */

/**
 * @typedef {object} State
 * @property {number} candidate
 * @property {Place | []} point the place to which it was moved, [] at home
 * @property {number} behavior the one whose weight the plane shows
 * @property {number} surface the mechanism that the plane shows
 * @property {boolean} softmax whether the unit's scores go through one
 * @property {string[]} history
 * @property {string[]} candidates
 * @property {string[]} names of the mechanisms, the unit first
 * @property {Encoded} behaviors [T, E]
 * @property {Encoded} vectors [M, E]
 * @property {Layer<Encoded>[]} unit
 * @property {Encoded[]} beside keys [T, E] of the other mechanisms
 * @property {Encoded} axes [2, E]
 * @property {Encoded} mean [E]
 * @property {number} share of the variance in the plane
 * @property {[Place, Place]} frame
 * @property {string[]} palette
 */

/** @param {Encoded} encoded */
const wideRows = (encoded) => rowsOf(array(encoded)).map((row) => Float64Array.from(row));

/** @param {Encoded | null} encoded */
const maybe = (encoded) => encoded && array(encoded);

/** @param {number} x */
const total = (x) => digits(Number(x.toPrecision(6)));

/** @param {Host<State>} host */
function render({ model, el: host }) {
  const { history, candidates: titles, names, palette } = traits(model);
  const behaviors = wideRows(model.get("behaviors"));
  const vectors = wideRows(model.get("vectors"));
  const keys = model.get("beside").map(wideRows);
  const axes = wideRows(model.get("axes"));
  const middle = array(model.get("mean")).data;
  const layers = model.get("unit").map((layer) => ({
    weight: array(layer.weight),
    bias: array(layer.bias),
    alpha: maybe(layer.alpha),
    mean: maybe(layer.mean),
    variance: maybe(layer.variance),
    eps: layer.eps,
  }));
  const unit = localUnit(layers, behaviors, axes);
  /** @type {number | null} the behavior under the hand */
  let hot = null;

  const put = writer(model);

  // ---- Arithmetic ------------------------------------------------------------

  /**
   * @param {Numbers} vector
   * @returns {Place}
   */
  function shadow(vector) {
    const gap = vector.map((x, i) => x - middle[i]);
    return [dot(axes[0], gap), dot(axes[1], gap)];
  }
  const ownPlaces = vectors.map(shadow);

  /**
   * @param {number} item
   * @param {Place} place
   * @returns {Place} from the item's own place
   */
  const stepTo = (item, [x, y]) => [x - ownPlaces[item][0], y - ownPlaces[item][1]];

  /** @param {number} mechanism */
  const isRaw = (mechanism) => !mechanism && !model.get("softmax");

  /**
   * The product of a key with an item that is moved by (x, y) in the plane.
   * @param {Numbers} key
   * @param {Numbers} vector of the item
   * @returns {(x: number, y: number) => number}
   */
  function product(key, vector) {
    const [still, right, top] = [vector, ...axes].map((one) => dot(key, one));
    return (x, y) => still + x * right + y * top;
  }

  /**
   * The logits [T] of a mechanism for an item, each at a step (x, y) from its place.
   * @param {number} item
   * @param {number} mechanism
   */
  const logitsOf = (item, mechanism) =>
    history.map((_, t) =>
      mechanism ? product(keys[mechanism - 1][t], vectors[item]) : unit(vectors[item], t),
    );

  /**
   * The weights [T] that a mechanism gives for an item at a step from its place.
   * @param {ReturnType<typeof logitsOf>} logits of the item
   * @param {number} mechanism
   * @param {Place} step
   */
  function weigh(logits, mechanism, [x, y] = [0, 0]) {
    const row = new Float64Array(logits.length);
    for (let t = 0; t < row.length; t++) row[t] = logits[t](x, y);
    return isRaw(mechanism) ? row : softmax(row);
  }

  /** @type {Map<string, { low: number, high: number }>} */
  const known = new Map();

  /**
   * The weights of the real items span the scale that all bars of a mechanism share.
   * @param {number} mechanism
   */
  function scaleOf(mechanism) {
    const name = `${mechanism} ${isRaw(mechanism)}`;
    let scale = known.get(name);
    if (!scale) {
      const rows = vectors.map((_, item) => weigh(logitsOf(item, mechanism), mechanism));
      scale = {
        low: Math.min(0, ...rows.map((row) => Math.min(...row))),
        high: Math.max(0, ...rows.map((row) => Math.max(...row))),
      };
      known.set(name, scale);
    }
    return scale;
  }

  function look() {
    const item = model.get("candidate");
    const point = model.get("point");
    const away = point.length > 0;
    const place = point.length ? point : ownPlaces[item];
    const step = stepTo(item, place);
    return {
      item,
      place,
      away,
      behavior: model.get("behavior"),
      surface: model.get("surface"),
      weights: names.map((_, mechanism) => weigh(logitsOf(item, mechanism), mechanism, step)),
    };
  }

  let now = look(); // what is drawn
  let painted = ""; // which surface
  const inSlices = sliced();

  // ---- Parts -----------------------------------------------------------------

  /** @param {number} item */
  const choose = (item) => put({ candidate: item, point: [] });
  const goHome = () => put({ point: [] });
  const plane = activationPlane(
    {
      frame: model.get("frame"),
      items: ownPlaces,
      titles,
      history: behaviors.map(shadow),
      names: history,
      palette,
    },
    { onmove: (place) => put({ point: place }), onjump: choose, onhome: goHome },
  );
  const asks = select("Candidate", titles, choose);
  const home = button("Back to the item", goHome);
  const kind = segmented(`Weights of ${names[0]}`, ["raw", "softmax"], (index) =>
    put({ softmax: index === 1 }),
  );
  const shows = segmented("Color of the map", names, (index) => put({ surface: index }));
  const least = el("span");
  const most = el("span");
  const legend = el("p", { class: "sv-hint sv-key" }, el("span", {}, least, ramp(palette), most));
  const note = el("p", { class: "sv-hint" });
  const lines = history.map((title, t) => {
    const bars = names.map(() => weightBar());
    const attributes = { class: "sv-tile sv-line", "data-t": t, title, tabindex: -1 };
    const onclick = () => put({ behavior: t });
    const node = el(
      "button",
      { type: "button", onclick, ...attributes },
      numbered(t, title),
      bars.map((bar) => bar.node),
    );
    return { node, bars };
  });
  const list = el(
    "ol",
    {
      class: "sv-lines",
      "data-rows": true,
      "aria-label": "History, oldest behavior first",
    },
    lines.map(({ node }) => el("li", {}, node)),
  );
  const listKeys = roving(list, ".sv-line");
  const full = el("p", { class: "sv-hint" });
  const totals = names.map(() => el("b"));
  const live = sentence();
  hand(list, ".sv-line", (node) => touch(node && Number(node.dataset.t)));

  // ---- Drawing ---------------------------------------------------------------

  function draw() {
    now = look();
    asks.set(now.item);
    home.disabled = !now.away;
    kind.set(model.get("softmax") ? 1 : 0);
    shows.set(now.surface);
    drawPlane();
    drawLines();
    speak();
  }

  function drawPlane() {
    const { item, place, away, behavior, surface } = now;
    const wanted = [item, behavior, surface, isRaw(surface)].join(" ");
    if (wanted !== painted) inSlices(paint());
    painted = wanted;
    const [x, y] = place.map(digits);
    plane.move(place, away ? `${x} across, ${y} up` : titles[item]);
    plane.choose(behavior);
    note.replaceChildren(
      "The color is the weight that ",
      names[surface],
      " gives ",
      el("em", {}, history[behavior]),
      `. The plane shows ${percent(model.get("share"))} of the variance of `,
      `${plural(middle.length, "dimension")}; the rest stays that of `,
      el("em", {}, titles[item]),
      ".",
    );
  }

  /** The surface: the chosen weight for the candidate at each place of the plane. */
  function* paint() {
    const { item, behavior, surface } = now;
    const raw = isRaw(surface);
    const logits = logitsOf(item, surface);
    const ends = yield* plane.paint((place) => {
      const step = stepTo(item, place);
      return raw ? logits[behavior](...step) : weigh(logits, surface, step)[behavior];
    });
    const flat = digits(ends[0]) === digits(ends[1]); // nearly
    const texts = ends.map((end) => (flat ? signed(end.toPrecision(4)) : digits(end)));
    [least.textContent, most.textContent] = texts;
  }

  function drawLines() {
    const { weights, behavior } = now;
    const scales = weights.map((row, mechanism) => {
      const { low, high } = scaleOf(mechanism);
      return { low: Math.min(low, ...row), high: Math.max(high, ...row) };
    });
    lines.forEach(({ node, bars }, t) => {
      bars.forEach((bar, i) => {
        bar.set(weights[i][t], scales[i].high, scales[i].low);
      });
      setCurrent(node, t === behavior);
      const told = names.map((name, i) => `${name} ${digits(weights[i][t])}`).join(", ");
      node.setAttribute(
        "aria-label",
        `${t + 1} of ${history.length}: ${history[t]}, weights: ${told}`,
      );
    });
    totals.forEach((node, i) => {
      node.textContent = total(sum(weights[i]));
      node.dataset.total = String(sum(weights[i]));
    });
    const spans = names.map((name, i) => {
      const { low, high } = scales[i];
      return `${low < 0 ? `from ${digits(low)} ` : ""}to ${digits(high)} (${name})`;
    });
    const hollow = scales.some(({ low }) => low < 0) ? "; hollow: below zero" : "";
    full.textContent = `The bars run ${listed(spans)}${hollow}.`;
  }

  // ---- Words -----------------------------------------------------------------

  function speak() {
    const { item, away, weights } = now;
    /** @type {Child[]} */
    const words = ["Candidate ", el("em", {}, titles[item]), away ? ", moved" : ""];
    if (hot != null) {
      const t = hot;
      words.push(" on ", el("em", {}, history[t]), ": ");
      names.forEach((name, i) => {
        words.push(i ? ", " : "", `${name} gives it weight ${digits(weights[i][t])}`);
      });
      return live.say(...words, ".");
    }
    words.push(". The weight farthest from 0: ");
    names.forEach((name, i) => {
      const [t] = best(weights[i].map(Math.abs), 1)[0];
      const weight = `${name} ${digits(weights[i][t])} on `;
      words.push(i ? "; " : "", weight, el("em", {}, history[t]));
      if (!i) words.push(`, on the whole history ${total(sum(weights[i]))}`);
    });
    return live.say(...words, ".");
  }

  // ---- Under the hand --------------------------------------------------------

  /** @param {number | null} t */
  function touch(t) {
    hot = t;
    lines.forEach(({ node }, place) => {
      node.classList.toggle("sv-hot", place === t);
    });
    plane.touch(t);
    speak();
  }

  // ---- The card --------------------------------------------------------------

  /**
   * @param {string} name of the row
   * @param {Child} head
   * @param {Child[]} cells
   */
  const row = (name, head, cells) =>
    el("p", { class: `sv-line ${name}` }, el("span", {}, head), cells);
  const heads = names.map((text) => el("span", {}, text));
  const root = card(
    "activation",
    model,
    [asks.node, kind.node, shows.node],
    el(
      "div",
      { class: "sv-halves sv-stays" },
      el(
        "div",
        {},
        part("Plane", "drag the candidate or press a dot"),
        plane.node,
        el("div", { class: "sv-under-plane" }, legend, home),
        note,
      ),
      el(
        "div",
        { style: `--sv-count:${names.length}` },
        part("History", "press one to see its weight on the map"),
        row("sv-heads", null, heads),
        list,
        row("sv-totals", "strength, their sum", totals),
        full,
      ),
    ),
    live.node,
  );
  listKeys.refresh();
  redraw(model, ["candidate", "point", "behavior", "surface", "softmax"], draw);
  draw();
  host.replaceChildren(root);
}

export default { render };
