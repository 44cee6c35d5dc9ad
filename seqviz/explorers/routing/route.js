// Routing by agreement, the same as steps.py.

import { dot, maskedSoftmax } from "../core/arrays.js";

/** @import { Numbers } from "../core/arrays.js" */

/**
 * The first logits with interests of 0, or an iteration.
 * @typedef {object} Step
 * @property {Numbers[]} logits [T][K]
 * @property {Numbers[]} coupling [T][K]
 * @property {Numbers[]} interests [K][E]
 * @property {number[]} lengths [K]
 * @property {number[][] | null} agreement [T][K], of an iteration
 */

/** @param {Numbers} vector */
const lengthOf = (vector) => Math.sqrt(dot(vector, vector));

/**
 * The first logits, then every iteration.
 * @param {object} form
 * @param {(t: number, k: number) => Numbers} form.vote
 * @param {Numbers[]} form.logits the first ones, [T][K]
 * @param {boolean[]} form.active [K]
 * @param {number} form.width E
 * @param {number} form.iterations
 */
export function route({ vote, logits: first, active, width, iterations }) {
  /** @param {Numbers[]} logits */
  const share = (logits) => logits.map((row) => maskedSoftmax(row, active));
  /** @type {Step[]} */
  const steps = [
    {
      logits: first,
      coupling: share(first),
      interests: active.map(() => new Float64Array(width)),
      lengths: active.map(() => 0),
      agreement: null,
    },
  ];
  let logits = first;
  for (let r = 0; r < iterations; r++) {
    const coupling = share(logits);
    const interests = active.map((_, k) => {
      const sum = new Float64Array(width);
      coupling.forEach((row, t) => {
        for (const [i, x] of vote(t, k).entries()) sum[i] += row[k] * x;
      });
      const length = lengthOf(sum);
      return sum.map((x) => x * (length / (1 + length ** 2)));
    });
    const agreement = logits.map((_, t) => active.map((_, k) => dot(vote(t, k), interests[k])));
    steps.push({ logits, coupling, interests, agreement, lengths: interests.map(lengthOf) });
    logits = logits.map((row, t) => Float64Array.from(row, (b, k) => b + agreement[t][k]));
  }
  return steps;
}
