"""The still figure of the activation explorer: the map, and a row of bars a behavior."""

from collections.abc import Mapping, Sequence
from html import escape
from textwrap import shorten, wrap

import numpy as np

from seqviz.explorers.scale import color_at
from seqviz.figures import tokens

#: Columns and rows of the still map.
GRID = (25, 20)
_WIDTH, _MAP, _HIGH, _LEFT, _NAME, _ROW = 700, 325, 260, 345, 140, 26
_STEPS = 24


def heights(count: int, mechanisms: int) -> tuple[int, int]:
    """Return the height of the live figure in a column of 330 and of 700 pixels."""
    rows = 38 * count + 98 + 50 * (mechanisms > 1) + 15 * (mechanisms > 3)
    return 731 + rows, 224 + max(424, rows)


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
        places: of ``items [M, 2]``, of the ``history [T, 2]``, of the ``candidate [2]``.
    """
    words = sentence(candidate, weights, titles)
    words += f" The map shows the weight of {shown} for {titles[behavior]}."
    shapes = _map(surface, places, frame, behavior, palette)
    column = (_WIDTH - _LEFT - _NAME) / len(weights)
    top = 34
    for place, title in enumerate(titles):
        y = top + place * _ROW
        label = f"{place + 1} {shorten(title, 18, placeholder='…')}"
        shapes.append(_text(_LEFT, y + 14, label, bold=place == behavior))
    for place, (name, row) in enumerate(weights.items()):
        x = _LEFT + _NAME + place * column
        head = wrap(name, max(8, int(column / 6.5)))[:2]
        shapes += [
            _text(x, 26 - 14 * (len(head) - 1 - n), line, size=12)
            for n, line in enumerate(head)
        ]
        low = min(0.0, float(row.min()), float(known[name].min()))
        high = max(0.0, float(row.max()), float(known[name].max()))
        long = (column - 12) / ((high - low) or 1.0)
        zero = x - low * long
        for t, weight in enumerate(row):
            y = top + t * _ROW
            start, length = zero + min(float(weight), 0) * long, abs(weight) * long
            paint = f'fill="{_color("ink")}"'
            if weight < 0:
                paint = f'fill="none" stroke="{_color("ink")}"'
            shapes.append(
                f'<rect x="{start:.1f}" y="{y + 5}" width="{length:.1f}" height="8" '
                f"{paint}/>"
            )
        bottom = top + len(row) * _ROW
        if low < 0:
            shapes.append(
                f'<path d="M{zero:.1f} {top}V{bottom}" stroke="{_color("line")}"/>'
            )
        shapes.append(_text(x, bottom + 12, f"{row.sum():.2f}"))
    bottom = top + len(titles) * _ROW
    shapes.append(_text(_LEFT, bottom + 12, "strength, their sum", "ink-soft"))
    shapes.append(_legend(surface, f"{shown} for {titles[behavior]}", palette))
    tall = max(_HIGH + 50, bottom + 24)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {tall}" '
        f'width="{_WIDTH}" height="{tall}" role="img" aria-label="{escape(words)}" '
        f'font-family="sans-serif" font-size="13">\n' + "\n".join(shapes) + "\n</svg>"
    )


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
        cells = "".join(f"M{x} {y}h1v1h-1z" for y, x in np.argwhere(steps == step))
        color = color_at(step / (_STEPS - 1), palette)
        shapes.append(
            f'<path transform="scale({wide:.3f} {tall:.3f})" fill="{color}" '
            f'stroke="{color}" stroke-width=".04" d="{cells}"/>'
        )

    def at(place: np.ndarray) -> tuple[float, float]:
        (left, right), (bottom, top) = frame
        return (
            float(place[0] - left) / (right - left) * _MAP,
            float(top - place[1]) / (top - bottom) * _HIGH,
        )

    page, ink = _color("page"), _color("ink")
    for place in places["items"]:
        x, y = at(place)
        shapes.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{page}" stroke="{ink}"/>'
        )
    for number, place in enumerate(places["history"]):
        x, y = at(place)
        fill, text = (ink, page) if number == behavior else (page, ink)
        shapes.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="9" fill="{fill}" stroke="{ink}"/>'
            f'<text x="{x:.1f}" y="{y + 4.5:.1f}" text-anchor="middle" fill="{text}">'
            f"{number + 1}</text>"
        )
    x, y = at(places["candidate"])
    shapes.append(
        f'<g fill="{page}" stroke="{_color("accent")}" stroke-width="1.5">'
        f'<rect x="{x - 10:.1f}" y="{y - 10:.1f}" width="20" height="20" rx="4"/>'
        f'<rect x="{x - 6:.1f}" y="{y - 6:.1f}" width="12" height="12" rx="2"/></g>'
    )
    return shapes


def _legend(surface: np.ndarray, what: str, palette: Sequence[str]) -> str:
    low, high = float(surface.min()), float(surface.max())
    y = _HIGH + 24
    ramp = "".join(
        f'<rect x="{50 + 4 * n}" y="{y - 10}" width="4" height="10" '
        f'fill="{color_at(n / (_STEPS - 1), palette)}"/>'
        for n in range(_STEPS)
    )
    return (
        _text(0, y, f"{low:.2g}", "ink-soft", 12)
        + ramp
        + _text(56 + 4 * _STEPS, y, f"{high:.2g}", "ink-soft", 12)
        + _text(0, y + 20, f"weight of {shorten(what, 44, placeholder='…')}", size=12)
    )


def _text(
    x: float, y: float, text: str, ink: str = "ink", size: int = 13, bold: bool = False
) -> str:
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.0f}" font-size="{size}"{weight} '
        f'fill="{_color(ink)}">{escape(text)}</text>'
    )


def _color(name: str) -> str:
    return f"var(--sv-{name},{tokens.LIGHT[name]})"
