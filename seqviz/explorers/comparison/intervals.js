// The interval of a paired difference: the same arithmetic and draws as intervals.py.

import { sum } from "../core/arrays.js";

/** @typedef {"seeds" | "users" | "users and seeds"} Over what the interval is about */
/** @typedef {{ mean: number, low: number, high: number }} Interval */

/** Bootstrap samples of an interval. */
const DRAWS = 1000;

/**
 * A number between 0 and 1: a hash of its place in a stream.
 * @param {number} stream
 * @param {number} place from 0
 */
function uniform(stream, place) {
  let x = Math.imul(place + 1, 0x9e3779b9) + Math.imul(stream, 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (((x ^ (x >>> 16)) >>> 0) + 0.5) / 2 ** 32;
}

/**
 * Which of `count` users each bootstrap sample holds, one sample after the other.
 * @param {number} count
 */
export function picks(count) {
  const picked = new Int32Array(DRAWS * count);
  for (let place = 0; place < picked.length; place++) {
    picked[place] = Math.floor(uniform(0, place) * count);
  }
  return picked;
}

/**
 * A number of Student's t distribution.
 * @param {number} freedom
 * @param {number} draw
 */
function studentT(freedom, draw) {
  const size = Math.sqrt(freedom * (uniform(1, draw) ** (-2 / freedom) - 1));
  return size * Math.cos(2 * Math.PI * uniform(2, draw));
}

/** @param {ArrayLike<number>} values */
const average = (values) => sum(values) / values.length;

/**
 * The variance with one less than the number of values below the line.
 * @param {number[]} values
 */
function variance(values) {
  const mean = average(values);
  return sum(values.map((value) => (value - mean) ** 2)) / (values.length - 1);
}

/**
 * @param {Float64Array} sorted
 * @param {number} share
 */
function quantile(sorted, share) {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}

/**
 * The mean difference and its 95% interval.
 * @param {Float64Array[]} d differences [S, U], a row for each seed
 * @param {Over} over
 * @param {number} student the .975 quantile of Student's t with S - 1 degrees of freedom
 * @param {Int32Array} picked of `picks(U)`
 * @returns {Interval}
 */
export function interval(d, over, student, picked) {
  const [S, U] = [d.length, d[0].length];
  const ofSeed = d.map(average);
  const mean = average(ofSeed);
  if (over === "seeds") {
    const half = S > 1 ? student * Math.sqrt(variance(ofSeed) / S) : 0;
    return { mean, low: mean - half, high: mean + half };
  }
  const ofUser = d[0].map((_, u) => average(d.map((row) => row[u])));
  const stretch = Math.sqrt(U / (U - 1));
  const centered = ofUser.map((value) => (value - mean) * stretch);
  let wide = 0;
  if (S > 1 && over === "users and seeds") {
    let residual = 0;
    for (let s = 0; s < S; s++) {
      for (let u = 0; u < U; u++) residual += (d[s][u] - ofUser[u] - ofSeed[s] + mean) ** 2;
    }
    const noise = residual / ((S - 1) * (U - 1)) / (S * U);
    wide = Math.sqrt(Math.max(variance(ofSeed) / S - noise, 0));
  }
  const deviation = Float64Array.from({ length: DRAWS }, (_, draw) => {
    let total = 0;
    for (let i = draw * U; i < (draw + 1) * U; i++) total += centered[picked[i]];
    return total / U + (wide ? wide * studentT(S - 1, draw) : 0);
  }).sort();
  return {
    mean,
    low: mean - quantile(deviation, 0.975),
    high: mean - quantile(deviation, 0.025),
  };
}
