// K interests by self-attentive pooling. As models/comirec.py.

import { softmax } from "../../core/arrays.js";
import { matrix, mixture, times } from "./vectors.js";

/** @import { Reader } from "./index.js" */

/** @type {Reader} */
export const comirecSA = (weights) => {
  const W1 = matrix(weights["attention.W1"]);
  const W2 = matrix(weights["attention.W2"]);
  return (rows, E) => {
    // A = softmax_T(tanh(X W1) W2)ᵀ, U = A X
    const logits = rows.map((x) => times(times(x, W1).map(Math.tanh), W2));
    const read = Array.from(W2[0], (_, k) => softmax(logits.map((row) => row[k])));
    return { weights: read, interests: read.map((own) => mixture(own, rows, E)) };
  };
};
