"""The still figure of the learning explorer: two maps, three pairs of curves."""

from collections.abc import Callable, Sequence
from html import escape
from typing import NamedTuple

import numpy as np
import pandas as pd

from seqviz.explorers.core.arrays import project
from seqviz.explorers.core.svg import circle, color, drawing, path, sign, text
from seqviz.explorers.learning.shop import LearningShop
from seqviz.explorers.learning.training import Learned, unit_interests
from seqviz.figures.numbers import fixed

# Two maps, and three charts, stand side by side in a page's column.
_WIDTH, _HEIGHT, _RADIUS = 316, 260, 140
_CHART, _DROP = (208, 90), 30


class Side(NamedTuple):
    """One of the two trainings: its title and what it came to."""

    title: str
    learned: Learned


def draw(sides: Sequence[Side], shop: LearningShop, name: str, person: int) -> str:
    """Return the figure in HTML, an SVG for each part, so that they wrap.

    Args:
        sides: A and B.
        shop: what they learned.
        name: of the person.
        person: her place among those held out.
    """
    words = sentence(sides)
    maps = "\n".join(_map(side, shop, person) for side in sides)
    logs = [side.learned.log for side in sides]
    charts = "\n".join(
        _chart(title, [log[column] for log in logs])
        for title, column in (
            ("Loss", "loss"),
            ("Recall@20", "recall"),
            ("Cosine of interests", "cosine"),
        )
    )
    return (
        f'<div class="sv-drawn" role="img" aria-label="{escape(words)}">\n'
        f'<p class="sv-drawn-row"><span>{escape(words)} Large signs: the interests of '
        f"{escape(name)}, her clicks ringed.</span></p>\n"
        f'<div class="sv-drawn-tiles">{maps}</div>\n'
        f'<div class="sv-drawn-tiles">{charts}</div>\n</div>'
    )


def sentence(sides: Sequence[Side]) -> str:
    """Return what both have come to."""
    log = sides[0].learned.log
    said = "; ".join(f"{title}: {_numbers(one.log)}" for title, one in sides)
    return f"After {len(log) - 1} epochs {said}."


def _numbers(log: pd.DataFrame) -> str:
    last = log.iloc[-1]
    words = [f"Recall@20 {fixed(last['recall'], 2)}"]
    if not np.isnan(last["loss"]):
        words.insert(0, f"loss {fixed(last['loss'], 2)}")
    if not np.isnan(last["cosine"]):
        words.append(f"cosine of a person’s interests {fixed(last['cosine'], 2)}")
    return ", ".join(words)


def _map(side: Side, shop: LearningShop, person: int) -> str:
    model = side.learned.model
    table = model.embedding.weight.detach().numpy()[1:]
    items = table / np.linalg.norm(table, axis=1, keepdims=True)
    interests = unit_interests(model, shop)[person]  # [K, E]
    axes = project(items).axes
    served = (interests @ items.T).argmax(0)

    def at(vector: np.ndarray) -> tuple[float, float]:
        x, y = axes @ vector
        return _WIDTH / 2 + _RADIUS * float(x), _HEIGHT / 2 + 12 - _RADIUS * float(y)

    clicked = np.unique(shop.held_out[person][0][-shop.most :]) - 1
    shapes = [text(0, 14, side.title, bold=True)]
    shapes += [
        circle(*at(items[item]), 5.5, fill="none", stroke=color("ink"))
        for item in clicked
    ]
    shapes += [
        sign(int(k), *at(vector), 2.6) for k, vector in zip(served, items, strict=True)
    ]
    shapes += [sign(k, *at(vector), 9) for k, vector in enumerate(interests)]
    return drawing(_WIDTH, _HEIGHT, shapes, style="max-width:100%")


def _chart(title: str, columns: Sequence[pd.Series]) -> str:
    (width, height), values = _CHART, np.stack([c.to_numpy() for c in columns])
    known = values[np.isfinite(values)]
    low, high = (known.min(), known.max()) if known.size else (0.0, 1.0)
    across = _scale(0, max(values.shape[1] - 1, 1), 0, width)
    up = _scale(low, high if high > low else low + 1, _DROP + height, _DROP)
    shapes = [text(0, 14, title, bold=True)]
    for row, dashes in zip(values, (None, "5 3"), strict=True):
        points = [(across(x), up(y)) for x, y in enumerate(row) if np.isfinite(y)]
        if len(points) > 1:
            way = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
            shapes.append(
                path(
                    f"M{way}",
                    fill="none",
                    stroke=color("ink"),
                    stroke_width=2,
                    stroke_dasharray=dashes,
                )
            )
    if known.size:
        ends = f"{fixed(low, 2)} to {fixed(high, 2)}"
        shapes.append(text(0, _DROP + height + 18, f"A solid, B dashed: {ends}"))
    return drawing(width, _DROP + height + 24, shapes, style="max-width:100%")


def _scale(low: float, high: float, start: float, stop: float) -> Callable:
    return lambda x: start + (x - low) / (high - low) * (stop - start)
