// A look at a model: its numbers, and the places of items and interests on the map.

import { best } from "../core/arrays.js";
import { measure, scoresOf, unitInterests } from "./measures.js";

/** @import { Net } from "./model.js" */
/** @import { newPlane } from "./plane.js" */
/** @import { Shop } from "./shop.js" */

/**
 * @typedef {object} Person
 * @property {Float32Array} places [count, 2] of her interests
 * @property {Uint8Array} served [N + 1], the interest that scores an item highest
 * @property {number[][]} nearest the nearest items of each interest
 */

/**
 * @typedef {object} Look
 * @property {number} epoch
 * @property {number | null} loss the mean since the last look; null at the beginning
 * @property {number} recall
 * @property {number | null} cosine
 * @property {number} busiest
 * @property {number} share of the variance that the map shows
 * @property {Float32Array} items [N + 1, 2]
 * @property {Person[]} people
 */

const NEAREST = 3;

/**
 * Looks at a model; all vectors have length 1, so that the map shows angles.
 * @param {Net} net
 * @param {Shop} shop
 * @param {number[]} people places among those held out
 * @param {ReturnType<typeof newPlane>} plane
 * @param {{ epoch: number, loss: number | null }} so
 * @returns {Look}
 */
export function look(net, shop, people, plane, so) {
  const share = plane.follow(net.unit);
  const { E } = net.size;

  /** @param {Float64Array} vectors [rows, E] */
  function flat(vectors) {
    const places = new Float32Array((2 * vectors.length) / E);
    for (let j = 0; j < vectors.length; j++) {
      const row = 2 * Math.floor(j / E);
      places[row] += plane.axes[0][j % E] * vectors[j];
      places[row + 1] += plane.axes[1][j % E] * vectors[j];
    }
    return places;
  }

  /** @param {number} person */
  function seen(person) {
    const interests = unitInterests(net, shop.heldOut, person);
    const { served } = scoresOf(net, interests);
    const nearest = Array.from({ length: net.count }, (_, k) => {
      const own = interests.subarray(k * E, (k + 1) * E);
      const { scores } = scoresOf({ ...net, count: 1 }, own);
      return best(scores, NEAREST).map(([item]) => item);
    });
    return { places: flat(interests), served, nearest };
  }

  return { ...so, ...measure(net, shop), share, items: flat(net.unit), people: people.map(seen) };
}
