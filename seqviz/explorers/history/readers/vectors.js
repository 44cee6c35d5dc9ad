// Small products on rows in float64.

import { array, dot, rowsOf } from "../../core/arrays.js";

/** @import { Encoded } from "../../core/arrays.js" */

/** @typedef {Float64Array} Row */

/** @param {Encoded} encoded */
export const matrix = (encoded) => rowsOf(array(encoded)).map((row) => Float64Array.from(row));

/**
 * An array of three dimensions as the rows of its matrices, one after the other.
 * @param {Encoded} encoded
 */
export const flatRows = (encoded) => {
  const { shape } = encoded;
  return matrix({ ...encoded, shape: [shape[0] * shape[1], shape[2]] });
};

/** @param {Encoded} encoded */
export const vector = (encoded) => Float64Array.from(array(encoded).data);

/**
 * x W, with W [E, D] as rows of x's entries.
 * @param {ArrayLike<number>} x
 * @param {Row[]} W
 */
export function times(x, W) {
  const out = new Float64Array(W[0].length);
  W.forEach((row, e) => {
    for (let d = 0; d < out.length; d++) out[d] += x[e] * row[d];
  });
  return out;
}

/**
 * W x + b, with W [D, E] as torch's linear layers have it.
 * @param {Row[]} W
 * @param {ArrayLike<number>} x
 * @param {ArrayLike<number>} [b]
 */
export function linear(W, x, b) {
  const out = new Float64Array(W.length);
  for (let d = 0; d < out.length; d++) out[d] = dot(W[d], x) + (b?.[d] ?? 0);
  return out;
}

/**
 * @param {Row} a
 * @param {Row} b
 */
export const add = (a, b) => a.map((x, e) => x + b[e]);

/**
 * The rows, weighted and added.
 * @param {ArrayLike<number>} weights
 * @param {Row[]} rows
 * @param {number} E
 */
export function mixture(weights, rows, E) {
  const out = new Float64Array(E);
  rows.forEach((row, t) => {
    for (let e = 0; e < E; e++) out[e] += weights[t] * row[e];
  });
  return out;
}

/** @param {number} x */
export const sigmoid = (x) => 1 / (1 + Math.exp(-x));

/** @param {Row} row */
export function unit(row) {
  const long = Math.max(Math.sqrt(dot(row, row)), 1e-12);
  return row.map((x) => x / long);
}
