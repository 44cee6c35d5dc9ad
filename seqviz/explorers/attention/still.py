"""The still figure of the attention explorer: a query's bars and the heat map."""

from collections.abc import Sequence
from hashlib import sha256
from textwrap import shorten

import numpy as np

from seqviz.explorers.core.elements import element
from seqviz.explorers.core.scale import tint
from seqviz.explorers.core.svg import color, drawing, path, rect, text

PADDING = "padding"

_WIDTH, _LABEL, _FACE, _GAP, _TILE = 700, 190, 44, 8, 110
_COLUMNS = (_WIDTH + _GAP) // (_TILE + _GAP)
_STEPS = 24  # of the legend


def named(titles: Sequence[str], real: np.ndarray) -> list[str]:
    """Return the titles with padding called padding; ``real`` is ``[T]``, bool."""
    return [
        title if kept else PADDING for title, kept in zip(titles, real, strict=True)
    ]


def draw(
    weights: np.ndarray,
    readable: np.ndarray,
    titles: Sequence[str],
    asking: Sequence[str],
    query: int,
    palette: Sequence[str],
) -> str:
    """Return an SVG: the tiles with the bars of one query, and the whole heat map.

    Args:
        weights: ``[Q, T]``.
        readable: ``[Q, T]``, bool.
        titles: T names.
        asking: Q names.
        query: the row whose bars are drawn.
        palette: colors from low to high.
    """
    words = sentence(asking[query], weights[query], titles)
    mark = f"sv-hatch-{sha256(words.encode() + weights.tobytes()).hexdigest()[:8]}"
    shapes = [_hatch(mark), text(0, 14, words)]
    full = float(weights[query].max(initial=0)) or 1.0
    top = 30
    for place, title in enumerate(titles):
        x = (place % _COLUMNS) * (_TILE + _GAP)
        y = top + (place // _COLUMNS) * (_FACE + 22)
        share = float(weights[query, place]) / full
        shapes.append(_tile(x, y, place, title, share))
    top += -(-len(titles) // _COLUMNS) * (_FACE + 22) + 22
    cell = min(26.0, (_WIDTH - _LABEL) / len(titles))
    for key in range(len(titles)):
        x = _LABEL + cell * (key + 0.5)
        shapes.append(
            text(x, top - 5, str(key + 1), "ink-soft", size=12, anchor="middle")
        )
    highest = float(weights.max(initial=0)) or 1.0
    for row, name in enumerate(asking):
        y = top + row * cell
        label = f"{row + 1} {shorten(name, 24, placeholder='…')}"
        shapes.append(text(0, y + cell / 2 + 4, label, bold=row == query))
        for key in range(len(titles)):
            fill = (
                f"url(#{mark})"
                if not readable[row, key]
                else tint(weights[row, key] / highest, palette)
            )
            if fill:
                shapes.append(
                    rect(_LABEL + key * cell, y, cell - 1, cell - 1, fill=fill)
                )
    y = top + len(asking) * cell + 20
    shapes.append(_legend(y, highest, palette, mark, bool((~readable).any())))
    return drawing(
        _WIDTH,
        round(y + 16),
        shapes,
        xmlns="http://www.w3.org/2000/svg",
        role="img",
        aria_label=words,
    )


def sentence(query: str, row: np.ndarray, titles: Sequence[str]) -> str:
    """Return what a query reads: the three largest of its weights ``[T]`` in words."""
    order = [int(key) for key in np.argsort(-row, kind="stable")[:3] if row[key] > 0]
    if not order:
        return f"Query {query}: nothing to read, every weight is 0."
    parts = [f"{row[key]:.0%} on {titles[key]}" for key in order]
    return f"Query {query}: {', '.join(parts)}."


def _hatch(mark: str) -> str:
    return element(
        "pattern",
        path("M0 0V6", stroke=color("hatch")),
        id=mark,
        width=6,
        height=6,
        patternUnits="userSpaceOnUse",
        patternTransform="rotate(45)",
    )


def _tile(x: float, y: float, place: int, title: str, share: float) -> str:
    frame = {"rx": 6, "fill": "none", "stroke": color("line")}
    return element(
        "g",
        rect(0.5, 0.5, _TILE - 1, _FACE - 1, **frame),
        text(7, 17, str(place + 1), "ink-soft"),
        text(7, 35, shorten(title, 14, placeholder="…")),
        rect(2, _FACE + 4, (_TILE - 4) * share, 6, fill=color("ink")),
        transform=f"translate({x} {y})",
    )


def _legend(
    y: float, highest: float, palette: Sequence[str], mark: str, masked: bool
) -> str:
    end = _LABEL + 5 * _STEPS
    shapes = [
        rect(_LABEL + 5 * n, y - 9, 5, 10, fill=tint((n + 1) / _STEPS, palette))
        for n in range(_STEPS)
    ]
    shapes.append(text(_LABEL - 70, y, "weight  0", "ink-soft", size=12))
    shapes.append(text(end + 6, y, f"{highest:.2g}", "ink-soft", size=12))
    if masked:
        shapes.append(rect(end + 60, y - 9, 16, 10, fill=f"url(#{mark})"))
        shapes.append(text(end + 82, y, "masked", "ink-soft", size=12))
    return "".join(shapes)
