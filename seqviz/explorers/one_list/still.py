"""The still figure of the one-list explorer: the tiles and the list."""

from collections.abc import Sequence
from html import escape

import numpy as np

from seqviz.explorers.core.arrays import masked_softmax
from seqviz.explorers.core.interest_tile import tile
from seqviz.explorers.core.svg import drawing, sign


def draw(
    ids: np.ndarray,
    logits: np.ndarray,
    item_vectors: np.ndarray,
    titles: Sequence[str],
    categories: Sequence[str],
    removed: set[int],
    length: int,
) -> str:
    """Return the clicks with their weights and what is listed, of ``[K, T]`` logits."""
    kept = (ids > 0) & ~np.isin(np.arange(len(ids)), list(removed))
    weights = masked_softmax(logits, kept)
    full = float(weights.max(initial=0)) or 1.0
    tiles = (
        tile(titles[ids[t]], categories[ids[t]], weights[:, t], full)
        for t in np.flatnonzero(ids > 0)
    )
    listed = pick(ids, weights, item_vectors, length)
    names = ", ".join(titles[item] for item, _ in listed) or "nothing"
    rows = "".join(
        f'<p class="sv-drawn-row">{drawing(16, 16, [sign(k, 8, 8, 7)])}'
        f"<span>{escape(titles[item])}</span></p>"
        for item, k in listed
    )
    return (
        f'<div class="sv-drawn" role="img" aria-label="{escape(f"Listed: {names}.")}">'
        f'<div class="sv-drawn-tiles">{"".join(tiles) or "No clicks yet."}</div>'
        f"{rows}</div>"
    )


def pick(
    ids: np.ndarray, weights: np.ndarray, item_vectors: np.ndarray, length: int
) -> list[tuple[int, int]]:
    """Return the best items with the interest ``[K]`` that scores each highest.

    Items of the history and padding are left out; ties go to the lower id and the
    first interest; a zero interest lists nothing.
    """
    interests = weights @ item_vectors[ids].astype(np.float64)
    alive = np.flatnonzero(interests.any(axis=1))
    if not alive.size:
        return []
    scores = interests[alive] @ item_vectors.astype(np.float64).T
    top = scores.max(axis=0)
    top[[0, *ids]] = -np.inf
    order = np.argsort(-top, kind="stable")[:length]
    return [
        (int(item), int(alive[scores[:, item].argmax()]))
        for item in order
        if np.isfinite(top[item])
    ]
