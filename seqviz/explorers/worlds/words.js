// Numbers and verdicts, as words.py writes them.

import { fixed, withSign as signed } from "../core/words.js";

/** By mark: the sign of a verdict. */
export const signOf = (/** @type {number} */ mark) => ["▼", "–", "▲"][mark + 1];

/** By mark: its word. */
export const wordOf = (/** @type {number} */ mark) =>
  ["worse", "not told apart", "better"][mark + 1];

/** @param {number} x */
export const short = (x) => fixed(x, 3);

/** @param {number} x */
export const withSign = (x) => signed(x, 3);

/**
 * "+0.024 (0.010 to 0.038)".
 * @param {number} difference
 * @param {number} low
 * @param {number} high
 */
export const interval = (difference, low, high) =>
  `${withSign(difference)} (${short(low)} to ${short(high)})`;

/**
 * Who is better, or that nobody can tell.
 * @param {number} mark
 * @param {string} name
 * @param {string} against
 */
export const verdict = (mark, name, against) =>
  mark ? `${mark > 0 ? name : against} is better` : "not told apart";
