// ComiRec-SA and the mean, trained on sampled softmax: forward and backward by hand.
//
// Rows of typed arrays in float64; a matrix [R, C] is one array, row by row. With items
// x_i [E], W1 [E, D], W2 [D, K], the clicks h_1 ... h_T of an example, its target y and
// the negatives n_1 ... n_S of the batch:
//
//   h(i) = tanh(x_i W1)            hidden [D]       once for each item, not each click
//   l(i) = h(i) W2                 logits [K]
//   a_kt = softmax_t l(h_t)_k      (the mean: a_t = 1 / T and K = 1)
//   u_k  = Σ_t a_kt x_{h_t}        interests [E]
//   q    = unit(u_k) / τ  where k is nearest to y, unit(u) = u / |u|
//   z_0  = q · unit(y),  z_s = q · unit(n_s) - log p(n_s) - log S  (-∞ where n_s is y)
//   loss = log Σ_j exp z_j - z_0, the mean over the batch

import { fillUniform, STREAM } from "./draws.js";

/** @typedef {Float64Array} Row */

/**
 * @typedef {object} Size
 * @property {number} N items, 1 ... N; row 0 is padding
 * @property {number} E
 * @property {number} K interests; 0 for the mean
 */

/**
 * @typedef {object} Net
 * @property {Size} size
 * @property {number} D
 * @property {number} count how many vectors a person gets: K, 1 for the mean
 * @property {Row[]} parameters items [N + 1, E], and for K > 0 W1 [E, D], W2 [D, K]
 * @property {Row} unit [N + 1, E], the items with length 1
 * @property {Row} lengths [N + 1]
 * @property {Row} hidden [N + 1, D]
 * @property {Row} logits [N + 1, K]
 */

/**
 * A batch: `clicks` from `starts[b]` to `stops[b]`, then `targets[b]`.
 * @typedef {object} Batch
 * @property {Int32Array} clicks
 * @property {Int32Array} starts
 * @property {Int32Array} stops
 * @property {Int32Array} targets
 */

const TINY = 1e-12; // the shortest length that a vector is divided by

/**
 * A model with weights drawn from the seed: items of expected length 1, W1 and W2 as
 * Glorot and Bengio 2010.
 * @param {Size} size
 * @param {number} seed
 * @returns {Net}
 */
export function newNet(size, seed) {
  const { N, E, K } = size;
  const D = 4 * E;
  const items = new Float64Array((N + 1) * E);
  fillUniform(items, Math.sqrt(3 / E), seed, STREAM.items);
  items.fill(0, 0, E);
  const parameters = [items];
  if (K) {
    const W1 = new Float64Array(E * D);
    const W2 = new Float64Array(D * K);
    fillUniform(W1, Math.sqrt(6 / (E + D)), seed, STREAM.W1);
    fillUniform(W2, Math.sqrt(6 / (D + K)), seed, STREAM.W2);
    parameters.push(W1, W2);
  }
  const net = {
    size,
    D,
    count: K || 1,
    parameters,
    unit: new Float64Array((N + 1) * E),
    lengths: new Float64Array(N + 1),
    hidden: new Float64Array((N + 1) * D),
    logits: new Float64Array((N + 1) * K),
  };
  refresh(net);
  return net;
}

/**
 * Works out what depends on the items and the weights alone.
 * @param {Net} net
 */
export function refresh({ size: { N, E, K }, D, parameters, unit, lengths, hidden, logits }) {
  const [items, W1, W2] = parameters;
  for (let i = 1; i <= N; i++) {
    lengths[i] = Math.max(length(items, i * E, E), TINY);
    for (let e = 0; e < E; e++) unit[i * E + e] = items[i * E + e] / lengths[i];
  }
  if (!K) return;
  hidden.fill(0);
  logits.fill(0);
  addProduct(hidden, items, W1, N + 1, E, D);
  for (let j = 0; j < hidden.length; j++) hidden[j] = Math.tanh(hidden[j]);
  addProduct(logits, hidden, W2, N + 1, D, K);
}

/**
 * The interests [count, E] of some clicks and their weights [count, T]; zeros without
 * clicks.
 * @param {Net} net
 * @param {ArrayLike<number>} clicks
 * @param {number} start
 * @param {number} stop
 * @param {Row} weights of any length from count · T on
 * @param {Row} interests
 */
export function read(
  { size: { E, K }, count, parameters, logits },
  clicks,
  start,
  stop,
  weights,
  interests,
) {
  const items = parameters[0];
  const T = stop - start;
  interests.fill(0);
  for (let k = 0; k < count; k++) {
    const row = k * T;
    if (K) {
      let top = -Infinity;
      for (let t = 0; t < T; t++) top = Math.max(top, logits[clicks[start + t] * K + k]);
      let total = 0;
      for (let t = 0; t < T; t++) {
        weights[row + t] = Math.exp(logits[clicks[start + t] * K + k] - top);
        total += weights[row + t];
      }
      for (let t = 0; t < T; t++) weights[row + t] /= total;
    } else weights.fill(1 / T, row, row + T);
    for (let t = 0; t < T; t++) {
      addTimes(interests, k * E, weights[row + t], items, clicks[start + t] * E, E);
    }
  }
}

/**
 * The loss of batches, and its gradient in every parameter.
 * @param {Net} net
 * @param {{ temperature: number, logP: Row | null, most: number }} options `logP` lowers
 *   the logit of an item by the log of its chance, null for none; `most` clicks
 */
export function trainer(net, { temperature, logP, most }) {
  const { size, D, count, parameters, unit, lengths, hidden, logits } = net;
  const { N, E, K } = size;
  const gradients = parameters.map(({ length }) => new Float64Array(length));
  const [dItems, dW1, dW2] = gradients;
  const dUnit = new Float64Array(unit.length);
  const dLogits = new Float64Array(logits.length);
  const dHidden = new Float64Array(hidden.length);
  const weights = new Float64Array(count * most);
  const interests = new Float64Array(count * E);
  const q = new Float64Array(E);
  const dq = new Float64Array(E);
  const du = new Float64Array(E);
  const da = new Float64Array(most);
  let z = new Float64Array();

  /**
   * @param {Batch} batch
   * @param {Int32Array} negatives
   */
  function loss({ clicks, starts, stops, targets }, negatives) {
    const B = targets.length;
    const S = negatives.length;
    if (z.length !== S + 1) z = new Float64Array(S + 1);
    for (const array of [...gradients, dUnit, dLogits]) array.fill(0);
    let total = 0;
    for (let b = 0; b < B; b++) {
      const [start, stop, y] = [starts[b], stops[b], targets[b] * E];
      read(net, clicks, start, stop, weights, interests);
      const { k, size: long } = nearest(y);
      for (let e = 0; e < E; e++) q[e] = interests[k * E + e] / (long * temperature);
      total += softmax(y, targets[b], negatives, S);
      backQuery(y, negatives, S, B);
      // û = u / |u|: du = (dû - û (û · dû)) / |u|, and q τ = û
      let along = 0;
      for (let e = 0; e < E; e++) along += q[e] * dq[e];
      for (let e = 0; e < E; e++) {
        du[e] = (dq[e] / temperature - q[e] * temperature * along) / long;
      }
      backRead(clicks, start, stop, k);
    }
    backItems();
    return total / B;
  }

  /**
   * The interest that is nearest to the target, and its length.
   * @param {number} y place of the target
   */
  function nearest(y) {
    let [k, size, best] = [0, TINY, -Infinity];
    for (let j = 0; j < count; j++) {
      const long = Math.max(length(interests, j * E, E), TINY);
      const score = product(interests, j * E, unit, y, E) / long;
      if (score > best) [k, size, best] = [j, long, score];
    }
    return { k, size };
  }

  /**
   * Puts softmax(z) into z and returns -log of its first.
   * @param {number} y
   * @param {number} target
   * @param {Int32Array} negatives
   * @param {number} S
   */
  function softmax(y, target, negatives, S) {
    z[0] = product(q, 0, unit, y, E);
    let top = z[0];
    for (let s = 0; s < S; s++) {
      const n = negatives[s];
      z[s + 1] = n === target ? -Infinity : product(q, 0, unit, n * E, E);
      if (logP) z[s + 1] -= logP[n] + Math.log(S);
      top = Math.max(top, z[s + 1]);
    }
    const first = z[0];
    let sum = 0;
    for (let s = 0; s <= S; s++) {
      z[s] = Math.exp(z[s] - top);
      sum += z[s];
    }
    for (let s = 0; s <= S; s++) z[s] /= sum;
    return top + Math.log(sum) - first;
  }

  /**
   * dz = softmax(z) - [first], over B; dq = Σ dz_j unit(n_j), d unit(n_j) = dz_j q.
   * @param {number} y
   * @param {Int32Array} negatives
   * @param {number} S
   * @param {number} B
   */
  function backQuery(y, negatives, S, B) {
    dq.fill(0);
    for (let s = 0; s <= S; s++) {
      const g = (z[s] - (s ? 0 : 1)) / B;
      const n = s ? negatives[s - 1] * E : y;
      addTimes(dq, 0, g, unit, n, E);
      addTimes(dUnit, n, g, q, 0, E);
    }
  }

  /**
   * dx_{h_t} = a_t du; da_t = x_{h_t} · du; dl_t = a_t (da_t - Σ a da).
   * @param {Int32Array} clicks
   * @param {number} start
   * @param {number} stop
   * @param {number} k
   */
  function backRead(clicks, start, stop, k) {
    const items = parameters[0];
    const row = k * (stop - start);
    let mean = 0;
    for (let t = 0; t < stop - start; t++) {
      const a = weights[row + t];
      const x = clicks[start + t] * E;
      da[t] = product(items, x, du, 0, E);
      mean += a * da[t];
      addTimes(dItems, x, a, du, 0, E);
    }
    if (!K) return;
    for (let t = 0; t < stop - start; t++) {
      dLogits[clicks[start + t] * K + k] += weights[row + t] * (da[t] - mean);
    }
  }

  /** From the logits and the unit items back to x, W1 and W2, once for each item. */
  function backItems() {
    const [items, W1, W2] = parameters;
    for (let i = 1; i <= N; i++) {
      const along = product(unit, i * E, dUnit, i * E, E);
      for (let e = i * E; e < (i + 1) * E; e++) {
        dItems[e] += (dUnit[e] - unit[e] * along) / lengths[i];
      }
    }
    if (!K) return;
    addProductLeft(dW2, hidden, dLogits, N + 1, D, K); // dW2 = Hᵀ dL
    dHidden.fill(0);
    addProductRight(dHidden, dLogits, W2, N + 1, K, D); // dH = dL W2ᵀ
    for (let j = 0; j < hidden.length; j++) dHidden[j] *= 1 - hidden[j] * hidden[j];
    addProductLeft(dW1, items, dHidden, N + 1, E, D); // dW1 = Xᵀ dH
    addProductRight(dItems, dHidden, W1, N + 1, D, E); // dX += dH W1ᵀ
    dItems.fill(0, 0, E);
  }

  return { loss, gradients };
}

// ---- Products ----------------------------------------------------------------

/**
 * @param {Row} a
 * @param {number} i where a's vector begins
 * @param {Row} b
 * @param {number} j
 * @param {number} E
 */
function product(a, i, b, j, E) {
  let total = 0;
  let e = 0;
  for (; e + 3 < E; e += 4) {
    const m = i + e;
    const n = j + e;
    total += a[m] * b[n] + a[m + 1] * b[n + 1] + a[m + 2] * b[n + 2] + a[m + 3] * b[n + 3];
  }
  for (; e < E; e++) total += a[i + e] * b[j + e];
  return total;
}

/**
 * out += x a, E numbers from their places on; four at a time, which is twice as fast.
 * @param {Row} out
 * @param {number} i
 * @param {number} x
 * @param {Row} a
 * @param {number} j
 * @param {number} E
 */
function addTimes(out, i, x, a, j, E) {
  let e = 0;
  for (; e + 3 < E; e += 4) {
    const m = i + e;
    const n = j + e;
    out[m] += x * a[n];
    out[m + 1] += x * a[n + 1];
    out[m + 2] += x * a[n + 2];
    out[m + 3] += x * a[n + 3];
  }
  for (; e < E; e++) out[i + e] += x * a[j + e];
}

/**
 * @param {Row} a
 * @param {number} i
 * @param {number} E
 */
const length = (a, i, E) => Math.sqrt(product(a, i, a, i, E));

/**
 * out [R, C] += a [R, M] b [M, C].
 * @param {Row} out
 * @param {Row} a
 * @param {Row} b
 * @param {number} R
 * @param {number} M
 * @param {number} C
 */
function addProduct(out, a, b, R, M, C) {
  for (let r = 0; r < R; r++) {
    for (let m = 0; m < M; m++) {
      const x = a[r * M + m];
      addTimes(out, r * C, x, b, m * C, C);
    }
  }
}

/**
 * out [M, C] += aᵀ b, a [R, M], b [R, C].
 * @param {Row} out
 * @param {Row} a
 * @param {Row} b
 * @param {number} R
 * @param {number} M
 * @param {number} C
 */
function addProductLeft(out, a, b, R, M, C) {
  for (let r = 0; r < R; r++) {
    for (let m = 0; m < M; m++) {
      const x = a[r * M + m];
      addTimes(out, m * C, x, b, r * C, C);
    }
  }
}

/**
 * out [R, C] += a bᵀ, a [R, M], b [C, M].
 * @param {Row} out
 * @param {Row} a
 * @param {Row} b
 * @param {number} R
 * @param {number} M
 * @param {number} C
 */
function addProductRight(out, a, b, R, M, C) {
  for (let r = 0; r < R; r++) {
    for (let c = 0; c < C; c++) out[r * C + c] += product(a, r * M, b, c * M, M);
  }
}
