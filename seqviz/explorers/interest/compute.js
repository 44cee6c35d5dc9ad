// The arithmetic of self-attentive pooling: weights, interests, what they retrieve.

import { best, dot, maskedSoftmax } from "../core/arrays.js";

/** @import { Numbers } from "../core/arrays.js" */

/**
 * Weights [K][T], interests [K][E], scores [K][N+1], the best items of each interest.
 * @param {object} question
 * @param {Numbers} question.ids [T], 0 for padding
 * @param {boolean[]} question.kept
 * @param {Numbers[]} question.logits [K][T]
 * @param {{ rows: Numbers[], width: number }} question.vectors of the items
 * @param {number} question.count how many items an interest retrieves
 * @param {boolean} question.exclude whether the history is left out
 */
export function compute({ ids, kept, logits, vectors, count, exclude }) {
  const { rows, width } = vectors;
  const weights = logits.map((row) => maskedSoftmax(row, kept));
  const interests = weights.map((row) => {
    const sum = new Float64Array(width);
    row.forEach((weight, t) => {
      if (!weight) return;
      for (const [e, x] of rows[ids[t]].entries()) sum[e] += weight * x;
    });
    return sum;
  });
  const seen = new Set(exclude ? [...ids].filter((_, t) => kept[t]) : []);
  const scores = interests.map((interest) => rows.map((item) => dot(interest, item)));
  const found = interests.map((interest, k) =>
    interest.some((x) => x !== 0)
      ? best(scores[k], count, (item) => item > 0 && !seen.has(item))
      : [],
  );
  return { weights, interests, scores, found };
}

/**
 * One true interest for each interest, -1 for none, so that most clicks agree; and how
 * many do.
 * @param {number[][]} counts [K][labels], clicks
 * @param {number} k the interest to begin with
 * @param {number} used labels, a bit each
 * @param {Map<string, { labels: number[], clicks: number }>} memo
 * @returns {{ labels: number[], clicks: number }}
 */
export function match(counts, k = 0, used = 0, memo = new Map()) {
  if (k === counts.length) return { labels: [], clicks: 0 };
  const key = `${k} ${used}`;
  const known = memo.get(key);
  if (known) return known;
  const rest = match(counts, k + 1, used, memo);
  let top = { labels: [-1, ...rest.labels], clicks: rest.clicks };
  counts[k].forEach((clicks, label) => {
    if (!clicks || (used >> label) & 1) return;
    const others = match(counts, k + 1, used | (1 << label), memo);
    if (clicks + others.clicks > top.clicks) {
      top = { labels: [label, ...others.labels], clicks: clicks + others.clicks };
    }
  });
  memo.set(key, top);
  return top;
}
