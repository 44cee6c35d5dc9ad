// The history is read anew for each item. As models/din.py, with the softmax.

import { dot } from "../../core/arrays.js";
import { add, linear, matrix, mixture, sigmoid, softmax, vector } from "./vectors.js";

/** @import { Answer } from "./counts.js" */
/** @import { Weights } from "./index.js" */
/** @import { Row } from "./vectors.js" */

/**
 * Linear layers with an activation after each but the last: a slope for each unit where
 * there is one (PReLU), else the sigmoid.
 * @param {Weights} weights
 * @param {string} name
 */
function newStack(weights, name) {
  /** @type {{ W: Row[], b: Row, slopes: Row | undefined }[]} */
  const layers = [];
  for (let n = 0; `${name}.${n}.weight` in weights; n += 2) {
    const slopes = weights[`${name}.${n + 1}.weight`];
    layers.push({
      W: matrix(weights[`${name}.${n}.weight`]),
      b: vector(weights[`${name}.${n}.bias`]),
      slopes: slopes && vector(slopes),
    });
  }
  /** @param {Row} row @param {Row | undefined} slopes */
  const active = (row, slopes) =>
    slopes ? row.map((x, d) => (x > 0 ? x : slopes[d] * x)) : row.map(sigmoid);
  return {
    first: layers[0],
    /** From what the first layer gave to the one output. @param {Row} row */
    rest(row) {
      let given = row;
      for (let n = 1; n < layers.length; n++) {
        given = linear(layers[n].W, active(given, layers[n - 1].slopes), layers[n].b);
      }
      return given[0];
    },
  };
}

/**
 * @param {Weights} weights
 * @returns {(ids: number[], asked: number) => Answer}
 */
export function din(weights) {
  const items = matrix(weights.items);
  const E = items[0].length;
  const unit = newStack(weights, "pooling.unit.layers");
  const network = newStack(weights, "layers");
  // W [q, k, q - k, q ⊙ k] = (W_q + W_d) q + (W_k - W_d) k + W_p (q ⊙ k)
  /** @param {number} block @param {number} other @param {number} sign */
  const columns = (block, other, sign) =>
    unit.first.W.map((row) =>
      Float64Array.from({ length: E }, (_, e) => row[block * E + e] + sign * row[other * E + e]),
    );
  const [ofQuery, ofKey] = [columns(0, 2, 1), columns(1, 2, -1)];
  const ofProduct = unit.first.W.map((row) => row.slice(3 * E));
  const queries = items.map((q) => linear(ofQuery, q, unit.first.b));
  const keys = items.map((k) => linear(ofKey, k));

  /** @param {number[]} ids @param {number} item */
  function read(ids, item) {
    const q = items[item];
    const logits = ids.map((id) => {
      const product = items[id].map((x, e) => x * q[e]);
      return unit.rest(add(add(queries[item], keys[id]), linear(ofProduct, product)));
    });
    return ids.length ? softmax(logits) : new Float64Array();
  }

  return (ids, asked) => {
    const behaviors = ids.map((id) => items[id]);
    const all = items.map((_, item) => read(ids, item));
    const scores = Float64Array.from(items, (q, item) => {
      const interest = mixture(all[item], behaviors, E);
      const { W, b } = network.first;
      const given = W.map(
        (row, d) => dot(row.subarray(0, E), interest) + dot(row.subarray(E), q) + b[d],
      );
      return network.rest(Float64Array.from(given));
    });
    scores[0] = 0;
    let shown = asked || 1;
    if (!asked) for (let i = 2; i < scores.length; i++) if (scores[i] > scores[shown]) shown = i;
    return { weights: [all[shown]], scores };
  };
}
