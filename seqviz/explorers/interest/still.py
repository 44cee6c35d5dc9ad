"""The still figure of the interest explorer: for print and where scripts are off."""

from collections.abc import Sequence
from html import escape
from textwrap import wrap

import numpy as np

from seqviz.explorers.core.arrays import masked_softmax
from seqviz.explorers.core.svg import color, cut, drawing, own, rect, sign, text
from seqviz.explorers.interest.reading import retrieve

_TILE, _FACE = 96, 56


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
        shapes = _tile(titles[item], categories[item], weights[:, position], full)
        tiles.append(drawing(_TILE, _FACE + 6 + 12 * len(logits), shapes))
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


def _tile(title: str, category: str, weights: np.ndarray, full: float) -> list[str]:
    """Return the shapes of one click: its name, its weights ``[K]`` as bars."""
    kept = bool(weights.any())
    winner = int(weights.argmax())
    edge = {"stroke": own(winner)}
    if not kept:
        edge = {"stroke": color("line"), "stroke_dasharray": "4 3"}
    shapes = [
        rect(0.5, 0.5, _TILE - 1, _FACE, rx=6, fill="none", **edge),
        text(7, 17, cut(category, 11), "ink-soft", size=12),
    ]
    if kept:
        shapes.append(sign(winner, _TILE - 13, 13, 6))
    first, *rest = wrap(title, 12) or [""]
    shapes.append(text(7, 33, first))
    if rest:
        shapes.append(text(7, 48, cut(" ".join(rest), 12)))
    for interest, weight in enumerate(weights):
        y = _FACE + 12 + 12 * interest
        shapes.append(sign(interest, 6, y, 4))
        if weight > 0:
            length = max(1.0, (_TILE - 16) * float(weight) / full)
            shapes.append(rect(14, y - 3, length, 6, fill=own(interest)))
    return shapes
