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
 * Returns what applies a layer's activation in place.
 * @param {Layer<Matrix>} layer
 * @returns {(values: Float64Array) => void}
 */
function activation({ alpha, mean, variance, eps }) {
  if (!alpha) {
    return (values) => {
      for (let unit = 0; unit < values.length; unit++) values[unit] = sigmoid(values[unit]);
    };
  }
  const slopes = alpha.data;
  const spread = variance && Float64Array.from(variance.data, (v) => Math.sqrt(v + eps));
  return (values) => {
    for (let unit = 0; unit < values.length; unit++) {
      const x = values[unit];
      const gate = mean && spread ? sigmoid((x - mean.data[unit]) / spread[unit]) : Number(x > 0);
      values[unit] = gate * x + (1 - gate) * slopes[unit] * x;
    }
  };
}

/**
 * The unit on some behaviors. The first layer is split over the four parts of its
 * input: what a behavior adds alone, and its factors in the product with a candidate,
 * are computed here, once; the candidate's own part once a query.
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
  const factors = behaviors.map((k) =>
    parts.map(([, , , both]) => Float64Array.from(both, (weight, i) => weight * k[i])),
  );
  const entered = new Float64Array(parts.length);
  const activate = activation(first);
  const inner = rest.map((layer) => ({
    rows: rowsOf(layer.weight),
    bias: layer.bias.data,
    values: new Float64Array(layer.bias.data.length),
    activate: activation(layer),
  }));
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
      let values = entered;
      for (let unit = 0; unit < values.length; unit++) {
        values[unit] = asked[unit] + has[t][unit] + dot(factors[t][unit], q);
      }
      let enter = activate;
      for (const layer of inner) {
        enter(values);
        for (let unit = 0; unit < layer.values.length; unit++) {
          layer.values[unit] = layer.bias[unit] + dot(layer.rows[unit], values);
        }
        values = layer.values;
        enter = layer.activate;
      }
      return values[0];
    },
  };
}
