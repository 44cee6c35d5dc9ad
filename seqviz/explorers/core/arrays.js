// Arrays as codec.py writes them, and the arithmetic that several explorers repeat.

/** @typedef {Float32Array | Float64Array | Int32Array | Uint8Array} Numbers */

/**
 * An array as codec.py writes it.
 * @typedef {object} Encoded
 * @property {"float16" | "float32" | "int32" | "uint8"} dtype
 * @property {number[]} shape
 * @property {string} data in base64
 */

/** @typedef {{ shape: number[], data: Numbers }} Matrix */

/**
 * The number that 16 bits stand for.
 * @param {number} bits
 */
function half(bits) {
  const size = (bits >> 10) & 31;
  const part = bits & 1023;
  const number = size ? (1 + part / 1024) * 2 ** (size - 15) : part * 2 ** -24;
  return bits >> 15 ? -number : number;
}

/**
 * Reads what codec.py wrote.
 * @param {Encoded} encoded
 * @returns {Matrix}
 */
export function array(encoded) {
  const { buffer } = Uint8Array.from(atob(encoded.data), (c) => c.charCodeAt(0));
  const data = {
    float16: () => Float32Array.from(new Uint16Array(buffer), half),
    float32: () => new Float32Array(buffer),
    int32: () => new Int32Array(buffer),
    uint8: () => new Uint8Array(buffer),
  }[encoded.dtype]();
  return { shape: encoded.shape, data };
}

/**
 * Softmax over what is kept, in float64: exactly 0 elsewhere, all 0 if nothing is.
 * @param {ArrayLike<number>} logits
 * @param {ArrayLike<boolean> | null} kept null keeps all
 */
export function maskedSoftmax(logits, kept) {
  const weights = new Float64Array(logits.length);
  let top = -Infinity;
  let total = 0;
  for (let t = 0; t < logits.length; t++) if (!kept || kept[t]) top = Math.max(top, logits[t]);
  for (let t = 0; t < logits.length; t++) {
    if (kept && !kept[t]) continue;
    weights[t] = Math.exp(logits[t] - top);
    total += weights[t];
  }
  if (total) for (let t = 0; t < weights.length; t++) weights[t] /= total;
  return weights;
}

/** @param {ArrayLike<number>} logits */
export const softmax = (logits) => maskedSoftmax(logits, null);

/**
 * A row of a matrix.
 * @param {Matrix} matrix
 * @param {number} row
 */
export function rowOf({ shape, data }, row) {
  const width = shape[shape.length - 1];
  return data.subarray(row * width, (row + 1) * width);
}

/**
 * All rows of a matrix.
 * @param {Matrix} matrix
 */
export const rowsOf = (matrix) =>
  Array.from({ length: matrix.shape[0] }, (_, row) => rowOf(matrix, row));

/**
 * @param {ArrayLike<number>} a
 * @param {ArrayLike<number>} b as long as `a`
 */
export function dot(a, b) {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i] * b[i];
  return total;
}

/** @param {ArrayLike<number>} values */
export function sum(values) {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  return total;
}

/**
 * The largest scores as [index, score]; ties go to the lower index.
 * @param {ArrayLike<number>} scores
 * @param {number} count how many
 * @param {(index: number) => boolean} allowed
 */
export function best(scores, count, allowed = () => true) {
  const places = [];
  for (let i = 0; i < scores.length; i++) if (allowed(i)) places.push(i);
  places.sort((a, b) => scores[b] - scores[a] || a - b);
  return places.slice(0, count).map((i) => /** @type {[number, number]} */ ([i, scores[i]]));
}
