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
 * Before its activation the first layer is affine in the candidate: for one behavior a
 * matrix and an offset, out of the four parts of its weight.
 * @param {Layer<Matrix>} layer
 * @param {Numbers} behavior [E]
 */
function entry({ weight, bias }, behavior) {
  const width = behavior.length;
  return rowsOf(weight).map((row, unit) => {
    const slope = new Float64Array(width);
    let offset = bias.data[unit];
    for (let i = 0; i < width; i++) {
      const gap = row[2 * width + i];
      slope[i] = row[i] + gap + row[3 * width + i] * behavior[i];
      offset += (row[width + i] - gap) * behavior[i];
    }
    return { slope, offset };
  });
}

/**
 * The unit on some behaviors, for candidates in a plane.
 * @param {Layer<Matrix>[]} layers
 * @param {Numbers[]} behaviors [T][E]
 * @param {Numbers[]} axes [2][E]
 */
export function localUnit(layers, behaviors, [across, up]) {
  const [first, ...rest] = layers;
  const entries = behaviors.map((behavior) => {
    const units = entry(first, behavior);
    return {
      units,
      right: Float64Array.from(units, ({ slope }) => dot(slope, across)),
      top: Float64Array.from(units, ({ slope }) => dot(slope, up)),
    };
  });
  const entered = new Float64Array(first.bias.data.length);
  const activateFirst = activation(first);
  const inner = rest.map((layer) => ({
    weight: Float64Array.from(layer.weight.data),
    bias: Float64Array.from(layer.bias.data),
    values: new Float64Array(layer.bias.data.length),
    activate: activation(layer),
  }));

  /** The logit of what has entered the first layer. */
  function finish() {
    let values = entered;
    let enter = activateFirst;
    for (const { weight, bias, values: next, activate } of inner) {
      enter(values);
      for (let unit = 0, place = 0; unit < next.length; unit++) {
        let total = bias[unit];
        for (let i = 0; i < values.length; i++, place++) total += weight[place] * values[i];
        next[unit] = total;
      }
      values = next;
      enter = activate;
    }
    return values[0];
  }

  /**
   * The logit on behavior t, of a candidate that is moved from q by (x, y) in the plane.
   * @param {Numbers} q
   * @param {number} t
   * @returns {(x: number, y: number) => number}
   */
  return (q, t) => {
    const { units, right, top } = entries[t];
    const still = Float64Array.from(units, ({ slope, offset }) => offset + dot(slope, q));
    return (x, y) => {
      for (let unit = 0; unit < entered.length; unit++) {
        entered[unit] = still[unit] + x * right[unit] + y * top[unit];
      }
      return finish();
    };
  };
}
