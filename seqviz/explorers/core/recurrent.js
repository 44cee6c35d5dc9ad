// A recurrent layer step by step, and the slopes of its last state back in time. Gates
// and weights stand in the order of seqviz.layers.

import { array, dot, rowsOf } from "./arrays.js";

/** @import { Encoded } from "./arrays.js" */
/** @typedef {"rnn" | "lstm" | "gru"} Kind */
/** @typedef {Float64Array[]} Rows */

/**
 * A layer as Python sends it.
 * @typedef {object} EncodedCell
 * @property {Kind} kind
 * @property {Encoded} input_weight [parts * H, E]
 * @property {Encoded} state_weight [parts * H, H]
 * @property {Encoded} bias
 * @property {Encoded | null} state_bias [H] of a GRU
 */
/**
 * With the bands that are drawn, and a probe of its last state.
 * @typedef {object} Probed
 * @property {string[]} bands
 * @property {Encoded} probe_weight [C, H]
 * @property {Encoded} probe_bias [C]
 */
/** @typedef {EncodedCell & Probed} EncodedLayer */

/** @param {Encoded} encoded */
const wide = (encoded) => rowsOf(array(encoded)).map((row) => Float64Array.from(row));
/** @param {Encoded} encoded */
const flat = (encoded) => Float64Array.from(array(encoded).data);

/** @param {EncodedCell} encoded */
export const readCell = (encoded) => ({
  kind: encoded.kind,
  input: wide(encoded.input_weight),
  state: wide(encoded.state_weight),
  bias: flat(encoded.bias),
  stateBias: encoded.state_bias && flat(encoded.state_bias),
});

/** @param {EncodedLayer} encoded */
export const readLayer = (encoded) => ({
  ...readCell(encoded),
  bands: encoded.bands,
  probe: wide(encoded.probe_weight),
  probeBias: flat(encoded.probe_bias),
});

/** @typedef {ReturnType<typeof readCell>} Cell */
/** @typedef {ReturnType<typeof readLayer>} Layer */

/** @param {number} x */
const sigmoid = (x) => 1 / (1 + Math.exp(-x));

/**
 * @param {Rows} weight
 * @param {ArrayLike<number>} vector
 */
const times = (weight, vector) => Float64Array.from(weight, (row) => dot(row, vector));

/**
 * The vector times the weight: the way back of `times`.
 * @param {Rows} weight
 * @param {Float64Array} vector
 */
function back(weight, vector) {
  const total = new Float64Array(weight[0].length);
  weight.forEach((row, i) => {
    for (let j = 0; j < row.length; j++) total[j] += vector[i] * row[j];
  });
  return total;
}

/**
 * @typedef {object} Step
 * @property {Record<string, Float64Array>} bands [H] each
 * @property {Float64Array} state
 * @property {Float64Array} cell of an LSTM
 * @property {(slope: Float64Array, cellSlope: Float64Array) => Slopes} back
 */

/**
 * @typedef {object} Slopes
 * @property {Float64Array} input of the products with the input, [parts * H]
 * @property {Float64Array} before of the state before
 * @property {Float64Array} cell of the cell before
 */

/**
 * One step, with its way back.
 * @param {Cell} layer
 * @param {Float64Array} x
 * @param {Float64Array} state
 * @param {Float64Array} cell
 * @returns {Step}
 */
function step(layer, x, state, cell) {
  const H = state.length;
  const fromInput = times(layer.input, x).map((value, i) => value + layer.bias[i]);
  const fromState = times(layer.state, state);
  const sum = fromInput.map((value, i) => value + fromState[i]);
  /**
   * @param {Float64Array} all
   * @param {number} place
   */
  const cut = (all, place) => all.slice(place * H, (place + 1) * H);
  const none = new Float64Array(H);
  if (layer.kind === "rnn") {
    const next = sum.map(Math.tanh);
    return {
      bands: { state: next },
      state: next,
      cell: none,
      back(slope) {
        const input = slope.map((s, i) => s * (1 - next[i] ** 2));
        return { input, before: back(layer.state, input), cell: none };
      },
    };
  }
  if (layer.kind === "lstm") {
    const write = cut(sum, 0).map(sigmoid);
    const forget = cut(sum, 1).map(sigmoid);
    const fresh = cut(sum, 2).map(Math.tanh);
    const output = cut(sum, 3).map(sigmoid);
    const after = forget.map((f, i) => f * cell[i] + write[i] * fresh[i]);
    const shown = after.map(Math.tanh);
    const next = output.map((o, i) => o * shown[i]);
    return {
      bands: { forget, input: write, output, cell: after, state: next },
      state: next,
      cell: after,
      back(slope, cellSlope) {
        const input = new Float64Array(4 * H);
        const into = slope.map((s, i) => cellSlope[i] + s * output[i] * (1 - shown[i] ** 2));
        for (let i = 0; i < H; i++) {
          input[i] = into[i] * fresh[i] * write[i] * (1 - write[i]);
          input[H + i] = into[i] * cell[i] * forget[i] * (1 - forget[i]);
          input[2 * H + i] = into[i] * write[i] * (1 - fresh[i] ** 2);
          input[3 * H + i] = slope[i] * shown[i] * output[i] * (1 - output[i]);
        }
        return { input, before: back(layer.state, input), cell: into.map((s, i) => s * forget[i]) };
      },
    };
  }
  const bias = layer.stateBias ?? none;
  const reset = cut(sum, 0).map(sigmoid);
  const update = cut(sum, 1).map(sigmoid);
  const read = cut(fromState, 2).map((value, i) => value + bias[i]);
  const fresh = cut(fromInput, 2).map((value, i) => Math.tanh(value + reset[i] * read[i]));
  const next = fresh.map((n, i) => (1 - update[i]) * n + update[i] * state[i]);
  return {
    bands: { reset, update, state: next },
    state: next,
    cell: none,
    back(slope) {
      const input = new Float64Array(3 * H);
      const through = new Float64Array(3 * H);
      for (let i = 0; i < H; i++) {
        const candidate = slope[i] * (1 - update[i]) * (1 - fresh[i] ** 2);
        input[i] = candidate * read[i] * reset[i] * (1 - reset[i]);
        input[H + i] = slope[i] * (state[i] - fresh[i]) * update[i] * (1 - update[i]);
        input[2 * H + i] = candidate;
        through[i] = input[i];
        through[H + i] = input[H + i];
        through[2 * H + i] = candidate * reset[i];
      }
      const before = back(layer.state, through).map((s, i) => s + slope[i] * update[i]);
      return { input, before, cell: none };
    },
  };
}

/**
 * A history through a layer, step by step from a state of zeros.
 * @param {Cell} layer
 * @param {Float64Array[]} behaviors
 */
export function through(layer, behaviors) {
  const H = layer.state[0].length;
  /** @type {Step[]} */
  const steps = [];
  /** @type {Float64Array} */
  let state = new Float64Array(H);
  /** @type {Float64Array} */
  let cell = new Float64Array(H);
  for (const x of behaviors) {
    const next = step(layer, x, state, cell);
    steps.push(next);
    ({ state, cell } = next);
  }
  return steps;
}

/**
 * A history through a layer: bands [T][H], what the probe reads, slopes [T].
 * @param {Layer} layer
 * @param {Float64Array[]} behaviors
 */
export function run(layer, behaviors) {
  const H = layer.state[0].length;
  const steps = through(layer, behaviors);
  const last = steps[steps.length - 1].state;
  const squares = new Float64Array(behaviors.length);
  for (let unit = 0; unit < H; unit++) {
    /** @type {Float64Array} */
    let slope = new Float64Array(H);
    slope[unit] = 1;
    /** @type {Float64Array} */
    let cellSlope = new Float64Array(H);
    for (let t = steps.length - 1; t >= 0; t--) {
      const found = steps[t].back(slope, cellSlope);
      const dx = back(layer.input, found.input);
      squares[t] += dot(dx, dx);
      slope = found.before;
      cellSlope = found.cell;
    }
  }
  return {
    bands: layer.bands.map((name) => ({ name, rows: steps.map(({ bands }) => bands[name]) })),
    known: times(layer.probe, last).map((logit, c) => sigmoid(logit + layer.probeBias[c])),
    slopes: squares.map(Math.sqrt),
  };
}
