// LearningExplorer: two trainings side by side, their maps, their curves. What they
// compute is done in workers; this file shows the look that is asked for.

import { card, part, sentence } from "../core/card.js";
import { button, segmented, select, slider, toggle } from "../core/controls.js";
import { el, svg } from "../core/elements.js";
import { redraw, traits, writer } from "../core/model.js";
import { sample } from "../core/pictures.js";
import { named, signPath } from "../core/signs.js";
import { fixed, listed, percent } from "../core/words.js";
import { curves } from "./curves.js";
import { learningMap } from "./map.js";
import { students } from "./students.js";

/** @import { Host } from "../core/model.js" */
/** @import { Look } from "./look.js" */
/** @import { Setting } from "./run.js" */
/** @import { EncodedShop } from "./shop.js" */

/** @typedef {"interests" | "temperature" | "learning_rate" | "negatives" | "seed"} Choice */
/** @typedef {{ name: string, a: Setting, b: Setting }} Comparison */
/** @typedef {{ name: string, place: number, clicks: number[] }} Person */

/**
 * @typedef {object} State
 * @property {Setting} a
 * @property {Setting} b
 * @property {boolean} playing
 * @property {number} person
 * @property {number} marked a place among the categories, 0 for none
 * @property {Record<string, number | null>[]} seen what the page has measured of A and B
 * @property {EncodedShop} shop
 * @property {string[]} titles of item 1, 2, ...
 * @property {number[]} category_of of item 1, 2, ..., from 1 on
 * @property {string[]} categories
 * @property {Person[]} people
 * @property {Comparison[]} comparisons
 * @property {Record<Choice, number[]>} choices
 * @property {number} most how many ticks
 * @property {number} epochs how many epochs these are
 */

const RUNS = /** @type {const} */ (["a", "b"]);

/** @param {Setting} setting */
const modelName = ({ interests }) =>
  interests ? `ComiRec-SA, K = ${interests}` : "one vector, the mean";

/** @param {Setting} setting */
const settingWords = ({ temperature, learning_rate, negatives, log_q, seed }) =>
  `τ ${temperature}, learning rate ${learning_rate}, S ${negatives}, ` +
  `${log_q ? "log-Q" : "no log-Q"}, seed ${seed}`;

/**
 * @param {Choice} name
 * @param {number} x
 */
const choiceWords = (name, x) => (name === "interests" && !x ? "one vector" : String(x));

/** @param {Host<State>} host */
function render({ model, el: host }) {
  const { titles, people, comparisons, choices, most, category_of: categoryOf } = traits(model);
  const put = writer(model);
  let changed = 0; // which of the two the controls change
  /** @type {number | null} the tick that is looked at; null for the latest */
  let place = null;
  /** @type {{ run: number, interest: number } | null} */
  let hot = null;
  /** Told of each drawing. */
  let drawn = () => {};

  // ---- The trainings ---------------------------------------------------------

  let due = false;
  /** At most one drawing a frame, however fast the looks come. */
  function soon() {
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      draw();
    });
  }
  const two = students(
    model.get("shop"),
    people.map((person) => person.place),
    () => {
      if (model.get("playing") && two.head() >= most) put({ playing: false });
      soon();
    },
  );

  const settings = () => RUNS.map((run) => model.get(run));
  const tick = () => Math.max(0, Math.min(place ?? most, two.head()));

  function begin() {
    place = null;
    two.begin(settings());
    if (model.get("playing")) two.go(most);
    soon();
  }

  /** Starts, stops where it stands, or starts over at the end. */
  function play() {
    if (!model.get("playing") && two.head() >= most) begin();
    put({ playing: !model.get("playing") });
  }

  function step() {
    place = null;
    if (model.get("playing")) put({ playing: false });
    two.go(Math.min(two.head() + 1, most));
  }

  // ---- Controls --------------------------------------------------------------

  const names = [...comparisons.map(({ name }) => name), "your own"];
  const compare = select("Compare", names, (index) => {
    const one = comparisons[index];
    if (one) put({ a: one.a, b: one.b });
    else follow();
  });
  const start = button("Start", play);
  const forward = button("Step", step);
  const reset = button("Reset", () => {
    put({ playing: false });
    begin();
  });
  const scrub = slider(
    "Epoch",
    { min: 0, max: most, step: 1, words: (x) => (two.looks[0][x]?.epoch ?? 0).toFixed(1) },
    (x) => {
      if (model.get("playing")) put({ playing: false });
      place = x;
      soon();
    },
  );
  const which = segmented("Change", ["A", "B"], (run) => {
    changed = run;
    follow();
  });
  /** @param {Partial<Setting>} change */
  const change = (change) => {
    const run = RUNS[changed];
    put({ [run]: { ...model.get(run), ...change } });
  };
  /** @type {[Choice, string][]} */
  const labels = [
    ["interests", "Interests K"],
    ["temperature", "Temperature τ"],
    ["learning_rate", "Learning rate"],
    ["negatives", "Negatives S"],
    ["seed", "Seed"],
  ];
  const lists = labels.map(([name, label]) => ({
    name,
    ...select(
      label,
      choices[name].map((x) => choiceWords(name, x)),
      (index) => change({ [name]: choices[name][index] }),
    ),
  }));
  const logQ = toggle("log-Q", (log_q) => change({ log_q }));
  const who = segmented(
    "Person",
    people.map(({ name }) => name),
    (person) => put({ person }),
  );
  const mark = select("Mark", ["nothing", ...model.get("categories")], (marked) => put({ marked }));

  // ---- Parts -----------------------------------------------------------------

  const heads = RUNS.map(() => el("span"));
  const maps = ["A", "B"].map((name, run) =>
    learningMap(`Map ${name}. Arrow keys move between the interests.`, (interest) => {
      hot = interest == null ? null : { run, interest };
      maps.forEach((map, m) => {
        map.touch(m === run ? interest : null);
      });
      speak();
    }),
  );
  /** @param {number} x */
  const two_places = (x) => fixed(x, 2);
  const charts = [
    { of: curves("Loss", { words: two_places }), get: (/** @type {Look} */ one) => one.loss },
    {
      of: curves("Recall@20", { low: 0, words: two_places }),
      get: (/** @type {Look} */ one) => one.recall,
    },
    {
      of: curves("Cosine of interests", { low: -0.2, high: 1, words: two_places }),
      get: (/** @type {Look} */ one) => one.cosine,
    },
  ];
  const live = sentence();
  /** @param {string} kind */
  const line = (kind) =>
    svg("line", { class: `sv-curve sv-run-${kind}`, x1: -14, x2: 14, y1: 0, y2: 0 });
  const key = el(
    "p",
    { class: "sv-hint sv-key" },
    sample("item, with the sign of her interest that scores it highest", 8, signPath(0, 3.5)),
    sample("clicked", 8, svg("circle", { class: "sv-clicks", r: 5.5 })),
    sample("her interest", 10, signPath(0, 8)),
    sample("another person’s", 8, signPath(0, 5, { class: "sv-other" })),
    sample("A", 16, line("a")),
    sample("B", 16, line("b")),
  );

  // ---- Drawing ---------------------------------------------------------------

  /** The controls follow the state. */
  function follow() {
    const now = settings();
    const [a, b] = now.map((setting) => JSON.stringify(setting));
    const known = comparisons.findIndex(
      (one) => JSON.stringify(one.a) === a && JSON.stringify(one.b) === b,
    );
    compare.set(known < 0 ? comparisons.length : known);
    which.set(changed);
    for (const { name, set } of lists) set(choices[name].indexOf(now[changed][name]));
    logQ.set(now[changed].log_q);
    who.set(model.get("person"));
    mark.set(model.get("marked"));
    start.textContent = model.get("playing") ? "Pause" : "Start";
    heads.forEach((head, run) => {
      head.textContent = `${"AB"[run]}: ${modelName(now[run])}`;
    });
  }

  function draw() {
    scrub.set(tick());
    if (two.head() < 0) return;
    const now = settings();
    const here = tick();
    const person = people[model.get("person")];
    const clicks = new Set(person.clicks);
    const wanted = model.get("marked");
    const marked = new Set(
      wanted ? categoryOf.flatMap((c, i) => (c === wanted ? [i + 1] : [])) : [],
    );
    maps.forEach((map, run) => {
      const words = settingWords(now[run]);
      const look = two.looks[run][here];
      map.draw({ look, person: model.get("person"), clicks, marked, words });
    });
    const head = two.head();
    for (const { of, get } of charts) {
      const runs = two.looks.map((looks) => looks.slice(0, head + 1).map(get));
      of.draw(runs, most, here, `epoch ${model.get("epochs")}`);
    }
    if (!model.get("playing")) tell(here);
    speak();
    drawn();
  }

  /**
   * Tells Python what is shown.
   * @param {number} here
   */
  function tell(here) {
    if (!model.get("live")) return;
    const seen = two.looks.map((looks) => {
      const { epoch, loss, recall, cosine, busiest } = looks[here];
      return { epoch, loss, recall, cosine, busiest };
    });
    if (JSON.stringify(seen) !== JSON.stringify(model.get("seen"))) put({ seen });
  }

  // ---- Words -----------------------------------------------------------------

  /** @param {Look} look */
  function numbers({ loss, recall, cosine, busiest }) {
    const words = [loss == null ? "" : `loss ${fixed(loss, 2)}`, `Recall@20 ${fixed(recall, 2)}`];
    if (cosine != null) {
      words.push(
        `cosine of a person’s interests ${fixed(cosine, 2)}`,
        `the busiest serves ${percent(busiest)}`,
      );
    }
    return words.filter(Boolean).join(", ");
  }

  function speak() {
    const here = tick();
    const [a, b] = two.looks.map((looks) => looks[here]);
    if (!a || !b) return live.say("The two workers begin.");
    if (hot) {
      const look = two.looks[hot.run][here];
      const person = people[model.get("person")].name;
      const nearest = look.people[model.get("person")].nearest[hot.interest] ?? [];
      return live.say(
        `${person}, ${hot.run ? "B" : "A"}: `,
        named(hot.interest),
        ` is nearest to ${listed(nearest.map((item) => titles[item - 1]))}.`,
      );
    }
    if (model.get("playing")) return live.say("Both learn. Pause to look closer.");
    const when = here ? `Epoch ${a.epoch.toFixed(1)}. ` : "Before the first step. ";
    return live.say(`${when}A: ${numbers(a)}. B: ${numbers(b)}.`);
  }

  // ---- The card --------------------------------------------------------------

  const root = card(
    "learning",
    model,
    [
      compare.node,
      start,
      forward,
      reset,
      scrub.node,
      el(
        "details",
        { class: "sv-settings" },
        el("summary", {}, "Settings of A and B: K, temperature, learning rate, negatives, seed"),
        el(
          "div",
          { class: "sv-controls" },
          which.node,
          lists.map(({ node }) => node),
          logQ.node,
        ),
      ),
      who.node,
      mark.node,
    ],
    el(
      "div",
      { class: "sv-halves" },
      maps.map((map, run) => el("div", {}, part(heads[run]), map.node)),
    ),
    key,
    el(
      "div",
      { class: "sv-halves sv-charts", "data-columns": 3 },
      charts.map(({ of }) => of.node),
    ),
    live.node,
  );
  model.on("change:a change:b", begin);
  model.on("change:playing", () => {
    place = null;
    two.go(model.get("playing") ? most : 0);
  });
  redraw(model, ["a", "b", "playing", "person", "marked"], () => {
    follow();
    draw();
  });
  host.replaceChildren(root);
  // Ready with the first look, so that nothing is shown without its numbers.
  return new Promise((done) => {
    drawn = () => done(() => two.stop());
    follow();
    begin();
  });
}

export default { render };
