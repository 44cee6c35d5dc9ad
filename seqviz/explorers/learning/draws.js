// Every random number of a training, by its place: no state, so any order and any host
// draws the same. draws.py has the same lines.

/** What a number is drawn for. */
export const STREAM = { items: 0, W1: 1, W2: 2, order: 3, negatives: 4 };

const WORD = 2 ** 32;

/**
 * Mixes 32 bits. Source: Wellons 2018, Prospecting for Hash Functions ("lowbias32").
 * @param {number} x
 */
function mix(x) {
  let h = x >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * A function of the place i to 32 random bits.
 * @param {number} seed
 * @param {number} stream
 * @param {number} turn the epoch or the step that the number is for
 */
export function bits(seed, stream, turn) {
  const key = mix(mix(mix(seed) + stream) + turn);
  return (/** @type {number} */ i) => mix(key + i);
}

/**
 * Fills with numbers between -bound and bound.
 * @param {Float64Array} values
 * @param {number} bound
 * @param {number} seed
 * @param {number} stream
 */
export function fillUniform(values, bound, seed, stream) {
  const draw = bits(seed, stream, 0);
  for (let i = 0; i < values.length; i++) values[i] = bound * (draw(i) / (WORD / 2) - 1);
}

/**
 * The order of `count` examples in an epoch: by their bits, ties by their place.
 * @param {number} count below 2 ** 21
 * @param {number} seed
 * @param {number} epoch
 */
export function shuffled(count, seed, epoch) {
  const draw = bits(seed, STREAM.order, epoch);
  const size = 2 ** 21; // bits and place share the 53 bits of a number
  const keys = Float64Array.from({ length: count }, (_, i) => draw(i) * size + i).sort();
  return Int32Array.from(keys, (key) => key % size);
}

/**
 * Items drawn with chances like their counts.
 * @param {Int32Array} out
 * @param {Float64Array} cumulative counts of items 0, 1, ...; the last is their sum
 * @param {number} seed
 * @param {number} step
 */
export function drawItems(out, cumulative, seed, step) {
  const draw = bits(seed, STREAM.negatives, step);
  const total = cumulative[cumulative.length - 1];
  for (let s = 0; s < out.length; s++) {
    const place = Math.floor((draw(s) * total) / WORD);
    let low = 0;
    let high = cumulative.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cumulative[middle] > place) high = middle;
      else low = middle + 1;
    }
    out[s] = low;
  }
}
