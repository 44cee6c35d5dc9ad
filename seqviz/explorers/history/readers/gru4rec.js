// A recurrent state, one step for each click. As models/gru4rec.py with its GRU.

import { linear, matrix, sigmoid, vector } from "./vectors.js";

/** @import { Reader } from "./index.js" */

/** @type {Reader} */
export const gru4rec = (weights) => {
  const input = matrix(weights["recurrent.input_weight"]);
  const state = matrix(weights["recurrent.state_weight"]);
  const bias = vector(weights["recurrent.bias"]);
  const stateBias = vector(weights["recurrent.state_bias"]);
  return (rows, E) => {
    let h = new Float64Array(E);
    for (const row of rows) {
      const x = row.map((value) => value * Math.sqrt(E));
      const given = linear(input, x, bias);
      const kept = linear(state, h);
      h = h.map((old, e) => {
        const reset = sigmoid(given[e] + kept[e]);
        const update = sigmoid(given[E + e] + kept[E + e]);
        const candidate = Math.tanh(given[2 * E + e] + reset * (kept[2 * E + e] + stateBias[e]));
        return (1 - update) * candidate + update * old;
      });
    }
    return { weights: null, interests: [h] };
  };
};
