// The arithmetic of self-attentive pooling: weights, interests, what they retrieve.

import { best, dot, maskedSoftmax } from "./arrays.js";

/** @import { Numbers } from "./arrays.js" */

/**
 * Weights [K][T], interests [K][E], scores [K][N+1], the best items of each interest.
 * @param {object} question
 * @param {Numbers} question.ids [T], 0 for padding
 * @param {boolean[]} question.kept
 * @param {Numbers[]} question.logits [K][T]
 * @param {{ rows: Numbers[], width: number }} question.vectors of the items
 * @param {number} question.count how many items an interest retrieves
 * @param {Set<number>} question.seen items that are not retrieved
 */
export function compute({ ids, kept, logits, vectors, count, seen }) {
  const { rows, width } = vectors;
  const weights = logits.map((row) => maskedSoftmax(row, kept));
  const interests = weights.map((row) => {
    const sum = new Float64Array(width);
    row.forEach((weight, t) => {
      if (!weight) return;
      const item = rows[ids[t]];
      for (let e = 0; e < width; e++) sum[e] += weight * item[e];
    });
    return sum;
  });
  const scores = interests.map((interest) => rows.map((item) => dot(interest, item)));
  const found = interests.map((interest, k) =>
    interest.some((x) => x !== 0)
      ? best(scores[k], count, (item) => item > 0 && !seen.has(item))
      : [],
  );
  return { weights, interests, scores, found };
}
