// One vector: the mean of the clicks. As models/mean_pooling.py.

import { mixture } from "./vectors.js";

/** @import { Reader } from "./index.js" */

/** @type {Reader} */
export const mean = () => (rows, E) => {
  const weights = rows.map(() => 1 / rows.length);
  return { weights: [weights], interests: [mixture(weights, rows, E)] };
};
