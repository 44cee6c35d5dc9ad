// The latest clicks as a session, the rest as the past, joined by a gate. As models/sdm.py.

import { dot, softmax } from "../../core/arrays.js";
import { add, linear, matrix, mixture, sigmoid, vector } from "./vectors.js";

/** @import { Reader, Weights } from "./index.js" */
/** @import { Row } from "./vectors.js" */

/** The rows of the attributes' table that an item has, 0 for none. @param {Weights} weights */
const rowsOfItems = (weights) => (weights.rows ? matrix(weights.rows) : []);

/**
 * An item is its own vector and those of its attributes.
 * @param {Weights} weights
 */
export function itemVectors(weights) {
  const values = matrix(weights["attribute_embedding.weight"]);
  const own = matrix(weights["embedding.weight"]);
  const rows = rowsOfItems(weights);
  return own.map((x, item) => (rows[item] ?? []).reduce((sum, row) => add(sum, values[row]), x));
}

/** @param {Weights} weights */
function newLSTM(weights) {
  const [W, U] = ["weight_ih_l0", "weight_hh_l0"].map((name) =>
    matrix(weights[`short.lstm.${name}`]),
  );
  const [b, c] = ["bias_ih_l0", "bias_hh_l0"].map((name) => vector(weights[`short.lstm.${name}`]));
  /**
   * @param {Row[]} rows
   * @param {number} E
   */
  return (rows, E) => {
    let [h, cell] = [new Float64Array(E), new Float64Array(E)];
    return rows.map((x) => {
      const gates = add(linear(W, x, b), linear(U, h, c)); // write, forget, candidate, show
      cell = cell.map(
        (old, e) => sigmoid(gates[E + e]) * old + sigmoid(gates[e]) * Math.tanh(gates[2 * E + e]),
      );
      h = cell.map((now, e) => sigmoid(gates[3 * E + e]) * Math.tanh(now));
      return h;
    });
  };
}

/**
 * @param {Weights} weights
 * @param {number} heads
 */
function newSelfAttention(weights, heads) {
  const three = matrix(weights["short.heads.query_key_value.weight"]);
  const output = matrix(weights["short.heads.output.weight"]);
  /** @param {Row[]} rows */
  return (rows) => {
    const E = output.length;
    const width = E / heads;
    const packed = rows.map((x) => linear(three, x));
    return packed.map((mine) => {
      const read = new Float64Array(E);
      for (let start = 0; start < E; start += width) {
        /** @param {Row} row @param {number} at */
        const part = (row, at) => row.subarray(at + start, at + start + width);
        const query = part(mine, 0);
        const scores = packed.map((row) => dot(query, part(row, E)) / Math.sqrt(width));
        const values = packed.map((row) => part(row, 2 * E));
        read.set(mixture(softmax(scores), values, width), start);
      }
      return linear(output, read);
    });
  };
}

/** @type {Reader} */
export const sdm = (weights, { heads, session }) => {
  const lstm = newLSTM(weights);
  const attend = newSelfAttention(weights, heads);
  const user = vector(weights.everybody);
  const own = matrix(weights["embedding.weight"]);
  const values = matrix(weights["attribute_embedding.weight"]);
  const rowsOf = rowsOfItems(weights);
  const [join, joinBias] = [matrix(weights["long.join.weight"]), vector(weights["long.join.bias"])];
  const [gate, gateBias] = [matrix(weights["join.gate.weight"]), vector(weights["join.gate.bias"])];

  /**
   * The user asks some vectors.
   * @param {Row[]} rows
   * @param {number} E
   */
  const ask = (rows, E) => {
    const shares = rows.length ? softmax(rows.map((x) => dot(x, user))) : new Float64Array();
    return { shares, read: mixture(shares, rows, E) };
  };

  return (rows, E, ids) => {
    const cut = Math.max(0, rows.length - session);
    const past = ids.slice(0, cut);
    const short = ask(attend(lstm(rows.slice(cut), E)), E);
    // each value once: the item, then what it has
    const items = [...new Set(past)];
    const ofItems = ask(
      items.map((id) => own[id]),
      E,
    );
    const others = Array.from({ length: rowsOf[0]?.length ?? 0 }, (_, f) => {
      const known = [...new Set(past.map((id) => rowsOf[id][f]))].filter(Boolean);
      return ask(
        known.map((row) => values[row]),
        E,
      ).read;
    });
    const answers = Float64Array.from([ofItems.read, ...others].flatMap((part) => [...part]));
    const long = linear(join, answers, joinBias).map(Math.tanh);
    const three = Float64Array.from([user, short.read, long].flatMap((part) => [...part]));
    const g = linear(gate, three, gateBias).map(sigmoid);
    const output = g.map((share, e) => share * short.read[e] + (1 - share) * long[e]);
    const ofSession = ids.map((_, t) => (t < cut ? 0 : short.shares[t - cut]));
    // an item that came twice is read where she last met it
    const ofPast = ids.map((id, t) =>
      t < cut && past.lastIndexOf(id) === t ? ofItems.shares[items.indexOf(id)] : 0,
    );
    return { weights: [ofSession, ofPast], interests: [output] };
  };
};
