// What causal self-attention makes of the latest click. As models/sasrec.py, with one
// head, the norm first, positions counted from the latest click.

import { dot, softmax } from "../../core/arrays.js";
import { add, linear, matrix, mixture, vector } from "./vectors.js";

/** @import { Encoded } from "../../core/arrays.js" */
/** @import { Reader } from "./index.js" */
/** @import { Row } from "./vectors.js" */

const EPSILON = 1e-5; // as torch's LayerNorm

/**
 * @param {Record<string, Encoded>} weights
 * @param {string} name
 */
function layerNorm(weights, name) {
  const scale = vector(weights[`${name}.weight`]);
  const shift = vector(weights[`${name}.bias`]);
  /** @param {Row} x */
  return (x) => {
    const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
    const spread = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
    return x.map(
      (value, e) => ((value - mean) / Math.sqrt(spread + EPSILON)) * scale[e] + shift[e],
    );
  };
}

/**
 * Y = X + Attention(Norm(X)), Z = Y + ReLU(Norm(Y) W1 + b1) W2 + b2.
 * @param {Record<string, Encoded>} weights
 * @param {string} name
 */
function newBlock(weights, name) {
  const before = layerNorm(weights, `${name}.attention_norm`);
  const between = layerNorm(weights, `${name}.feed_forward_norm`);
  const three = matrix(weights[`${name}.attention.query_key_value.weight`]);
  const output = matrix(weights[`${name}.attention.output.weight`]);
  const [W1, W2] = [0, 3].map((n) => matrix(weights[`${name}.feed_forward.${n}.weight`]));
  const [b1, b2] = [0, 3].map((n) => vector(weights[`${name}.feed_forward.${n}.bias`]));
  const E = output.length;
  const [ofQuery, ofKey, ofValue] = [0, 1, 2].map((n) => three.slice(n * E, (n + 1) * E));
  /** @param {Row[]} rows */
  return (rows) => {
    const asking = rows.map(before);
    const keys = asking.map((x) => linear(ofKey, x));
    const values = asking.map((x) => linear(ofValue, x));
    /** @type {Row} */
    let latest = new Float64Array();
    const states = rows.map((x, t) => {
      const query = linear(ofQuery, asking[t]);
      const seen = keys.slice(0, t + 1);
      latest = softmax(seen.map((key) => dot(query, key) / Math.sqrt(E)));
      const y = add(x, linear(output, mixture(latest, values.slice(0, t + 1), E)));
      const hidden = linear(W1, between(y), b1).map((value) => Math.max(value, 0));
      return add(y, linear(W2, hidden, b2));
    });
    return { states, latest };
  };
}

/** @type {Reader} */
export const sasrec = (weights) => {
  const positions = matrix(weights["positions.weight"]);
  const norm = layerNorm(weights, "norm");
  const count = Object.keys(weights).filter((name) => name.endsWith(".attention_norm.bias")).length;
  const blocks = Array.from({ length: count }, (_, n) => newBlock(weights, `blocks.${n}`));
  return (rows, E) => {
    let states = rows.map((x, t) =>
      add(x, positions[rows.length - 1 - t]).map((value) => value * Math.sqrt(E)),
    );
    /** @type {Row} */
    let latest = new Float64Array();
    for (const block of blocks) ({ states, latest } = block(states));
    return { weights: [latest], interests: [norm(states[states.length - 1])] };
  };
};
