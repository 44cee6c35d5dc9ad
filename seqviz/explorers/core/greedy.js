// The greedy list, the same as seqviz.retrieval.greedy_diversity.

import { best, sum } from "./arrays.js";

/**
 * One user's candidates.
 * @typedef {object} Candidates
 * @property {ArrayLike<number>} scores
 * @property {ArrayLike<number>} categories -1: no candidate
 */

/** @typedef {Record<number, number>} ByColumn */

/**
 * One item of a list: `others` of those before it are of another category.
 * @typedef {object} Pick
 * @property {number} column
 * @property {number} others
 * @property {number} score
 * @property {number} gain
 */

/**
 * Columns by score, and for each its place within its category.
 * @param {Candidates} candidates
 */
export function rank({ scores, categories }) {
  const order = best(scores, scores.length, (i) => categories[i] >= 0).map(([i]) => i);
  /** @type {ByColumn} */
  const met = {};
  /** @type {ByColumn} */
  const places = {};
  for (const i of order) {
    places[i] = met[categories[i]] ?? 0;
    met[categories[i]] = places[i] + 1;
  }
  return { order, places };
}

/**
 * The greedy list. Within a category the best come first whatever happens elsewhere,
 * so an item's place there is known before: lower each score by weight times place,
 * sort once; of equal numbers the lower column.
 * @param {Candidates & { places: ByColumn }} candidates
 * @param {number} count
 * @param {number} weight
 * @returns {Pick[]}
 */
export function greedy({ scores, categories, places }, count, weight) {
  const lowered = Array.from(scores, (score, i) => score - weight * (places[i] ?? 0));
  /** @type {ByColumn} */
  const met = {};
  return best(lowered, count, (i) => categories[i] >= 0).map(([column], p) => {
    const own = met[categories[column]] ?? 0;
    met[categories[column]] = own + 1;
    const others = p - own;
    const score = scores[column];
    return { column, others, score, gain: score + weight * others };
  });
}

/**
 * The share of the pairs of a list that differ in category.
 * @param {Pick[]} picks
 */
export function variety(picks) {
  const pairs = (picks.length * (picks.length - 1)) / 2;
  return pairs ? sum(picks.map(({ others }) => others)) / pairs : 0;
}

/** @param {Pick[]} picks */
export const meanScore = (picks) => sum(picks.map(({ score }) => score)) / picks.length;
