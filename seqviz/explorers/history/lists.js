// Lists of the best items, varied where that is asked for.

import { best } from "../core/arrays.js";

/**
 * The n best items. With a weight above 0 the greedy list: repeat, take the item with
 * the largest score plus weight times the chosen items of another category. That is to
 * lower each score by weight times the item's place in its own category
 * (seqviz.retrieval.greedy_diversity).
 * @param {Float64Array} scores [N + 1], padding first
 * @param {number[]} categories of item 1, 2, ...
 * @param {number} n
 * @param {number} weight
 */
export function listOf(scores, categories, n, weight) {
  const order = best(scores, scores.length, (item) => item > 0);
  if (!weight) return order.slice(0, n).map(([item]) => item);
  /** @type {Map<number, number>} */
  const met = new Map();
  const lowered = new Float64Array(scores.length);
  for (const [item, score] of order) {
    const place = met.get(categories[item - 1]) ?? 0;
    met.set(categories[item - 1], place + 1);
    lowered[item] = score - weight * place;
  }
  return best(lowered, n, (item) => item > 0).map(([item]) => item);
}

/**
 * The place of an item by its score, 1 for the best.
 * @param {Float64Array} scores
 * @param {number} item
 */
export function placeOf(scores, item) {
  let place = 1;
  for (let i = 1; i < scores.length; i++) {
    if (scores[i] > scores[item] || (scores[i] === scores[item] && i < item)) place++;
  }
  return place;
}
