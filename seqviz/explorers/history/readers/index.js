// Every reader of a history by its kind.

import { array, dot } from "../../core/arrays.js";
import { comirecSA } from "./comirec_sa.js";
import { ownCounts, popularity } from "./counts.js";
import { din } from "./din.js";
import { gru4rec } from "./gru4rec.js";
import { mean } from "./mean.js";
import { remembered } from "./remembered.js";
import { comirecDR, mind } from "./routing.js";
import { sasrec } from "./sasrec.js";
import { itemVectors, sdm } from "./sdm.js";
import { matrix, unit } from "./vectors.js";

/** @import { Encoded } from "../../core/arrays.js" */
/** @import { Answer } from "./counts.js" */
/** @import { Row } from "./vectors.js" */

/** @typedef {Record<string, Encoded>} Weights by their names in the model */
/** @typedef {{ weights: ArrayLike<number>[] | null, interests: Row[] }} Reading */
/**
 * What a model was made with, as far as the page needs it.
 * @typedef {object} Options
 * @property {number} iterations of a routing
 * @property {boolean} adaptive
 * @property {number} heads
 * @property {number} session how many of the latest clicks are an SDM's session
 */
/** @typedef {(rows: Row[], E: number, ids: number[]) => Reading} Reads */
/** @typedef {(weights: Weights, options: Options) => Reads} Reader */
/** @typedef {"mean" | "comirec_sa" | "comirec_dr" | "mind" | "sasrec" | "gru4rec" | "sdm"} Retriever */
/** @typedef {Retriever | "popularity" | "own counts" | "din"} Kind */

/** @type {Record<Retriever, Reader>} */
const READERS = { mean, comirec_sa: comirecSA, comirec_dr: comirecDR, mind, sasrec, gru4rec, sdm };

/**
 * A reader that scores by the largest cosine of an interest and an item.
 * @param {Retriever} kind
 * @param {Weights} weights
 * @param {Options} options
 * @returns {(ids: number[]) => Answer}
 */
function byCosine(kind, weights, options) {
  const table = kind === "sdm" ? itemVectors(weights) : matrix(weights["embedding.weight"]);
  const items = table.map(unit);
  const read = READERS[kind](weights, options);
  const E = table[0].length;
  return remembered((ids) => {
    // an SDM has a past that begins somewhere; the others have nothing to begin with
    if (!ids.length && kind !== "sdm") {
      return { weights: [], scores: new Float64Array(table.length) };
    }
    const rows = ids.map((id) => table[id]);
    const { weights: shares, interests } = read(rows, E, ids);
    const asked = interests.map(unit);
    const scores = new Float64Array(items.length).fill(-Infinity);
    for (const interest of asked) {
      items.forEach((item, i) => {
        scores[i] = Math.max(scores[i], dot(interest, item));
      });
    }
    return { weights: shares, scores };
  });
}

/**
 * @param {{ kind: Kind, weights: Weights, options: Options }} one
 * @param {Encoded} shares of all clicks [N + 1]
 * @returns {(ids: number[], asked: number) => Answer} of some clicks; a DIN's weights are
 *   those for the item that is asked for, or for its best
 */
export function newReader({ kind, weights, options }, shares) {
  const known = Float64Array.from(array(shares).data);
  if (kind === "popularity") return popularity(known);
  if (kind === "own counts") return ownCounts(known);
  if (kind === "din") return din(weights);
  return byCosine(kind, weights, options);
}
