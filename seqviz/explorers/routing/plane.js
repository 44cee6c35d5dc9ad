// The plane of votes and interests: a vote's sign as large as its coupling, the
// interests with the ways that they came.

import { best } from "../core/arrays.js";
import { el, svg } from "../core/elements.js";
import { under } from "../core/hand.js";
import { placeLabel, sample } from "../core/pictures.js";
import { ownClass, signPath } from "../core/signs.js";

/** @import { Numbers } from "../core/arrays.js" */
/** @import { Place } from "../core/pictures.js" */
/** @import { Step } from "./route.js" */

/**
 * A form of routing, as the plane draws it.
 * @typedef {object} Form
 * @property {boolean[]} active [K]
 * @property {boolean} shared whether all interests share the votes
 * @property {(t: number, k: number) => Numbers} vote
 * @property {Step[]} steps
 * @property {Numbers[]} axes [2][E]
 * @property {number} rim the length of votes at the circle
 * @property {(vector: Numbers, rim: number) => Place} at
 */

export const RIM = 150; // in the plane's own units
const SIDE = 2 * RIM + 20;
const UNITS = { left: -SIDE / 2, top: -SIDE / 2, width: SIDE, height: SIDE };
const NEAR = 12; // signs of interests would cover each other
const APART = 18;

/** What the signs of the plane mean. */
export const planeKey = () =>
  el(
    "p",
    { class: "sv-hint sv-key" },
    sample(
      "vote, size: coupling",
      12,
      signPath(0, 3),
      svg("g", { transform: "translate(7 0)" }, signPath(0, 5)),
    ),
    sample("interest and its way", 12, signPath(0, 9)),
  );

/**
 * @param {object} hand
 * @param {(t: number) => string} hand.nameOf a behavior
 * @param {(t: number | null) => void} hand.ontouch
 * @param {(t: number) => void} hand.onpick
 */
export function votePlane({ nameOf, ontouch, onpick }) {
  const rays = svg("g");
  const ways = svg("g");
  const marks = svg("g");
  const signs = svg("g");
  const picture = svg(
    "svg",
    {
      class: "sv-routes",
      viewBox: `${UNITS.left} ${UNITS.top} ${SIDE} ${SIDE}`,
      role: "img",
    },
    svg("circle", { class: "sv-rim", r: RIM }),
    svg("path", { class: "sv-zero", d: "M-5 0H5M0-5V5" }),
    rays,
    ways,
    marks,
    signs,
  );
  const label = placeLabel(UNITS);
  /** @type {ReturnType<typeof voteOf>[]} */
  let votes = [];
  /** @type {ReturnType<typeof interestOf>[]} */
  let interests = [];

  /**
   * @param {Form} form
   * @param {number} t
   * @param {number | null} k null: of all interests
   */
  function voteOf({ at, vote, rim }, t, k) {
    const [x, y] = at(vote(t, k ?? 0), rim);
    const shape = svg("g", { class: "sv-size" });
    const node = svg(
      "g",
      {
        class: "sv-vote",
        "data-t": t,
        transform: `translate(${x.toFixed(2)} ${y.toFixed(2)})`,
      },
      svg("circle", { class: "sv-hot-ring", r: 9 }),
      shape,
    );
    const ray = svg("line", { class: "sv-vote-ray", x2: x, y2: y });
    return { t, k, x, y, node, shape, ray };
  }

  /** @param {number} k */
  function interestOf(k) {
    const halo = signPath(k, 10, { class: "sv-sign-path sv-halo" });
    return {
      way: svg("polyline", { class: `sv-way ${ownClass(k)}` }),
      node: svg("g", { class: "sv-vector", "data-interest": k }, halo, signPath(k, 10)),
    };
  }

  picture.addEventListener("pointerover", (event) => {
    const node = under(event, ".sv-vote");
    const vote = votes.find((one) => one.node === node);
    if (!vote) return;
    ontouch(vote.t);
    const whom = vote.k == null ? "" : ` for interest ${vote.k + 1}`;
    label.show(nameOf(vote.t) + whom, [vote.x, vote.y]);
  });
  picture.addEventListener("pointerout", (event) => {
    if (!under(event, ".sv-vote")) return;
    label.hide();
    ontouch(null);
  });
  picture.addEventListener("click", (event) => {
    const node = under(event, ".sv-vote");
    if (node) onpick(Number(node.dataset.t));
  });

  return {
    node: el("div", { class: "sv-map-box sv-routes-box" }, picture, label.node),
    /**
     * Makes the marks of a form: one a vote; where all interests share it, one a
     * behavior.
     * @param {Form} form
     */
    build(form) {
      votes = form.steps[0].logits.flatMap((_, t) =>
        form.shared ? [voteOf(form, t, null)] : form.active.map((_, k) => voteOf(form, t, k)),
      );
      interests = form.active.map((_, k) => interestOf(k));
      rays.replaceChildren(...votes.map(({ ray }) => ray));
      marks.replaceChildren(...votes.map(({ node }) => node));
      ways.replaceChildren(...interests.map(({ way }) => way));
      signs.replaceChildren(...interests.map(({ node }) => node));
    },
    /**
     * @param {Form} form
     * @param {number} r the iteration
     * @param {number} behavior the one that is picked
     * @param {string} words for a screen reader
     */
    draw(form, r, behavior, words) {
      const step = form.steps[r];
      picture.setAttribute("aria-label", words);
      for (const { t, k, node, shape, ray } of votes) {
        const takes = k ?? best(step.coupling[t], 1)[0][0];
        const weight = step.coupling[t][takes];
        if (shape.dataset.interest !== String(takes)) {
          shape.dataset.interest = String(takes);
          shape.replaceChildren(signPath(takes, 1));
        }
        shape.style.transform = `scale(${weight ? 1.5 + 5 * Math.sqrt(weight) : 0})`;
        node.dataset.weight = String(weight);
        for (const one of [node, ray]) {
          one.classList.toggle("sv-chosen", t === behavior && weight > 0);
        }
      }
      const ends = step.interests.map((interest) => form.at(interest, 1));
      const on = [...ends.keys()].filter((k) => form.active[k]);
      interests.forEach(({ way, node }, k) => {
        const places = form.steps.slice(0, r + 1).map((before) => form.at(before.interests[k], 1));
        const [x, y] = ends[k];
        // Signs that would cover each other stand side by side; their ways end as they are.
        const near = on.filter(
          (other) => Math.hypot(ends[other][0] - x, ends[other][1] - y) < NEAR,
        );
        const middle = Math.max(near.length - 1, 0) / 2;
        const aside = (Math.max(near.indexOf(k), 0) - middle) * APART;
        node.style.transform = `translate(${(x + aside).toFixed(2)}px, ${y.toFixed(2)}px)`;
        node.dataset.place = String(places[r]);
        const points = places.map((place) => place.map((p) => p.toFixed(2)).join(" "));
        way.setAttribute("points", points.join(" "));
        for (const one of [way, node]) {
          one.classList.toggle("sv-gone", !form.active[k] || !r);
        }
      });
    },
    /** @param {number | null} t the behavior under the hand */
    touch(t) {
      for (const { t: of, node, ray } of votes) {
        for (const one of [node, ray]) one.classList.toggle("sv-hot", of === t);
      }
    },
  };
}
