// What is measured of a model on the people held out, and what the map shows of it.

import { read } from "./model.js";

/** @import { Net } from "./model.js" */
/** @import { Ragged, Shop } from "./shop.js" */

const TINY = 1e-12;

/**
 * The interests [count, E] of a held-out person with length 1.
 * @param {Net} net
 * @param {Ragged} people
 * @param {number} person
 */
export function unitInterests(net, { values, starts, stops }, person) {
  const { count } = net;
  const { E } = net.size;
  const [start, stop] = [starts[person], stops[person]];
  const interests = new Float64Array(count * E);
  read(net, values, start, stop, new Float64Array(count * (stop - start)), interests);
  for (let k = 0; k < count; k++) {
    const row = interests.subarray(k * E, (k + 1) * E);
    const long = Math.max(Math.hypot(...row), TINY);
    for (let e = 0; e < E; e++) row[e] /= long;
  }
  return interests;
}

/**
 * For each item the largest cosine over the interests, and the interest that has it.
 * @param {Net} net
 * @param {Float64Array} interests [count, E] with length 1
 */
export function scoresOf({ size: { N, E }, count, unit }, interests) {
  const scores = new Float64Array(N + 1).fill(-Infinity);
  const served = new Uint8Array(N + 1);
  for (let i = 1; i <= N; i++) {
    for (let k = 0; k < count; k++) {
      let score = 0;
      for (let e = 0; e < E; e++) score += unit[i * E + e] * interests[k * E + e];
      if (score > scores[i]) {
        scores[i] = score;
        served[i] = k;
      }
    }
  }
  return { scores, served };
}

/**
 * How many items score higher than this one; of equals the lower id comes first.
 * @param {Float64Array} scores
 * @param {number} item
 */
function rank(scores, item) {
  let above = 0;
  for (let i = 1; i < scores.length; i++) {
    if (scores[i] > scores[item] || (scores[i] === scores[item] && i < item)) above++;
  }
  return above;
}

/**
 * The mean cosine of two different interests of a person; null with one.
 * @param {Float64Array} interests [count, E] with length 1
 * @param {number} count
 */
function likeness(interests, count) {
  if (count < 2) return null;
  // Σ_{j≠k} û_j · û_k = |Σ û_k|² - Σ |û_k|²
  const E = interests.length / count;
  let [all, own] = [0, 0];
  for (let e = 0; e < E; e++) {
    let sum = 0;
    for (let k = 0; k < count; k++) {
      sum += interests[k * E + e];
      own += interests[k * E + e] ** 2;
    }
    all += sum * sum;
  }
  return (all - own) / (count * (count - 1));
}

/**
 * Recall@n over the people held out (whole catalog), the likeness of a person's
 * interests, and the share of what came next that the busiest interest serves.
 * @param {Net} net
 * @param {Shop} shop
 * @param {number} n
 */
export function measure(net, { heldOut, truths }, n = 20) {
  const people = heldOut.starts.length;
  const busy = new Float64Array(net.count);
  let recall = 0;
  let alike = 0;
  for (let person = 0; person < people; person++) {
    const interests = unitInterests(net, heldOut, person);
    const { scores, served } = scoresOf(net, interests);
    const own = truths.values.subarray(truths.starts[person], truths.stops[person]);
    let found = 0;
    for (const item of own) {
      if (rank(scores, item) < n) found += 1;
      busy[served[item]] += 1;
    }
    recall += found / own.length;
    alike += likeness(interests, net.count) ?? 0;
  }
  return {
    recall: recall / people,
    cosine: net.count > 1 ? alike / people : null,
    busiest: Math.max(...busy) / truths.values.length,
  };
}
