// The interests of a model beside the true ones.

/**
 * One true interest for each interest, -1 for none, so that most clicks agree; and how
 * many do.
 * @param {number[][]} counts [K][labels], clicks
 * @param {number} k the interest to begin with
 * @param {number} used labels, a bit each
 * @param {Map<string, { labels: number[], clicks: number }>} memo
 * @returns {{ labels: number[], clicks: number }}
 */
export function match(counts, k = 0, used = 0, memo = new Map()) {
  if (k === counts.length) return { labels: [], clicks: 0 };
  const key = `${k} ${used}`;
  const known = memo.get(key);
  if (known) return known;
  const rest = match(counts, k + 1, used, memo);
  let top = { labels: [-1, ...rest.labels], clicks: rest.clicks };
  counts[k].forEach((clicks, label) => {
    if (!clicks || (used >> label) & 1) return;
    const others = match(counts, k + 1, used | (1 << label), memo);
    if (clicks + others.clicks > top.clicks) {
      top = { labels: [label, ...others.labels], clicks: clicks + others.clicks };
    }
  });
  memo.set(key, top);
  return top;
}
