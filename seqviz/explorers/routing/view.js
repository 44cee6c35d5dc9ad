// RoutingExplorer: one history, its votes, their coupling and the interests, from
// iteration to iteration, in each form.

import { array, best, dot, rowsOf } from "../core/arrays.js";
import { card, part, sentence } from "../core/card.js";
import { button, segmented } from "../core/controls.js";
import { el, setCurrent } from "../core/elements.js";
import { hand, isShortcut, roving } from "../core/hand.js";
import { redraw, traits, writer } from "../core/model.js";
import { named, ownClass, sign } from "../core/signs.js";
import { barMark, numbered, weightBar } from "../core/tiles.js";
import { digits, fixed, listed, percent } from "../core/words.js";
import { planeKey, RIM, votePlane } from "./plane.js";
import { route } from "./route.js";

/** @import { Encoded, Numbers } from "../core/arrays.js" */
/** @import { Child } from "../core/elements.js" */
/** @import { Host } from "../core/model.js" */
/** @import { Place } from "../core/pictures.js" */

/**
 * A form of routing as Python sends it.
 * @typedef {object} EncodedForm
 * @property {Encoded} votes [T, K, E]; [T, 1, E] where all interests share them
 * @property {Encoded} logits the first ones, [T, K]
 * @property {number[]} active [K], 1 for active
 * @property {Encoded} axes of the plane, [2, E]
 * @property {number} rim the length of votes at the circle
 * @property {[number, number]} shares of the squared lengths in the plane
 */

/**
 * @typedef {object} State
 * @property {number} form
 * @property {number} iteration
 * @property {number} behavior
 * @property {number} iterations
 * @property {string[]} history
 * @property {string[]} names of the forms
 * @property {EncodedForm[]} forms
 */

/**
 * Reads a form and routes it.
 * @param {EncodedForm} encoded
 * @param {number} iterations
 */
function readForm({ votes, logits, active: ones, axes: plane, rim, shares }, iterations) {
  const {
    shape: [, own, width],
    data,
  } = array(votes);
  const wide = Float64Array.from(data);
  const active = ones.map(Boolean);
  /**
   * @param {number} t
   * @param {number} k
   */
  const vote = (t, k) => {
    const place = (t * own + Math.min(k, own - 1)) * width;
    return wide.subarray(place, place + width);
  };
  const first = rowsOf(array(logits)).map((row) => Float64Array.from(row));
  const axes = rowsOf(array(plane)).map((row) => Float64Array.from(row));
  /**
   * @param {Numbers} vector
   * @param {number} rim
   * @returns {Place}
   */
  const at = (vector, rim) => [
    dot(axes[0], vector) * (RIM / rim),
    -dot(axes[1], vector) * (RIM / rim),
  ];
  return {
    active,
    shared: own === 1 && active.length > 1,
    vote,
    steps: route({ vote, logits: first, active, width, iterations }),
    axes,
    rim,
    shares,
    at,
  };
}

/**
 * A length after squash, which stays below 1.
 * @param {number} x
 */
const size = (x) => (x >= 0.995 ? "≈ 1" : digits(x));

/** @param {number} x */
const share = (x) => percent(x).replace(" ", "\u00a0");

/** @param {Host<State>} host */
function render({ model, el: host }) {
  const { history, names, iterations: R } = traits(model);
  const T = history.length;
  const forms = model.get("forms").map((form) => readForm(form, R));
  /** @type {number | null} the behavior under the hand */
  let hot = null;

  const put = writer(model);

  // ---- State -----------------------------------------------------------------

  function look() {
    const form = forms[model.get("form")];
    const r = model.get("iteration");
    const all = [...form.active.keys()];
    return {
      form,
      name: names[model.get("form")],
      r,
      behavior: model.get("behavior"),
      step: form.steps[r],
      before: r > 1 ? form.steps[r - 1] : null,
      on: all.filter((k) => form.active[k]),
      off: all.filter((k) => !form.active[k]),
    };
  }

  let now = look(); // what is drawn

  // ---- Parts -----------------------------------------------------------------

  const kind = segmented("Form", names, (index) => put({ form: index }));
  const rounds = ["start", ...Array.from({ length: R }, (_, r) => String(r + 1))];
  const count = segmented("Iteration", rounds, (index) => put({ iteration: index }));
  /** @param {number} by */
  const walk = (by) => {
    const to = model.get("iteration") + by;
    if (to >= 0 && to <= R) put({ iteration: to });
  };
  const back = button("Back", () => walk(-1), "Back one iteration");
  const next = button("Next", () => walk(1), "Next iteration");
  const stepper = el("div", { class: "sv-stepper" }, count.node, back, next);
  stepper.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const pressed = /** @type {Element} */ (event.target).closest("button");
    if (!by || !pressed || isShortcut(event)) return;
    event.preventDefault();
    walk(by);
  });
  const heads = el("p", { class: "sv-line sv-heads" });
  const totals = el("p", { class: "sv-line sv-totals" });
  const list = el("ol", {
    class: "sv-lines",
    "data-rows": true,
    "aria-label": "History, oldest behavior first",
  });
  const listKeys = roving(list, ".sv-line");
  const inactive = el("p", { class: "sv-hint" });
  const sums = el("tbody");
  const columns = ["Interest", "logit", "coupling", "agreement"];
  const table = el(
    "table",
    { class: "sv-sums" },
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        columns.map((text) => el("th", { scope: "col" }, text)),
      ),
    ),
    sums,
  );
  const picked = el("em");
  const which = el("span"); // on paper nothing else names the form
  const plane = votePlane({
    nameOf: called,
    ontouch: touch,
    onpick: (t) => put({ behavior: t }),
  });
  const note = el("p", { class: "sv-hint" });
  const live = sentence();
  /** @type {ReturnType<typeof lineOf>[]} */
  let lines = [];
  /** @type {ReturnType<typeof ownBar>[]} */
  let lengths = [];
  /** @type {HTMLElement[][]} */
  let cells = [];

  /**
   * A bar in the color of interest k.
   * @param {number} k
   * @param {Child} mark laid over it
   */
  function ownBar(k, mark = null) {
    const bar = weightBar(mark);
    bar.node.classList.add(...ownClass(k).split(" "));
    return bar;
  }

  /**
   * @param {string} title
   * @param {number} t
   */
  function lineOf(title, t) {
    const bars = now.form.active.map((_, k) => {
      const mark = barMark();
      return { ...ownBar(k, mark.node), mark };
    });
    const attributes = { class: "sv-tile sv-line", "data-t": t, title, tabindex: -1 };
    const onclick = () => put({ behavior: t });
    const node = el(
      "button",
      { type: "button", onclick, ...attributes },
      numbered(t, title),
      bars.map((bar) => bar.node),
    );
    return { node, bars };
  }

  /** Builds the parts that belong to a form. */
  function build() {
    const all = [...now.form.active.keys()];
    root.style.setProperty("--sv-count", String(all.length));
    const signs = all.map((k) => el("span", {}, sign(k, 13), `\u00a0${k + 1}`));
    heads.replaceChildren(el("span", {}, "behavior"), ...signs);
    lines = history.map(lineOf);
    list.replaceChildren(...lines.map(({ node }) => el("li", {}, node)));
    lengths = all.map((k) => ownBar(k));
    totals.replaceChildren(el("span", {}, "length of interest"), ...lengths.map((bar) => bar.node));
    cells = all.map(() => Array.from({ length: 3 }, () => el("td")));
    sums.replaceChildren(
      ...cells.map((row, k) =>
        el("tr", {}, el("th", { scope: "row" }, sign(k, 12), `\u00a0${k + 1}`), row),
      ),
    );
    plane.build(now.form);
    listKeys.refresh();
  }

  // ---- Drawing ---------------------------------------------------------------

  function draw() {
    const { form } = now;
    now = look();
    if (!lines.length || now.form !== form) build();
    kind.set(forms.indexOf(now.form));
    which.textContent = now.name;
    count.set(now.r);
    back.setAttribute("aria-disabled", String(now.r === 0));
    next.setAttribute("aria-disabled", String(now.r === R));
    drawLines();
    drawSums();
    drawPlane();
    speak();
  }

  function drawLines() {
    const { step, before, form, on } = now;
    lines.forEach(({ node, bars }, t) => {
      bars.forEach((bar, k) => {
        const weight = step.coupling[t][k];
        bar.set(weight, 1);
        bar.say(percent(weight).replace(" ", ""));
        bar.node.classList.toggle("sv-masked", !form.active[k]);
        bar.mark.set(before && form.active[k] ? before.coupling[t][k] : null);
      });
      setCurrent(node, t === now.behavior);
      const told = on.map((k) => `interest ${k + 1} ${digits(step.coupling[t][k])}`);
      const name = `${t + 1} of ${T}: ${history[t]}`;
      node.setAttribute("aria-label", `${name}, coupling: ${told.join(", ")}`);
    });
    lengths.forEach((bar, k) => {
      bar.set(step.lengths[k], 1);
      bar.say(size(step.lengths[k]));
      bar.node.classList.toggle("sv-masked", !form.active[k]);
    });
    inactive.hidden = !now.off.length;
    inactive.textContent = `${unused()} A hatched cell takes no part in the softmax.`;
  }

  function unused() {
    const { off } = now;
    if (!off.length) return "";
    const [subject, verb] = off.length === 1 ? ["Interest", "is"] : ["Interests", "are"];
    return `${subject} ${listed(off.map((k) => k + 1))} ${verb} inactive.`;
  }

  function drawSums() {
    const { step, behavior, form } = now;
    picked.textContent = called(behavior);
    cells.forEach((row, k) => {
      const parts = [step.logits, step.coupling, step.agreement];
      row.forEach((cell, i) => {
        const value = form.active[k] ? parts[i]?.[behavior][k] : null;
        if (value == null) cell.textContent = "–";
        else cell.textContent = i === 1 ? digits(value) : fixed(value, 2);
        cell.dataset.value = value == null ? "" : String(value);
      });
    });
  }

  function drawPlane() {
    const { form, name, step, r, behavior, on } = now;
    const told = on.map((k) => `interest ${k + 1} of length ${size(step.lengths[k])}`);
    const words = `Plane of ${name}, ${r ? told.join(", ") : "no interests yet"}.`;
    plane.draw(form, r, behavior, words);
    const [first, second] = form.shares.map(percent);
    note.textContent =
      `Circle: length 1 for interests, ${digits(form.rim)} for votes. ` +
      `The plane holds ${first} and ${second} of their squared lengths.`;
  }

  // ---- Words -----------------------------------------------------------------

  /**
   * The name of a behavior, with its number where it has a namesake.
   * @param {number} t
   */
  function called(t) {
    const namesakes = history.filter((title) => title === history[t]);
    return namesakes.length > 1 ? `${history[t]} (${t + 1})` : history[t];
  }

  /** @param {number} t */
  const em = (t) => el("em", {}, called(t));

  /** The share that all take of all behaviors, or null where shares differ. */
  function even() {
    const { step, on } = now;
    const first = step.coupling[0][on[0]];
    const same = step.coupling.every((row) => on.every((k) => Math.abs(row[k] - first) < 1e-9));
    return same ? first : null;
  }

  function speak() {
    const { r, step, on, off } = now;
    const head = r ? `Iteration ${r} of ${R}` : "Before the first iteration";
    if (hot != null) return live.say(...wordsOf(hot, head));
    const rest = off.length ? ` ${unused()}` : "";
    const same = on.length > 1 ? even() : null;
    /** @type {Child[]} */
    const words = [`${head}: `];
    if (same != null) {
      const equal = r ? "the logits are still equal" : "the logits are equal";
      words.push(`${equal}, each behavior gives ${share(same)} to each interest`);
      on.forEach((k, i) => {
        const length = ` has length ${size(step.lengths[k])}`;
        if (r) words.push(i ? ", " : "; ", named(k), length);
      });
      return live.say(...words, ".", rest);
    }
    const heavy = on.map((k) => {
      const column = step.coupling.map((row) => row[k]);
      const [t, most] = best(column, 1)[0];
      return { k, t, most };
    });
    const few = on.length <= 4;
    const told = few ? heavy : [...heavy].sort((a, b) => b.most - a.most).slice(0, 3);
    told.forEach(({ k, t, most }, i) => {
      words.push(i ? "; " : "", named(k), ` takes ${share(most)} of `, em(t));
    });
    if (!few) words.push(`; ${on.length - told.length} others take less of any`);
    const strongest = step.coupling.reduce((sum, row) => sum + Math.max(...row), 0) / T;
    if (on.length > 1) {
      const mean = share(strongest);
      words.push(`. On average a behavior gives ${mean} to its strongest interest`);
    }
    return live.say(...words, ".", ...alike(), rest);
  }

  /**
   * What becomes of one behavior.
   * @param {number} t
   * @param {string} head
   * @returns {Child[]}
   */
  function wordsOf(t, head) {
    const { step, before, on } = now;
    /** @type {Child[]} */
    const words = [`${head}, `, em(t), ": "];
    on.forEach((k, i) => {
      const was = before ? ` (${share(before.coupling[t][k])} before)` : "";
      words.push(i ? ", " : "", named(k), ` takes ${share(step.coupling[t][k])}${was}`);
    });
    if (step.agreement) {
      const [k, most] = best(step.agreement[t], 1, (other) => on.includes(other))[0];
      words.push(". Its vote agrees most with ", named(k), `, by ${digits(most)}`);
    }
    return [...words, "."];
  }

  /** The two interests with the largest cosine, where it is 0.95 or more. */
  function alike() {
    const { r, step, on } = now;
    const { interests, lengths } = step;
    const pairs = on.flatMap((k, i) =>
      on.slice(i + 1).map((other) => {
        const cosine = dot(interests[k], interests[other]) / (lengths[k] * lengths[other]);
        return { k, other, cosine };
      }),
    );
    const cosines = pairs.map(({ cosine }) => cosine);
    const [found] = r ? best(cosines, 1) : [];
    if (!found || !(found[1] >= 0.95)) return [];
    const { k, other, cosine } = pairs[found[0]];
    const words = ` point the same way (cosine ${cosine.toFixed(2)}).`;
    return [" ", named(k, true), " and ", named(other), words];
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

  hand(list, ".sv-line", (node) => touch(node && Number(node.dataset.t)));

  // ---- The card --------------------------------------------------------------

  const root = card(
    "routing",
    model,
    [names.length > 1 ? kind.node : null, stepper],
    el(
      "div",
      { class: "sv-halves" },
      el(
        "div",
        {},
        part("Coupling", "press a behavior to see its votes"),
        heads,
        list,
        totals,
        inactive,
      ),
      el(
        "div",
        {},
        part("Plane", el("span", {}, "votes and interests of ", which)),
        plane.node,
        planeKey(),
        note,
        part("In numbers", picked),
        table,
        el("p", { class: "sv-hint" }, "Logit + agreement: the next logit."),
      ),
    ),
    live.node,
  );
  redraw(model, ["form", "iteration", "behavior"], draw);
  draw();
  host.replaceChildren(root);
}

export default { render };
