// The history is read anew for each item. As models/din.py, with the softmax.

import { dot, softmax } from "../../core/arrays.js";
import { remembered } from "./remembered.js";
import { linear, matrix, mixture, sigmoid, vector } from "./vectors.js";

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
  /** In its place. @param {Row} row @param {Row | undefined} slopes */
  function activate(row, slopes) {
    for (let d = 0; d < row.length; d++) {
      if (!slopes) row[d] = sigmoid(row[d]);
      else if (row[d] <= 0) row[d] *= slopes[d];
    }
    return row;
  }
  return {
    first: layers[0],
    /** From what the first layer gave, which is written over, to the one output. @param {Row} row */
    rest(row) {
      let given = row;
      for (let n = 1; n < layers.length; n++) {
        given = linear(layers[n].W, activate(given, layers[n - 1].slopes), layers[n].b);
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

  const ofInterest = network.first.W.map((row) => row.slice(0, E));
  const ofItem = network.first.W.map((row) => row.slice(E));
  const known = items.map((q) => linear(ofItem, q));
  const product = new Float64Array(E);
  const hidden = new Float64Array(ofProduct.length);
  const given = new Float64Array(ofInterest.length);

  /** @param {number[]} ids @param {number} item */
  function weigh(ids, item) {
    const q = items[item];
    return softmax(
      ids.map((id) => {
        for (let e = 0; e < E; e++) product[e] = items[id][e] * q[e];
        for (let d = 0; d < hidden.length; d++) {
          hidden[d] = queries[item][d] + keys[id][d] + dot(ofProduct[d], product);
        }
        return unit.rest(hidden);
      }),
    );
  }

  const read = remembered((ids) => {
    const behaviors = ids.map((id) => items[id]);
    const weights = items.map((_, item) => weigh(ids, item));
    const scores = Float64Array.from(items, (_, item) => {
      const interest = mixture(weights[item], behaviors, E);
      for (let d = 0; d < given.length; d++) {
        given[d] = dot(ofInterest[d], interest) + known[item][d] + network.first.b[d];
      }
      return network.rest(given);
    });
    scores[0] = 0;
    let first = 1;
    for (let i = 2; i < scores.length; i++) if (scores[i] > scores[first]) first = i;
    return { weights, scores, first };
  });

  return (ids, asked) => {
    const { weights, scores, first } = read(ids);
    return { weights: [weights[asked || first]], scores };
  };
}
