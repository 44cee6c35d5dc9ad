"""The still figure of the interest explorer: for print and where scripts are off."""

from collections.abc import Sequence
from html import escape
from textwrap import wrap

import numpy as np

from seqviz.explorers.reading import masked_softmax, retrieve
from seqviz.figures import tokens

DEFAULT_CAPTION = (
    "Each tile is a click, oldest first; the bars under it are the weights that the "
    "interests give it, and its sign is that of the largest. Leave out the click with "
    "the longest bar: where does that interest look next, and what does it retrieve?"
)

_TILE, _FACE = 96, 56
# The signs within -1..1, as in shared.js.
_PATHS = (
    "M0-.9A.9.9 0 1 1 0 .9A.9.9 0 1 1 0-.9Z",
    "M0-1L1 .8H-1Z",
    "M-.8-.8H.8V.8H-.8Z",
    "M0-1.05L1.05 0L0 1.05L-1.05 0Z",
)


def default_title(most: int) -> str:
    """Return a title that holds for every user and up to ``most`` interests."""
    return f"One history, {'one interest' if most == 1 else 'several interests'}"


def heights(clicks: int, num_interests: int, num_retrieved: int) -> tuple[int, int]:
    """Return the height of the live figure in a column of 330 and of 700 pixels."""
    tile = 68 + 12 * num_interests

    def tiles(columns: int) -> int:
        return -(-clicks // columns) * (tile + 12)

    rows = num_interests * (49 + 21 * -(-num_retrieved // 2)) + 75
    wide = 34 + 35 + 57 + 34 + tiles(7) + max(400, rows) + 98
    narrow = 26 + 35 + 117 + 53 + tiles(3) + 396 + rows + 16 * num_interests + 120
    return narrow, wide


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
        tiles.append(_svg(_TILE, _FACE + 6 + 12 * len(logits), shapes))
    rows = []
    for interest, items in enumerate(found):
        names = "\u00a0· ".join(titles[item] for item, _ in items) or "nothing"
        rows.append(
            f'<p class="sv-drawn-row">{_svg(16, 16, _sign(interest, 8, 8, 7))}'
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


def _tile(title: str, category: str, weights: np.ndarray, full: float) -> str:
    kept = bool(weights.any())
    winner = int(weights.argmax())
    edge = tokens.interest_name(winner) if kept else "line"
    dashes = "" if kept else ' stroke-dasharray="4 3"'
    shapes = [
        (
            f'<rect x=".5" y=".5" width="{_TILE - 1}" height="{_FACE}" rx="6" '
            f'fill="none" stroke="{_color(edge)}"{dashes}/>'
        ),
        _text(7, 17, _cut(category, 11), "ink-soft", 12),
    ]
    if kept:
        shapes.append(_sign(winner, _TILE - 13, 13, 6))
    first, *rest = wrap(title, 12) or [""]
    shapes.append(_text(7, 33, first))
    if rest:
        shapes.append(_text(7, 48, _cut(" ".join(rest), 12)))
    for interest, weight in enumerate(weights):
        y = _FACE + 12 + 12 * interest
        shapes.append(_sign(interest, 6, y, 4))
        if weight > 0:
            length = max(1.0, (_TILE - 16) * float(weight) / full)
            shapes.append(
                f'<rect x="14" y="{y - 3}" width="{length:.1f}" height="6" '
                f'fill="{_color(tokens.interest_name(interest))}"/>'
            )
    return "".join(shapes)


def _cut(text: str, length: int) -> str:
    """Return the text, with … at its end where it is longer than that."""
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"


def _svg(width: int, height: int, shapes: str) -> str:
    return (
        f'<svg width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'font-family="sans-serif" font-size="13">{shapes}</svg>'
    )


def _sign(interest: int, x: float, y: float, radius: float) -> str:
    color = _color(tokens.interest_name(interest))
    hollow = f'fill="none" stroke="{color}" stroke-width=".35"'
    paint = f'fill="{color}"' if interest < 4 else hollow
    return (
        f'<path d="{_PATHS[interest % 4]}" {paint} '
        f'transform="translate({x} {y}) scale({radius})"/>'
    )


def _text(x: float, y: float, text: str, ink: str = "ink", size: int = 13) -> str:
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" fill="{_color(ink)}">'
        f"{escape(text)}</text>"
    )


def _color(name: str) -> str:
    return f"var(--sv-{name},{tokens.LIGHT[name]})"
