// Numbers and counts in words.

/**
 * A number with a true minus sign.
 * @param {string} number
 */
export const signed = (number) => number.replace("-", "−");

/**
 * A number below one has its 0 before the point; what rounds to 0 has no sign.
 * @param {number} x
 * @param {number} places behind the point
 */
export function fixed(x, places) {
  const text = x.toFixed(places);
  return Number(text) === 0 ? text.replace("-", "") : signed(text);
}

/**
 * The same with its sign: "+0.024"; what rounds to 0 has none.
 * @param {number} x
 * @param {number} places behind the point
 */
export function withSign(x, places) {
  const text = fixed(x, places);
  return x > 0 && Number(text) !== 0 ? `+${text}` : text;
}

/**
 * Two significant digits, never an exponent.
 * @param {number} x
 */
export function digits(x) {
  if (x === 0) return "0";
  const size = Math.abs(x);
  if (size < 1e-4) return x < 0 ? "> −0.0001" : "< 0.0001";
  const places = Math.max(0, 1 - Math.floor(Math.log10(size)));
  return fixed(x, Math.min(places, 5));
}

/**
 * A share in whole percent.
 * @param {number} x
 */
export function percent(x) {
  return x > 0 && x < 0.005 ? "< 1%" : `${Math.round(100 * x)}%`;
}

/**
 * @param {number} count
 * @param {string} one
 * @param {string} many
 */
export function plural(count, one, many = `${one}s`) {
  return `${count} ${count === 1 ? one : many}`;
}

/**
 * "a, b and c".
 * @param {(string | number)[]} words
 */
export function listed(words) {
  return words.length < 2
    ? words.join("")
    : `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
}
