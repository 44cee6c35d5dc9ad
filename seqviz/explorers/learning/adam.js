// Adam. Source: Kingma and Ba 2015 (arXiv 1412.6980), algorithm 1.

const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-8];

/**
 * An optimizer of arrays in place.
 * @param {Float64Array[]} parameters
 * @param {number} learningRate
 */
export function adam(parameters, learningRate) {
  const means = parameters.map(({ length }) => new Float64Array(length));
  const squares = parameters.map(({ length }) => new Float64Array(length));
  let t = 0;
  /** @param {Float64Array[]} gradients */
  return (gradients) => {
    t += 1;
    // θ -= lr · m / (1 - β₁^t) / (√(v / (1 - β₂^t)) + ε)
    const rate = learningRate / (1 - BETA1 ** t);
    const scale = 1 / Math.sqrt(1 - BETA2 ** t);
    parameters.forEach((theta, p) => {
      const [g, m, v] = [gradients[p], means[p], squares[p]];
      for (let i = 0; i < theta.length; i++) {
        m[i] += (1 - BETA1) * (g[i] - m[i]);
        v[i] += (1 - BETA2) * (g[i] * g[i] - v[i]);
        theta[i] -= (rate * m[i]) / (Math.sqrt(v[i]) * scale + EPSILON);
      }
    });
  };
}
