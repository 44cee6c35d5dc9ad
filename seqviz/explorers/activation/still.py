"""The still figure of the activation explorer: the map, a row of bars a behavior."""

from collections.abc import Iterator, Mapping, Sequence
from textwrap import shorten, wrap

import numpy as np

from seqviz.explorers.core.elements import element
from seqviz.explorers.core.scale import color_at
from seqviz.explorers.core.svg import apart, circle, color, drawing, path, rect, text

#: Columns and rows of the still map.
GRID = (25, 20)
_WIDTH, _MAP, _HIGH, _LEFT, _NAME, _ROW = 700, 325, 260, 345, 140, 26
_STEPS = 24


def draw(
    surface: np.ndarray,
    weights: Mapping[str, np.ndarray],
    known: Mapping[str, np.ndarray],
    titles: Sequence[str],
    candidate: str,
    places: Mapping[str, np.ndarray],
    frame: Sequence[Sequence[float]],
    behavior: int,
    shown: str,
    palette: Sequence[str],
) -> str:
    """Return the map and the bars as one SVG.

    Args:
        surface: ``[rows, columns]``, what the map shows.
        weights: name to the weights ``[T]`` of the present candidate.
        known: name to those of all items ``[M, T]``, for a scale that they share.
        places: of the ``items [M, 2]``, ``history [T, 2]`` and ``candidate [2]``.
    """
    words = sentence(candidate, weights, titles)
    words += f" The map shows the weight of {shown} for {titles[behavior]}."
    shapes = _map(surface, places, frame, behavior, palette)
    column = (_WIDTH - _LEFT - _NAME) / len(weights)
    top = 34
    for place, title in enumerate(titles):
        y = top + place * _ROW
        label = f"{place + 1} {shorten(title, 18, placeholder='…')}"
        shapes.append(text(_LEFT, y + 14, label, bold=place == behavior))
    for place, (name, row) in enumerate(weights.items()):
        x = _LEFT + _NAME + place * column
        head = wrap(name, max(8, int(column / 6.5)))[:2]
        shapes += [
            text(x, 26 - 14 * (len(head) - 1 - n), line, size=12)
            for n, line in enumerate(head)
        ]
        low = min(0.0, float(row.min()), float(known[name].min()))
        high = max(0.0, float(row.max()), float(known[name].max()))
        long = (column - 12) / ((high - low) or 1.0)
        zero = x - low * long
        for t, weight in enumerate(row):
            y = top + t * _ROW
            start, length = zero + min(float(weight), 0) * long, abs(weight) * long
            paint = {"fill": color("ink")}
            if weight < 0:
                paint = {"fill": "none", "stroke": color("ink")}
            shapes.append(rect(start, y + 5, length, 8, **paint))
        bottom = top + len(row) * _ROW
        if low < 0:
            shapes.append(path(f"M{zero:.1f} {top}V{bottom}", stroke=color("line")))
        shapes.append(text(x, bottom + 12, f"{row.sum():.2f}"))
    bottom = top + len(titles) * _ROW
    shapes.append(text(_LEFT, bottom + 12, "strength, their sum", "ink-soft"))
    shapes.append(_legend(surface, f"{shown} for {titles[behavior]}", palette))
    tall = max(_HIGH + 50, bottom + 24)
    return drawing(_WIDTH, tall, shapes, role="img", aria_label=words)


def sentence(
    candidate: str, weights: Mapping[str, np.ndarray], titles: Sequence[str]
) -> str:
    """Return the two heaviest behaviors of each mechanism (by size), and the sum."""
    parts = []
    for name, row in weights.items():
        order = np.argsort(-abs(row), kind="stable")[:2]
        heavy = " and ".join(f"{row[t]:.2g} to {titles[t]}" for t in order)
        parts.append(f"{name} gives {heavy}, {row.sum():.2g} in all")
    return f"Candidate {candidate}: {'; '.join(parts)}."


def _map(
    surface: np.ndarray,
    places: Mapping[str, np.ndarray],
    frame: Sequence[Sequence[float]],
    behavior: int,
    palette: Sequence[str],
) -> list[str]:
    columns, rows = GRID
    wide, tall = _MAP / columns, _HIGH / rows
    low, high = float(surface.min()), float(surface.max())
    steps = np.round((surface - low) / ((high - low) or 1.0) * (_STEPS - 1)).astype(int)
    shapes = []
    for step in np.unique(steps):  # one path a color
        cells = "".join(
            f"M{x} {y}h{end - x}v1h{x - end}z" for y, x, end in _runs(steps == step)
        )
        shade = color_at(step / (_STEPS - 1), palette)
        size = f"scale({wide:.3f} {tall:.3f})"
        paint = {"fill": shade, "stroke": shade, "stroke_width": ".04"}
        shapes.append(path(cells, transform=size, **paint))

    def at(place: np.ndarray) -> tuple[float, float]:
        (left, right), (bottom, top) = frame
        return (
            float(place[0] - left) / (right - left) * _MAP,
            float(top - place[1]) / (top - bottom) * _HIGH,
        )

    page, ink = color("page"), color("ink")
    for place in places["items"]:
        shapes.append(circle(*at(place), 3, fill=page, stroke=ink))
    marks = apart(map(at, places["history"]), 19)
    for number, (x, y) in enumerate(marks):
        fill, words = (ink, "page") if number == behavior else (page, "ink")
        shapes.append(circle(x, y, 9, fill=fill, stroke=ink))
        shapes.append(text(x, y + 4.5, str(number + 1), words, anchor="middle"))
    x, y = at(places["candidate"])
    tile = rect(x - 10, y - 10, 20, 20, rx=4), rect(x - 6, y - 6, 12, 12, rx=2)
    paint = {"fill": page, "stroke": color("accent"), "stroke_width": 1.5}
    shapes.append(element("g", *tile, **paint))
    return shapes


def _runs(cells: np.ndarray) -> Iterator[tuple[int, int, int]]:
    """Yield row, start and end of each unbroken run of True in ``[rows, columns]``."""
    for y, row in enumerate(cells):
        edges = np.flatnonzero(np.diff([False, *row, False])).tolist()
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            yield y, start, end


def _legend(surface: np.ndarray, what: str, palette: Sequence[str]) -> str:
    low, high = float(surface.min()), float(surface.max())
    y = _HIGH + 24
    ramp = "".join(
        rect(50 + 4 * n, y - 10, 4, 10, fill=color_at(n / (_STEPS - 1), palette))
        for n in range(_STEPS)
    )
    return (
        text(0, y, f"{low:.2g}", "ink-soft", size=12)
        + ramp
        + text(56 + 4 * _STEPS, y, f"{high:.2g}", "ink-soft", size=12)
        + text(0, y + 20, f"weight of {shorten(what, 44, placeholder='…')}", size=12)
    )
