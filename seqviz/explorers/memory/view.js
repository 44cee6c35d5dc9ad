// MemoryExplorer: a history, the gates, the cell and the state of a recurrent layer over
// it, what the last state still depends on, and what a probe reads from it.

import { array, rowsOf, sum } from "../core/arrays.js";
import { card, part, sentence } from "../core/card.js";
import { button, segmented, select } from "../core/controls.js";
import { dragging } from "../core/dragging.js";
import { el, kept, setCurrent } from "../core/elements.js";
import { hand, roving } from "../core/hand.js";
import { redraw, traits, writer } from "../core/model.js";
import { readLayer, run } from "../core/recurrent.js";
import { mix, ramp } from "../core/scale.js";
import { numbered, weightBar } from "../core/tiles.js";
import { digits, fixed, listed, percent } from "../core/words.js";

/** @import { Encoded } from "../core/arrays.js" */
/** @import { Host } from "../core/model.js" */
/** @import { EncodedLayer } from "../core/recurrent.js" */

/**
 * @typedef {object} State
 * @property {number[]} history places in `titles`, oldest first
 * @property {number} layer
 * @property {number} behavior
 * @property {string[]} titles
 * @property {string[]} labels what the probes read
 * @property {number[]} label_of of each item
 * @property {string[]} names of the layers
 * @property {Encoded} vectors [items, E]
 * @property {EncodedLayer[]} layers
 * @property {string[]} gates bands between 0 and 1
 * @property {string[]} scale colors from low to high
 */

const DECADES = 4; // from a full slope bar to none

/** @param {Host<State>} host */
function render({ model, el: host }) {
  const { titles, labels, label_of: labelOf, names, scale, gates } = traits(model);
  const T = model.get("history").length;
  const table = rowsOf(array(model.get("vectors"))).map((row) => Float64Array.from(row));
  const layers = model.get("layers").map(readLayer);
  /** @type {number | null} the behavior under the hand */
  let hot = null;

  const put = writer(model);

  function look() {
    const history = model.get("history");
    const layer = layers[model.get("layer")];
    const there = new Set(history.map((place) => labelOf[place]));
    return {
      history,
      layer,
      there,
      name: names[model.get("layer")],
      behavior: model.get("behavior"),
      ...run(
        layer,
        history.map((place) => table[place]),
      ),
    };
  }

  let now = look();

  // ---- Changing the history --------------------------------------------------

  /**
   * Takes a behavior to another place, the others move up.
   * @param {number} from
   * @param {number} to
   */
  function move(from, to) {
    if (to < 0 || to >= T || to === from) return;
    const history = [...model.get("history")];
    history.splice(to, 0, ...history.splice(from, 1));
    put({ history, behavior: to });
  }

  /** @param {number} place the item that the picked behavior becomes */
  function change(place) {
    const history = [...model.get("history")];
    history[model.get("behavior")] = place;
    put({ history });
  }

  // ---- Parts -----------------------------------------------------------------

  const kind = segmented("Layer", names, (layer) => put({ layer }));
  const item = select("Make the picked behavior", titles, change);
  const earlier = button("Earlier", () => move(now.behavior, now.behavior - 1));
  const later = button("Later", () => move(now.behavior, now.behavior + 1));
  const mover = el("div", { class: "sv-mover" }, earlier, later);
  const tiles = Array.from({ length: T }, (_, t) => {
    const node = el("button", {
      type: "button",
      class: "sv-tile",
      "data-t": t,
      tabindex: -1,
      onclick: () => put({ behavior: t }),
    });
    return node;
  });
  const list = el(
    "ol",
    { class: "sv-steps", "data-rows": true, "aria-label": "History, oldest behavior first" },
    tiles.map((node) => el("li", {}, node)),
  );
  roving(list, ".sv-tile").refresh();
  const bands = el("div", { class: "sv-bands" });
  const drawn = kept(bands, String, newBand);
  const slopes = Array.from({ length: T }, (_, t) => {
    const bar = el("i");
    const number = el("b");
    return { node: el("span", { class: "sv-slope", "data-t": t }, bar, number), bar, number };
  });
  const slopeRow = el(
    "div",
    { class: "sv-slopes" },
    slopes.map(({ node }) => node),
  );
  const slopeNote = el("p", { class: "sv-hint" });
  const box = el(
    "div",
    { class: "sv-time", style: `--sv-count:${T}` },
    list,
    bands,
    el("p", { class: "sv-band-name" }, "slope of the last state"),
    slopeRow,
  );
  const knows = labels.map((text) => {
    const bar = weightBar();
    const name = el("span", { class: "sv-label-name" }, text);
    return { node: el("li", { class: "sv-known" }, name, bar.node), name, bar };
  });
  const known = el(
    "ol",
    { class: "sv-knowns" },
    knows.map(({ node }) => node),
  );
  const live = sentence();

  // ---- Drawing ---------------------------------------------------------------

  function draw() {
    now = look();
    kind.set(model.get("layer"));
    item.set(now.history[now.behavior]);
    earlier.setAttribute("aria-disabled", String(now.behavior === 0));
    later.setAttribute("aria-disabled", String(now.behavior === T - 1));
    tiles.forEach((node, t) => {
      const title = titles[now.history[t]];
      if (node.title !== title) node.replaceChildren(numbered(t, title));
      node.title = title;
      setCurrent(node, t === now.behavior);
    });
    drawBands();
    drawSlopes();
    knows.forEach(({ node, name, bar }, c) => {
      const there = now.there.has(c);
      bar.set(now.known[c], 1);
      bar.say(percent(now.known[c]));
      node.classList.toggle("sv-there", there);
      node.dataset.known = String(now.known[c]);
      name.textContent = there ? `${labels[c]} · clicked` : labels[c];
    });
    speak();
  }

  function drawBands() {
    drawn(now.bands.map(({ name }) => name)).forEach((band, n) => {
      band.draw(now.bands[n].rows);
    });
  }

  /**
   * A band: its name, its scale, a column of colors for each step.
   * @param {string} name
   */
  function newBand(name) {
    const gate = gates.includes(name);
    const canvas = el("canvas", { width: T, role: "img" });
    const pen = canvas.getContext("2d");
    const [low, high] = [el("span"), el("span")];
    const legend = el("span", { class: "sv-ends" }, low, ramp(scale), high);
    const words = el("p", { class: "sv-band-name" }, el("span", {}, bandName(name)), legend);
    return {
      node: el("div", { class: "sv-band", "data-band": name }, words, canvas),
      /** @param {Float64Array[]} rows [T][H] */
      draw(rows) {
        const H = rows[0].length;
        const largest = gate
          ? 1
          : Math.max(...rows.map((row) => Math.max(...row.map(Math.abs))), 1e-9);
        if (canvas.height !== H) canvas.height = H;
        const picture = pen?.createImageData(T, H);
        rows.forEach((row, t) => {
          row.forEach((value, i) => {
            const share = gate ? value : (value / largest + 1) / 2;
            picture?.data.set([...mix(share, scale), 255], 4 * (i * T + t));
          });
        });
        if (picture) pen?.putImageData(picture, 0, 0);
        canvas.setAttribute(
          "aria-label",
          `${name}, ${H} numbers at each of ${T} steps; ${meansOf(rows, gate)}`,
        );
        low.textContent = gate ? "0" : `−${digits(largest)}`;
        high.textContent = gate ? "1" : digits(largest);
      },
    };
  }

  /** @param {string} name */
  const bandName = (name) => (gates.includes(name) ? `${name} gate` : name);

  /**
   * @param {Float64Array[]} rows
   * @param {boolean} gate
   */
  function meansOf(rows, gate) {
    const means = rows.map((row) => sum(gate ? row : row.map(Math.abs)) / row.length);
    const what = gate ? "mean" : "mean size";
    return `${what} ${means.map((mean) => fixed(mean, 2)).join(", ")}`;
  }

  function drawSlopes() {
    const largest = Math.max(...now.slopes);
    slopes.forEach(({ node, bar, number }, t) => {
      const share = now.slopes[t] / largest;
      const length = Math.max(0, 1 + Math.log10(share) / DECADES);
      bar.style.height = `${100 * length}%`;
      node.dataset.slope = String(now.slopes[t]);
      number.textContent = digits(share);
    });
    slopeNote.textContent =
      `Number: the slope by this behavior, as a share of the largest (${digits(largest)}). ` +
      "The bar is logarithmic: a quarter less is ten times less.";
  }

  // ---- Words -----------------------------------------------------------------

  /** @param {number} t */
  const em = (t) => el("em", {}, titles[now.history[t]]);

  function speak() {
    const t = hot ?? now.behavior;
    const share = now.slopes[t] / now.slopes[T - 1];
    const label = labelOf[now.history[t]];
    const missed = [...now.there].filter((c) => now.known[c] < 0.5).map((c) => labels[c]);
    const verdict = missed.length
      ? `the probe misses ${listed(missed)}`
      : "the probe finds everything that was clicked";
    const times = share < 1 ? `${digits(share)} times` : "at least";
    live.say(
      `${now.name}, behavior ${t + 1} of ${T}, `,
      em(t),
      T - 1 === t
        ? ": the last one"
        : `: the last state depends on it ${times} as much as on the last`,
      `. For ${labels[label]} the probe says ${percent(now.known[label])}; ${verdict}.`,
    );
  }

  // ---- Under the hand --------------------------------------------------------

  /** @param {number | null} t */
  function touch(t) {
    hot = t;
    tiles.forEach((node, place) => {
      node.classList.toggle("sv-hot", place === t);
    });
    slopes.forEach(({ node }, place) => {
      node.classList.toggle("sv-hot", place === t);
    });
    speak();
  }

  hand(list, ".sv-tile", (node) => touch(node && Number(node.dataset.t)));
  dragging(list, move);

  // ---- The card --------------------------------------------------------------

  const root = card(
    "memory",
    model,
    [names.length > 1 ? kind.node : null, item.node, mover],
    part("Over time", "press a behavior, drag it elsewhere"),
    el("div", { class: "sv-time-box" }, box),
    slopeNote,
    part("What the last state still knows", "read by a probe; a full bar is certain"),
    known,
    live.node,
  );
  redraw(model, ["history", "layer", "behavior"], draw);
  draw();
  host.replaceChildren(root);
}

export default { render };
