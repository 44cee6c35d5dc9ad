// Two that learn nothing: what all click most, and what she clicked most.

/**
 * What is read of a history and how each item scores, padding (item 0) first.
 * @typedef {object} Answer
 * @property {ArrayLike<number>[] | null} weights [K][T]
 * @property {Float64Array} scores
 */

/** @param {Float64Array} shares [N + 1], of all clicks */
export const popularity = (shares) => () => ({ weights: null, scores: shares });

/**
 * Her own counts; of equals what all click more. A share is below 1, so it never
 * outweighs a click.
 * @param {Float64Array} shares [N + 1]
 */
export const ownCounts =
  (shares) =>
  /** @param {number[]} ids */
  (ids) => {
    const scores = shares.slice();
    for (const id of ids) scores[id] += 1;
    return { weights: null, scores };
  };
