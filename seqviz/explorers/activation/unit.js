// The local activation unit, the same as unit.py.

import { dot, rowsOf } from "../core/arrays.js";

/** @import { Matrix, Numbers } from "../core/arrays.js" */

/**
 * A layer at evaluation. Without `alpha` its activation is the sigmoid; with it PReLU,
 * and with the statistics Dice.
 * @template {object} Form of its numbers
 * @typedef {object} Layer
 * @property {Form} weight [out, in]
 * @property {Form} bias [out]
 * @property {Form | null} alpha [out]
 * @property {Form | null} mean [out]
 * @property {Form | null} variance [out]
 * @property {number} eps
 */

/** @param {number} x */
const sigmoid = (x) => 1 / (1 + Math.exp(-x));

/**
 * Applies a layer's activation in place.
 * @param {Layer<Matrix>} layer
 * @param {number[]} values
 */
function activate({ alpha, mean, variance, eps }, values) {
  for (const [unit, x] of values.entries()) {
    if (!alpha) {
      values[unit] = sigmoid(x);
      continue;
    }
    const gate =
      mean && variance
        ? sigmoid((x - mean.data[unit]) / Math.sqrt(variance.data[unit] + eps))
        : Number(x > 0);
    values[unit] = gate * x + (1 - gate) * alpha.data[unit] * x;
  }
}

/**
 * The unit on some behaviors. The first layer is split over the four parts of its
 * input: what the behavior adds alone is computed here, once, and the candidate's own
 * part once a query.
 * @param {Layer<Matrix>[]} layers
 * @param {Numbers[]} behaviors [T][E]
 */
export function localUnit(layers, behaviors) {
  const width = behaviors[0].length;
  const [first, ...rest] = layers;
  const parts = rowsOf(first.weight).map((row) =>
    [0, 1, 2, 3].map((part) => row.subarray(part * width, (part + 1) * width)),
  );
  const has = behaviors.map((k) =>
    parts.map(([, own, gap], unit) => {
      let total = first.bias.data[unit];
      for (let i = 0; i < width; i++) total += (own[i] - gap[i]) * k[i];
      return total;
    }),
  );
  const inner = rest.map((layer) => ({ layer, rows: rowsOf(layer.weight) }));
  return {
    /**
     * What a candidate adds alone, a number a unit.
     * @param {Numbers} q
     */
    ask: (q) =>
      parts.map(([own, , gap]) => {
        let total = 0;
        for (let i = 0; i < width; i++) total += (own[i] + gap[i]) * q[i];
        return total;
      }),
    /**
     * The logit of a candidate on behavior t.
     * @param {Numbers} q
     * @param {number[]} asked what `ask` gave for it
     * @param {number} t
     */
    score(q, asked, t) {
      const both = behaviors[t].map((x, i) => x * q[i]);
      let values = asked.map((x, unit) => x + has[t][unit] + dot(parts[unit][3], both));
      let before = first;
      for (const { layer, rows } of inner) {
        activate(before, values);
        const from = values;
        values = rows.map((row, unit) => layer.bias.data[unit] + dot(row, from));
        before = layer;
      }
      return values[0];
    },
  };
}
