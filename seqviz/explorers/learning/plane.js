// The plane in which the items differ most, followed from look to look without a jump.

/**
 * A plane for vectors of width E. It turns towards the two principal directions and is
 * never turned inside itself, so that what is drawn in it stays where it was.
 * @param {number} E
 */
export function newPlane(E) {
  /** @type {[Float64Array, Float64Array]} two directions of length 1 */
  const axes = [new Float64Array(E), new Float64Array(E)];
  axes[0][0] = 1;
  axes[1][1] = 1;

  /**
   * The covariance of the items, row by row, and its trace.
   * @param {Float64Array} items [N + 1, E]; row 0 is no item
   */
  function spread(items) {
    const N = items.length / E - 1;
    const mean = new Float64Array(E);
    for (let j = E; j < items.length; j++) mean[j % E] += items[j] / N;
    const matrix = new Float64Array(E * E);
    for (let i = 1; i <= N; i++) {
      for (let e = 0; e < E; e++) {
        const x = items[i * E + e] - mean[e];
        for (let f = 0; f < E; f++) matrix[e * E + f] += x * (items[i * E + f] - mean[f]);
      }
    }
    let trace = 0;
    for (let e = 0; e < E; e++) trace += matrix[e * E + e];
    return { matrix, trace };
  }

  /**
   * @param {Float64Array} matrix
   * @param {Float64Array} vector
   */
  const times = (matrix, vector) =>
    vector.map((_, e) => {
      let total = 0;
      for (let f = 0; f < E; f++) total += matrix[e * E + f] * vector[f];
      return total;
    });

  /**
   * @param {Float64Array} a
   * @param {Float64Array} b
   */
  const dot = (a, b) => a.reduce((total, x, e) => total + x * b[e], 0);

  /** @param {Float64Array} vector */
  function unit(vector) {
    const long = Math.sqrt(dot(vector, vector)) || 1;
    return vector.map((x) => x / long);
  }

  return {
    axes,
    /**
     * Turns towards the items' principal plane (orthogonal iteration), and returns the
     * share of the variance that it shows.
     * @param {Float64Array} items [N + 1, E]
     */
    follow(items) {
      const { matrix, trace } = spread(items);
      let [a, b] = axes;
      for (let turn = 0; turn < 8; turn++) {
        a = unit(times(matrix, a));
        const next = times(matrix, b);
        const along = dot(a, next);
        b = unit(next.map((x, e) => x - along * a[e]));
      }
      // Inside the plane: the rotation nearest to the old axes.
      const [p, q] = axes;
      const [cos, sin] = [dot(a, p) + dot(b, q), dot(b, p) - dot(a, q)];
      const long = Math.hypot(cos, sin) || 1;
      const [c, s] = [cos / long, sin / long];
      axes[0] = a.map((x, e) => c * x + s * b[e]);
      axes[1] = b.map((x, e) => c * x - s * a[e]);
      const shown = axes.reduce((total, axis) => total + dot(axis, times(matrix, axis)), 0);
      return trace ? shown / trace : 1;
    },
  };
}
