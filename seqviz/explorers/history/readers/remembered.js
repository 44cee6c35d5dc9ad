// Most touches of a figure ask a reader about a history that it has just read.

const KEPT = 32; // histories: with each click of the longest left out

/**
 * A function of a history that keeps its latest answers.
 * @template Found
 * @param {(ids: number[]) => Found} read
 * @returns {(ids: number[]) => Found}
 */
export function remembered(read) {
  /** @type {Map<string, Found>} the latest last */
  const known = new Map();
  return (ids) => {
    const key = String(ids);
    const found = known.get(key) ?? read(ids);
    known.delete(key);
    known.set(key, found);
    if (known.size > KEPT) known.delete(String(known.keys().next().value));
    return found;
  };
}
