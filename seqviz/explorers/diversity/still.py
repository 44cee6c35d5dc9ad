"""The still figure of the diversity explorer: lists in letters, tiles, the curve."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Protocol

import numpy as np

from seqviz.explorers.core.svg import circle, color, cut, drawing, path, rect, text
from seqviz.figures import tokens
from seqviz.figures.numbers import fixed

_TILE, _FACE, _BELOW = 104, 56, 36
_PLOT, _HIGH = 320, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 306, 30, 150


class Chosen(Protocol):
    """What is drawn of a pick."""

    name: str
    category: str
    score: float
    gain: float


def draw(
    lists: Mapping[float, Sequence[Chosen]],
    weight: float,
    order: Sequence[str],
    interests: Sequence[int],
    points: Sequence[Sequence[float]] | None,
    label: str,
) -> str:
    """Return the figure as HTML.

    Args:
        lists: weight to list.
        weight: the one whose tiles are drawn.
        order: the categories, the first called A.
        interests: of each column, -1 for none.
        points: of the curve, weight, recall and diversity.
        label: whose curve it is.
    """
    letters = {category: letter(place) for place, category in enumerate(order)}
    rows = []
    for value, picks in lists.items():
        told = " ".join(letters[pick.category] for pick in picks)
        rows.append(
            f'<p class="sv-drawn-row"><b>λ = {value:.3g}</b> <span>{told}</span></p>'
        )
    met = dict.fromkeys(pick.category for picks in lists.values() for pick in picks)
    key = ", ".join(
        f"{letters[category]} {category}" for category in order if category in met
    )
    tiles = "".join(
        _tile(place, pick, letters[pick.category], int(interests[pick.column]))
        for place, pick in enumerate(lists[weight])
    )
    curve = _curve(points, weight, len(lists[weight]), label) if points else ""
    return (
        f'<div class="sv-drawn" role="img" '
        f'aria-label="{escape(words(lists, weight, letters))}">\n'
        + "\n".join(rows)
        + "\n"
        f'<p class="sv-drawn-row"><span>{escape(key)}</span></p>\n'
        f'<p class="sv-drawn-row"><b>The list at λ = {weight:.3g}</b></p>\n'
        f'<div class="sv-drawn-tiles">{tiles}</div>\n{curve}</div>'
    )


def words(
    lists: Mapping[float, Sequence[Chosen]], weight: float, letters: Mapping[str, str]
) -> str:
    """Return the state in words: the lists as letters, then the picks."""
    told = "; ".join(
        f"λ = {value:.3g}: " + " ".join(letters[pick.category] for pick in picks)
        for value, picks in lists.items()
    )
    named = ", ".join(
        f"{pick.name} (score {fixed(pick.score, 2)}, gain {fixed(pick.gain, 2)})"
        for pick in lists[weight]
    )
    return f"One letter per category. {told}. At λ = {weight:.3g}: {named}."


def letter(place: int) -> str:
    """Return A, B, ..., Z, AA, AB, ..."""
    first = "" if place < 26 else letter(place // 26 - 1)
    return first + chr(ord("A") + place % 26)


def _tile(place: int, pick: Chosen, tag: str, interest: int) -> str:
    frame = {"rx": 6, "fill": "none", "stroke": color("line")}
    shapes = [
        rect(0.5, 0.5, _TILE - 1, _FACE - 1, **frame),
        text(7, 18, cut(f"{tag} {pick.category}", 13), "ink-soft", size=12),
        text(7, 40, cut(f"{place + 1} {pick.name}", 14)),
    ]
    if interest >= 0:
        mark, ink = tokens.interest_sign(interest), tokens.interest_name(interest)
        shapes.append(text(_TILE - 7, 18, mark, ink, anchor="end"))
    for y, name, value in ((15, "score", pick.score), (31, "gain", pick.gain)):
        shapes.append(text(4, _FACE + y, name, "ink-soft"))
        shapes.append(text(_TILE - 4, _FACE + y, fixed(value, 2), anchor="end"))
    return drawing(_TILE, _FACE + _BELOW, shapes)


def _curve(points: Sequence[Sequence[float]], weight: float, n: int, label: str) -> str:
    """Return recall over diversity, and the point of the weight on it."""
    table = 100 * np.array(points)
    weights, recall, diversity = table[:, 0] / 100, table[:, 1], table[:, 2]
    spans = [
        (values.min(), (values.max() - values.min()) or 1.0)
        for values in (diversity, recall)
    ]

    def at(x: float, y: float) -> tuple[float, float]:
        (left, wide), (low, tall) = spans
        return (
            _LEFT + 12 + (x - left) / wide * (_RIGHT - _LEFT - 24),
            _BOTTOM - 10 - (y - low) / tall * (_BOTTOM - _TOP - 20),
        )

    line = "L".join(
        "{:.1f} {:.1f}".format(*at(*pair))
        for pair in zip(diversity, recall, strict=True)
    )
    here = (np.interp(weight, weights, values) for values in (diversity, recall))
    x, y = at(*here)
    (left, right), (low, high) = (
        (values.min(), values.max()) for values in (diversity, recall)
    )
    shapes = [
        path(f"M{_LEFT} {_TOP}V{_BOTTOM}H{_RIGHT}", fill="none", stroke=color("line")),
        path(f"M{line}", fill="none", stroke=color("ink"), stroke_width=1.5),
        circle(x, y, 5, fill=color("accent")),
        text(4, 14, f"{label}: Recall@{n}, %"),
        text(_RIGHT, _HIGH - 6, f"Diversity@{n}, %", anchor="end"),
    ]
    soft = {"ink": "ink-soft"}
    for value in (left, right):
        place = at(value, low)[0], _BOTTOM + 16
        shapes.append(text(*place, f"{value:.0f}", anchor="middle", **soft))
    for value in (low, high):
        place = _LEFT - 6, at(left, value)[1] + 4
        shapes.append(text(*place, f"{value:.1f}", anchor="end", **soft))
    return drawing(_PLOT, _HIGH, shapes, font_size=12)
