// The three stages, the same as seqviz.retrieval's join, Funnel and Greedy.

import { greedy, rank } from "../core/greedy.js";

/**
 * One user's finds: interest by interest, each best first.
 * @typedef {object} Finds
 * @property {ArrayLike<number>} items [K * n] places of a name, -1: nothing found
 * @property {ArrayLike<number>} retrieval [K * n] the interest's score
 * @property {ArrayLike<number>} scores [K * n] the ranker's score
 * @property {number} each how many an interest found, n at its most
 */

/**
 * @typedef {object} Candidate
 * @property {number} item
 * @property {number} interest that found it with the largest score
 * @property {number} retrieval
 * @property {number} score
 */

/**
 * @typedef {object} Widths
 * @property {number} n items of an interest
 * @property {number} m how many the ranker keeps
 * @property {number} size of the list
 * @property {number} weight λ
 */

/**
 * What the interests found, an item once, best first.
 * @param {Finds} finds
 * @param {number} n
 * @returns {Candidate[]}
 */
function joined({ items, retrieval, scores, each }, n) {
  const found = Array.from(items, (item, place) => ({
    item,
    interest: Math.floor(place / each),
    retrieval: retrieval[place],
    score: scores[place],
    place: place % each,
  })).filter(({ item, place }) => item >= 0 && place < n);
  found.sort((a, b) => b.retrieval - a.retrieval);
  const met = new Set();
  return found.filter(({ item }) => !met.has(item) && met.add(item));
}

/**
 * The candidates, the ranker's best, the list.
 * @param {Finds} finds
 * @param {ArrayLike<number>} kinds the category of each name
 * @param {Widths} widths
 */
export function stages(finds, kinds, { n, m, size, weight }) {
  const retrieved = joined(finds, n);
  const order = [...retrieved].sort((a, b) => b.score - a.score);
  const ranked = order.slice(0, m);
  const one = {
    scores: ranked.map(({ score }) => score),
    categories: ranked.map(({ item }) => kinds[item]),
  };
  const picks = greedy({ ...one, places: rank(one).places }, size, weight);
  return { retrieved, order, ranked, listed: picks.map(({ column }) => ranked[column]) };
}
