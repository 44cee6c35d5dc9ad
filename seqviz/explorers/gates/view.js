// GatesExplorer: several models asked about one input, their coefficients as bars, dials
// and flow, and one of them frozen at its mean. Every number is looked up.

import { array, rowOf } from "../core/arrays.js";
import { card, part, sentence } from "../core/card.js";
import { select } from "../core/controls.js";
import { el, svg } from "../core/elements.js";
import { hand, roving } from "../core/hand.js";
import { redraw, traits, writer } from "../core/model.js";
import { barMark, weightBar } from "../core/tiles.js";
import { digits, fixed, listed } from "../core/words.js";

/** @import { Encoded, Numbers } from "../core/arrays.js" */
/** @import { Child } from "../core/elements.js" */
/** @import { Host } from "../core/model.js" */

/**
 * @typedef {object} Job
 * @property {string} name
 * @property {"bars" | "dials" | "flow"} kind
 * @property {string[]} names of the coefficients, or of the experts
 * @property {string[]} labels
 * @property {number} full
 */

/**
 * @typedef {object} State
 * @property {number[]} choice
 * @property {number} freeze 0, or the number of a job from 1
 * @property {[string, string[]][]} inputs
 * @property {Job[]} jobs
 * @property {Encoded[]} values [R, G] each
 * @property {Encoded[]} chances [R]
 * @property {Encoded[]} frozen [R]
 * @property {Encoded[]} means [G]
 * @property {Encoded | null} truth [R]
 */

/**
 * A picture of coefficients.
 * @typedef {object} Picture
 * @property {Element} node
 * @property {string} selector of a coefficient
 * @property {(values: Numbers, mean: Numbers) => void} set
 */

/** @param {Job} job */
const namesOf = ({ names, labels }) =>
  labels.length ? labels.flatMap((label) => names.map((name) => `${name} for ${label}`)) : names;

/**
 * @param {Job} job
 * @returns {Picture}
 */
function bars(job) {
  const lines = job.names.map((name, g) => {
    const mark = barMark();
    const bar = weightBar(mark.node);
    const attributes = { class: "sv-coefficient", role: "img", "data-g": g, tabindex: -1 };
    const node = el(
      "li",
      {},
      el("div", attributes, el("span", { class: "sv-of" }, name), bar.node),
    );
    return { node, bar, mark };
  });
  return {
    node: el(
      "ol",
      { class: "sv-bars" },
      lines.map(({ node }) => node),
    ),
    selector: ".sv-coefficient",
    set(values, mean) {
      lines.forEach(({ bar, mark }, g) => {
        bar.set(values[g], job.full);
        mark.set(mean[g] / job.full);
      });
    },
  };
}

const [MIDDLE, FLOOR, RADIUS] = [32, 34, 26];

/**
 * The place on a dial at a share of its half circle.
 * @param {number} share
 * @param {number} radius
 */
function onDial(share, radius = RADIUS) {
  const angle = Math.PI * (1 - share);
  return [MIDDLE + radius * Math.cos(angle), FLOOR - radius * Math.sin(angle)].map((x) =>
    x.toFixed(2),
  );
}

/**
 * @param {number} share
 */
const arc = (share) =>
  `M${onDial(0).join(" ")}A${RADIUS} ${RADIUS} 0 0 1 ${onDial(share).join(" ")}`;

/**
 * @param {Job} job
 * @returns {Picture}
 */
function dials(job) {
  const made = job.names.map((name, g) => {
    const swept = svg("path", { class: "sv-swept" });
    const usual = svg("line", { class: "sv-usual" });
    const picture = svg(
      "svg",
      { width: 64, height: 38, "aria-hidden": "true" },
      svg("path", { class: "sv-arc", d: arc(1) }),
      swept,
      usual,
    );
    const attributes = { class: "sv-dial", role: "img", "data-g": g, tabindex: -1, title: name };
    const face = el("div", attributes, picture, el("span", { class: "sv-of" }, name));
    return { node: el("li", {}, face), face, swept, usual };
  });
  return {
    node: el(
      "ol",
      { class: "sv-dials" },
      made.map(({ node }) => node),
    ),
    selector: ".sv-dial",
    set(values, mean) {
      made.forEach(({ face, swept, usual }, g) => {
        face.dataset.weight = String(values[g]);
        swept.setAttribute("d", arc(values[g] / job.full));
        const [inner, outer] = [RADIUS - 6, RADIUS + 6].map((r) => onDial(mean[g] / job.full, r));
        usual.setAttribute("x1", inner[0]);
        usual.setAttribute("y1", inner[1]);
        usual.setAttribute("x2", outer[0]);
        usual.setAttribute("y2", outer[1]);
      });
    },
  };
}

/**
 * @param {Job} job
 * @returns {Picture}
 */
function flow({ names, labels, full }) {
  const rows = Math.max(names.length, labels.length);
  const height = 34 * rows + 8;
  /** @param {number} count */
  const places = (count) => Array.from({ length: count }, (_, i) => ((i + 0.5) * height) / count);
  const [left, right] = [places(names.length), places(labels.length)];
  const streams = labels.flatMap((_, y) =>
    names.map((_, x) => {
      const d = `M84 ${left[x]}C150 ${left[x]} 150 ${right[y]} 216 ${right[y]}`;
      const run = svg("path", { class: "sv-run", d });
      const g = y * names.length + x;
      const attributes = { class: "sv-stream", role: "img", "data-g": g, tabindex: -1 };
      return { run, node: svg("g", attributes, svg("path", { class: "sv-reach", d }), run) };
    }),
  );
  /**
   * @param {string} name
   * @param {number} x
   * @param {number} y
   * @param {string} anchor
   */
  const word = (name, x, y, anchor) =>
    svg("text", { x, y: y + 4, "text-anchor": anchor, "aria-hidden": "true" }, name);
  return {
    node: svg(
      "svg",
      {
        class: "sv-flow",
        width: 280,
        height,
        viewBox: `0 0 280 ${height}`,
        role: "group",
        "aria-label": "Experts and labels",
      },
      streams.map(({ node }) => node),
      names.map((name, x) => word(name, 78, left[x], "end")),
      labels.map((label, y) => word(label, 222, right[y], "start")),
    ),
    selector: ".sv-stream",
    set(values) {
      streams.forEach(({ node, run }, g) => {
        node.dataset.weight = String(values[g]);
        run.style.strokeWidth = `${0.5 + (13.5 * values[g]) / full}px`;
      });
    },
  };
}

const PICTURES = { bars, dials, flow };

/** @param {Host<State>} host */
function render({ model, el: host }) {
  const { inputs, jobs, truth: known } = traits(model);
  const [values, chances, frozen, means] = /** @type {const} */ ([
    "values",
    "chances",
    "frozen",
    "means",
  ]).map((name) => model.get(name).map(array));
  const truth = known && array(known).data;
  /** @type {{ job: number, g: number } | null} what is under the hand */
  let hot = null;
  const put = writer(model);

  function look() {
    const choice = model.get("choice");
    const freeze = model.get("freeze");
    const row = choice.reduce((sum, place, i) => sum * inputs[i][1].length + place, 0);
    const shown = jobs.map((_, j) => {
      const cold = freeze === j + 1;
      const moving = rowOf(values[j], row);
      const mean = means[j].data;
      return {
        cold,
        mean,
        values: cold ? mean : moving,
        chance: chances[j].data[row],
        frozen: frozen[j].data[row],
      };
    });
    return { choice, freeze, row, shown };
  }

  let now = look();

  // ---- Parts -----------------------------------------------------------------

  const chosen = inputs.map(([name, options], i) =>
    select(name, options, (place) => {
      const choice = [...model.get("choice")];
      choice[i] = place;
      put({ choice });
    }),
  );
  const freezing = select("Freeze", ["nothing", ...jobs.map(({ name }) => name)], (freeze) =>
    put({ freeze }),
  );
  const live = sentence();

  const parts = jobs.map((job, j) => {
    const picture = PICTURES[job.kind](job);
    const note = el("span");
    const scale = job.kind === "bars" ? `a full bar is ${digits(job.full)}` : null;
    const node = el("div", {}, part(job.name, note, scale), picture.node);
    const keys = roving(node, picture.selector);
    keys.refresh();
    const all = [...node.querySelectorAll(picture.selector)];
    hand(node, picture.selector, (under) => {
      hot = under ? { job: j, g: Number(under.dataset.g) } : null;
      for (const one of all) one.classList.toggle("sv-hot", one === under);
      speak();
    });
    return { node, picture, note, all };
  });

  // ---- Drawing ---------------------------------------------------------------

  function draw() {
    now = look();
    chosen.forEach((control, i) => {
      control.set(now.choice[i]);
    });
    freezing.set(now.freeze);
    parts.forEach(({ node, picture, note, all }, j) => {
      const { cold, values, mean, chance, frozen } = now.shown[j];
      node.classList.toggle("sv-cold", cold);
      picture.set(values, mean);
      note.textContent = cold
        ? `frozen: ${fixed(frozen, 2)}, was ${fixed(chance, 2)}`
        : `chance ${fixed(chance, 2)}`;
      const names = namesOf(jobs[j]);
      all.forEach((one, g) => {
        one.setAttribute("aria-label", `${names[g]}: ${fixed(values[g], 2)}`);
      });
    });
    speak();
  }

  function speak() {
    if (hot) {
      const { job, g } = hot;
      const { values, mean } = now.shown[job];
      const name = namesOf(jobs[job])[g];
      return live.say(
        `${jobs[job].name}, `,
        el("em", {}, name),
        `: ${fixed(values[g], 2)}, on average ${fixed(mean[g], 2)}.`,
      );
    }
    const words = inputs.map(([, options], i) => options[now.choice[i]]);
    const said = jobs.map(({ name }, j) => {
      const { cold, chance, frozen } = now.shown[j];
      return cold ? `${name} frozen ${fixed(frozen, 2)}` : `${name} ${fixed(chance, 2)}`;
    });
    /** @type {Child[]} */
    const all = [el("em", {}, words.join(", ")), `: the chances are ${listed(said)}.`];
    if (truth) all.push(` The true one is ${fixed(truth[now.row], 2)}.`);
    return live.say(...all);
  }

  const root = card(
    "gates",
    model,
    [...chosen.map(({ node }) => node), freezing.node],
    el(
      "div",
      { class: "sv-jobs" },
      parts.map(({ node }) => node),
    ),
    live.node,
  );
  redraw(model, ["choice", "freeze"], draw);
  draw();
  host.replaceChildren(root);
}

export default { render };
