// Interests by routing by agreement: ComiRec-DR and MIND. As layers/routing.py.

import { dot, softmax } from "../../core/arrays.js";
import { flatRows, linear, matrix, mixture } from "./vectors.js";

/** @import { Reader } from "./index.js" */
/** @import { Row } from "./vectors.js" */

/**
 * The same direction, a length below 1.
 * @param {Row} row
 */
function squash(row) {
  const square = dot(row, row);
  return row.map((x) => (x * Math.sqrt(square)) / (1 + square));
}

/**
 * Clicks share themselves out among the interests, again and again.
 * @param {Row[][]} votes [K][T] of width E
 * @param {number[][]} logits [K][T]
 * @param {number} iterations
 * @param {number} E
 */
function route(votes, logits, iterations, E) {
  for (let left = iterations; ; left--) {
    const shares = logits[0].map((_, t) => softmax(logits.map((row) => row[t]))); // [T][K]
    const weights = votes.map((_, k) => shares.map((share) => share[k]));
    const interests = weights.map((own, k) => squash(mixture(own, votes[k], E)));
    if (left === 1) return { weights, interests };
    logits = logits.map((row, k) => row.map((b, t) => b + dot(votes[k][t], interests[k])));
  }
}

/** A matrix for each interest and place, counted back from the latest click. @type {Reader} */
export const comirecDR = (weights, { iterations }) => {
  const matrices = flatRows(weights["routing.weight"]);
  const first = matrix(weights["routing.first_logits"]);
  return (rows, E) => {
    const T = rows.length;
    const interests = first[0].length;
    const votes = Array.from({ length: interests }, (_, k) =>
      rows.map((x, t) => {
        const start = ((T - 1 - t) * interests + k) * E;
        return linear(matrices.slice(start, start + E), x);
      }),
    );
    const logits = votes.map((_, k) => rows.map((_, t) => first[T - 1 - t][k]));
    return route(votes, logits, iterations, E);
  };
};

/** One matrix for all; as many interests as the clicks pay for. @type {Reader} */
export const mind = (weights, { iterations, adaptive }) => {
  const shared = matrix(weights["routing.weight"]);
  const first = matrix(weights["routing.first_logits"]);
  return (rows, E) => {
    const T = rows.length;
    const most = first[0].length;
    let count = most;
    if (adaptive) {
      count = 1;
      while (count < most && 2 ** (count + 1) <= T) count++;
    }
    const own = rows.map((x) => linear(shared, x));
    const votes = Array.from({ length: count }, () => own);
    const logits = votes.map((_, k) => rows.map((_, t) => first[T - 1 - t][k]));
    const { weights: found, interests } = route(votes, logits, iterations, E);
    const nothing = Array.from({ length: most - count }, () => rows.map(() => 0));
    return { weights: [...found, ...nothing], interests };
  };
};
