"""The still figure of the interest explorer: for print and where scripts are off."""

from collections.abc import Sequence
from html import escape

import numpy as np

from seqviz.explorers.core.arrays import masked_softmax
from seqviz.explorers.core.interest_tile import tile
from seqviz.explorers.core.reading import retrieve
from seqviz.explorers.core.svg import drawing, sign


def draw(
    ids: np.ndarray,
    logits: np.ndarray,
    item_vectors: np.ndarray,
    titles: Sequence[str],
    categories: Sequence[str],
    removed: set[int],
    num_retrieved: int,
    exclude_history: bool,
    user: str,
) -> str:
    """Return one user's tiles with their weights, an SVG each, and what is retrieved.

    The tiles wrap: the picture fits a phone and a sheet of paper.

    Args:
        ids: ``[T]`` item ids, 0 for padding.
        logits: ``[K, T]``.
        item_vectors: ``[N+1, E]``.
        removed: positions that are left out.
    """
    kept = (ids > 0) & ~np.isin(np.arange(len(ids)), list(removed))
    weights = masked_softmax(logits, kept)
    interests = weights @ item_vectors[ids].astype(np.float64)
    seen = {int(item) for item in ids[kept]} if exclude_history else set()
    found = retrieve(interests, item_vectors, num_retrieved, seen)
    full = float(weights.max(initial=0)) or 1.0
    tiles = []
    for position in np.flatnonzero(ids > 0):
        item = int(ids[position])
        tiles.append(tile(titles[item], categories[item], weights[:, position], full))
    rows = []
    for interest, items in enumerate(found):
        names = "\u00a0· ".join(titles[item] for item, _ in items) or "nothing"
        rows.append(
            f'<p class="sv-drawn-row">{drawing(16, 16, [sign(interest, 8, 8, 7)])}'
            f"<b>Interest {interest + 1}</b> "
            f"<span>retrieves {escape(names)}</span></p>"
        )
    clicks = "".join(tiles) or "No clicks yet."
    return (
        '<div class="sv-drawn" role="img" '
        f'aria-label="{escape(_words(user, ids, weights, found, titles))}">\n'
        f'<div class="sv-drawn-tiles">{clicks}</div>\n' + "\n".join(rows) + "\n</div>"
    )


def _words(
    user: str,
    ids: np.ndarray,
    weights: np.ndarray,
    found: list[list[tuple[int, float]]],
    titles: Sequence[str],
) -> str:
    """Return the figure in words: what each interest reads most and retrieves."""
    parts = []
    for interest, (row, items) in enumerate(zip(weights, found, strict=True)):
        if row.any():
            heavy = int(row.argmax())
            parts.append(
                f"Interest {interest + 1} reads {row[heavy]:.0%} on "
                f"{titles[ids[heavy]]} and retrieves "
                f"{', '.join(titles[item] for item, _ in items[:3])}."
            )
    return f"User {user}. " + (" ".join(parts) or "No clicks.")
