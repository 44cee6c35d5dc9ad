// WorldExplorer: a map of worlds, and all models in the world that is picked.

import { array } from "../core/arrays.js";
import { card, part, sentence } from "../core/card.js";
import { segmented, select } from "../core/controls.js";
import { el, setCurrent } from "../core/elements.js";
import { hand, roving, under } from "../core/hand.js";
import { redraw, traits, writer } from "../core/model.js";
import { interval, short, signOf, verdict, withSign, wordOf } from "./words.js";

/** @import { Encoded } from "../core/arrays.js" */
/** @import { Child } from "../core/elements.js" */
/** @import { Part } from "../core/hand.js" */
/** @import { Host } from "../core/model.js" */

/**
 * @typedef {object} State
 * @property {number} model a place among the names
 * @property {number[]} place for each axis the place of its value
 * @property {string[]} names the first is what the others are compared with
 * @property {string[]} axes
 * @property {string[][]} texts for each axis what its values are shown as
 * @property {number} rows a place among the axes
 * @property {number} columns
 * @property {Encoded} values [M, W, 4]: mean, difference, low, high
 * @property {Encoded} marks [M, W]: 1 better, -1 worse, 0 not told apart
 * @property {string} metric
 */

/** @typedef {{ mean: number, difference: number, low: number, high: number, mark: number }} Result */

/** @param {Host<State>} host */
function render({ model, el: host }) {
  const { names, axes, texts } = traits(model);
  const [rows, columns] = [model.get("rows"), model.get("columns")];
  const { shape, data } = array(model.get("values"));
  const marks = array(model.get("marks")).data;
  const [, W, numbers] = shape;
  const against = names[0];
  const put = writer(model);
  /** @type {Child[]} */
  let summary = [];

  // ---- Numbers ---------------------------------------------------------------

  /** @param {number[]} place the last axis runs fastest */
  const worldAt = (place) => place.reduce((world, at, axis) => world * texts[axis].length + at, 0);

  /**
   * @param {number} name
   * @param {number} world
   * @returns {Result}
   */
  function result(name, world) {
    const row = name * W + world;
    const [mean, difference, low, high] = data.subarray(row * numbers, (row + 1) * numbers);
    return { mean, difference, low, high, mark: marks[row] };
  }

  /**
   * The picked place, but for some axes.
   * @param {Record<number, number>} changes
   */
  const moved = (changes) => model.get("place").map((at, axis) => changes[axis] ?? at);

  const everyWorld = Array.from({ length: W }, (_, world) => world);
  /** The largest difference of each model, which fills half a cell. */
  const full = names.map((_, name) =>
    Math.max(...everyWorld.map((world) => Math.abs(result(name, world).difference))),
  );
  const reach = names.slice(1).reduce((most, _, n) => {
    const ends = everyWorld.map((world) => result(n + 1, world));
    return Math.max(most, ...ends.flatMap(({ low, high }) => [Math.abs(low), Math.abs(high)]));
  }, 0);

  /**
   * What a world says of a model.
   * @param {number[]} place
   * @param {number} name
   */
  function said(place, name) {
    const world = worldAt(place);
    const { mean, difference, low, high, mark } = result(name, world);
    const where = axes.map((axis, n) => [
      n ? ", " : "",
      el("span", { class: "sv-named" }, `${axis} = ${texts[n][place[n]]}`),
    ]);
    const says =
      `: ${names[name]} ${short(mean)}, ${against} ${short(result(0, world).mean)}; ` +
      `${interval(difference, low, high)}: ${verdict(mark, names[name], against)}.`;
    return [...where.flat(), says];
  }

  // ---- The map ---------------------------------------------------------------

  const which = select("Model", names.slice(1), (index) => put({ model: index + 1 }));
  const others = axes
    .map((label, axis) => ({
      axis,
      ...segmented(label, texts[axis], (at) => put({ place: moved({ [axis]: at }) })),
    }))
    .filter(({ axis }) => axis !== rows && axis !== columns);

  /**
   * @param {number} row
   * @param {number} column
   */
  function cell(row, column) {
    const [says, bar] = [el("span"), el("i")];
    const node = el(
      "button",
      { type: "button", class: "sv-world", tabindex: -1 },
      says,
      el("span", { class: "sv-length" }, bar),
    );
    return { at: { [rows]: row, [columns]: column }, node, says, bar };
  }

  const cells = texts[rows].map((_, row) => texts[columns].map((_, column) => cell(row, column)));
  const map = el(
    "table",
    { class: "sv-map" },
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        el("th", { scope: "col", rowspan: 2 }, axes[rows]),
        el("th", { scope: "colgroup", colspan: texts[columns].length }, axes[columns]),
      ),
      el(
        "tr",
        {},
        texts[columns].map((text) => el("th", { scope: "col" }, text)),
      ),
    ),
    el(
      "tbody",
      {},
      cells.map((row, n) =>
        el(
          "tr",
          {},
          el("th", { scope: "row" }, texts[rows][n]),
          row.map(({ node }) => el("td", {}, node)),
        ),
      ),
    ),
  );
  const flat = cells.flat();

  /** @param {Event} event */
  function pick(event) {
    const one = flat.find(({ node }) => node === under(event, ".sv-world"));
    if (!one) return;
    const place = moved(one.at);
    if (worldAt(place) !== worldAt(model.get("place"))) put({ place });
  }

  map.addEventListener("click", pick);
  map.addEventListener("focusin", pick); // arrow keys slide the world
  roving(map, ".sv-world");

  // ---- The picked world ------------------------------------------------------

  /** @param {string} name */
  function line(name) {
    const [mean, says] = ["sv-mean", "sv-says"].map((kind) => el("span", { class: kind }));
    const [bar, point] = ["sv-bar", "sv-point"].map((kind) => el("i", { class: kind }));
    const node = el(
      "div",
      { class: "sv-model", role: "img", tabindex: -1 },
      el("span", { class: "sv-who" }, name),
      mean,
      el("div", { class: "sv-track" }, el("i", { class: "sv-middle" }), bar, point),
      says,
    );
    return { node, mean, says, bar, point };
  }

  const lines = names.map(line);
  lines[0].node.classList.add("sv-against");
  lines[0].bar.remove();
  const list = el(
    "div",
    { class: "sv-models", role: "group", "aria-label": "The models in the picked world" },
    lines.map(({ node }) => node),
  );
  const keys = roving(list, ".sv-model");
  const ends = [withSign(-reach), "0", withSign(reach)].map((text) => el("span", {}, text));
  const mapTitle = el("span");
  const key = el("p", { class: "sv-hint" });
  const live = sentence();

  // ---- Drawing ---------------------------------------------------------------

  function drawMap() {
    const name = model.get("model");
    const picked = worldAt(model.get("place"));
    for (const { at, node, says, bar } of flat) {
      const world = worldAt(moved(at));
      const { difference, mark } = result(name, world);
      says.textContent = `${withSign(difference)} ${signOf(mark)}`;
      const half = (50 * Math.abs(difference)) / (full[name] || 1);
      bar.style.cssText = `left:${difference < 0 ? 50 - half : 50}%;width:${half}%`;
      bar.hidden = difference === 0;
      bar.classList.toggle("sv-minus", difference < 0);
      node.style.setProperty("--sv-share", `${half / 50}`);
      node.dataset.difference = String(difference);
      node.dataset.mark = String(mark);
      node.setAttribute(
        "aria-label",
        `${axes[rows]} = ${texts[rows][at[rows]]}, ${axes[columns]} = ` +
          `${texts[columns][at[columns]]}: ${withSign(difference)}, ${wordOf(mark)}`,
      );
      setCurrent(node, world === picked);
      node.tabIndex = world === picked ? 0 : -1;
    }
    mapTitle.textContent = `${names[name]} less ${against}`;
    key.textContent =
      "▲ better, ▼ worse, – not told apart, after Holm. A bar to the edge of its cell is a " +
      `difference of ${short(full[name])}.`;
  }

  function drawWorld() {
    const world = worldAt(model.get("place"));
    /** @param {number} x in percent of the scale */
    const across = (x) => 50 * (1 + x / (reach || 1));
    lines.forEach(({ node, mean, says, bar, point }, name) => {
      const one = result(name, world);
      mean.textContent = short(one.mean);
      node.dataset.mean = String(one.mean);
      node.classList.toggle("sv-chosen", name === model.get("model"));
      if (name === 0) {
        says.textContent = "the middle line";
        node.setAttribute("aria-label", `${against} ${short(one.mean)}: the middle line.`);
        return;
      }
      const { difference, low, high, mark } = one;
      bar.style.cssText = `left:${across(low)}%;width:${across(high) - across(low)}%`;
      point.style.left = `${across(difference)}%`;
      says.textContent = `${withSign(difference)} ${signOf(mark)} ${wordOf(mark)}`;
      node.dataset.ends = [difference, low, high].join(" ");
      node.dataset.mark = String(mark);
      node.setAttribute(
        "aria-label",
        `${names[name]} ${short(one.mean)}: ${interval(difference, low, high)}, ${wordOf(mark)}.`,
      );
    });
  }

  function draw() {
    const place = model.get("place");
    which.set(model.get("model") - 1);
    for (const { axis, set } of others) set(place[axis]);
    drawMap();
    drawWorld();
    summary = said(place, model.get("model"));
    keys.refresh();
    touchLine(/** @type {Part | null} */ (list.querySelector(".sv-model:focus")));
  }

  /** @param {Part | null} node */
  function touchCell(node) {
    const one = flat.find((other) => other.node === node);
    for (const other of flat) other.node.classList.toggle("sv-hot", other === one);
    live.say(...(one ? said(moved(one.at), model.get("model")) : summary));
  }

  /** @param {Part | null} node */
  function touchLine(node) {
    const name = lines.findIndex((other) => other.node === node);
    lines.forEach((other, n) => {
      other.node.classList.toggle("sv-hot", n === name);
    });
    live.say(...(name > 0 ? said(model.get("place"), name) : summary));
  }

  hand(map, ".sv-world", touchCell);
  hand(list, ".sv-model", touchLine);

  // ---- The card --------------------------------------------------------------

  const root = card(
    "worlds",
    model,
    [which.node, ...others.map(({ node }) => node)],
    part(mapTitle, model.get("metric")),
    el("div", { class: "sv-scroll" }, map),
    key,
    part("All models in the picked world", `difference to ${against}, 95% interval`),
    list,
    el("div", { class: "sv-model sv-scale" }, el("div", {}, ends)),
    live.node,
  );
  redraw(model, ["model", "place"], draw);
  host.replaceChildren(root);
  draw();
}

export default { render };
