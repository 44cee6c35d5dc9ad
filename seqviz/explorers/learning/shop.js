// The little shop that is learned: clicks of some people, and of others held out.

import { array } from "../core/arrays.js";

/** @import { Encoded } from "../core/arrays.js" */

/**
 * The shop as Python sends it.
 * @typedef {object} EncodedShop
 * @property {number} items
 * @property {number} most how many clicks a history has at most
 * @property {Encoded} clicks of the people to learn from, one after the other
 * @property {Encoded} counts how many clicks each of them has
 * @property {Encoded} heldOut clicks of the people held out
 * @property {Encoded} heldOutCounts
 * @property {Encoded} truths what came next, each item once
 * @property {Encoded} truthCounts
 */

/**
 * Rows of different length in one array.
 * @typedef {{ values: Int32Array, starts: Int32Array, stops: Int32Array }} Ragged
 */

/** @typedef {ReturnType<typeof readShop>} Shop */

/**
 * @param {Encoded} values
 * @param {Encoded} counts
 * @returns {Ragged}
 */
function ragged(values, counts) {
  const stops = Int32Array.from(array(counts).data);
  for (let row = 1; row < stops.length; row++) stops[row] += stops[row - 1];
  const starts = stops.map((_, row) => (row ? stops[row - 1] : 0));
  return { values: Int32Array.from(array(values).data), starts, stops };
}

/** @param {EncodedShop} encoded */
export function readShop(encoded) {
  const { items, most } = encoded;
  const people = ragged(encoded.clicks, encoded.counts);
  const heldOut = ragged(encoded.heldOut, encoded.heldOutCounts);
  const truths = ragged(encoded.truths, encoded.truthCounts);
  const latest = heldOut.stops.map((stop, row) => Math.max(heldOut.starts[row], stop - most));
  return { items, most, people, heldOut: { ...heldOut, starts: latest }, truths };
}

/**
 * Every click but a person's first, after the clicks before it: `most` at most.
 * @param {Shop} shop
 */
export function examplesOf({ people: { values, starts, stops }, most }) {
  const found = [];
  for (let person = 0; person < starts.length; person++) {
    for (let place = starts[person] + 1; place < stops[person]; place++) {
      found.push([Math.max(starts[person], place - most), place]);
    }
  }
  return {
    clicks: values,
    starts: Int32Array.from(found, ([start]) => start),
    stops: Int32Array.from(found, ([, stop]) => stop), // and the place of the target
  };
}

/**
 * How often each item was clicked, added up from item 0 on, and the log of its share.
 * @param {Shop} shop
 */
export function popularity({ items, people: { values } }) {
  const counts = new Float64Array(items + 1);
  for (const item of values) counts[item] += 1;
  const logP = counts.map((count) => Math.log(count / values.length));
  const cumulative = counts.slice();
  for (let i = 1; i <= items; i++) cumulative[i] += cumulative[i - 1];
  return { cumulative, logP };
}
