"""The still figure of the gates explorer: each coefficient as a bar with its name."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np

from seqviz.explorers.core.svg import color, cut, drawing, rect, text

_WIDTH, _ROW, _NAME = 300, 20, 130


def draw(
    chosen: Sequence[str],
    jobs: Sequence[Mapping[str, Any]],
    shown: Sequence[tuple[np.ndarray, float]],
    freeze: int,
) -> str:
    """Return an SVG for each model, so that they wrap."""
    said = [
        f"{job['name']} {chance:.2f}{' (frozen)' if number == freeze else ''}"
        for number, (job, (_, chance)) in enumerate(zip(jobs, shown, strict=True), 1)
    ]
    words = f"{', '.join(chosen)}: the chances are {', '.join(said)}."
    pictures = "\n".join(
        _bars(said[place], job, shown[place][0]) for place, job in enumerate(jobs)
    )
    return (
        f'<div class="sv-drawn" role="img" aria-label="{escape(words)}">\n'
        f'<p class="sv-drawn-row"><span>{escape(words)}</span></p>\n'
        f'<div class="sv-drawn-tiles">{pictures}</div>\n</div>'
    )


def _bars(head: str, job: Mapping[str, Any], values: np.ndarray) -> str:
    names = [
        f"{name} for {label}" if label else name
        for label in job["labels"] or [""]
        for name in job["names"]
    ]
    shapes = [text(0, 15, head, bold=True)]
    for row, (name, value) in enumerate(zip(names, values, strict=True), 1):
        y = row * _ROW + 4
        width = (_WIDTH - _NAME) * float(value) / job["full"]
        shapes += [
            text(0, y + 13, cut(name, 18), size=12),
            rect(_NAME, y + 4, max(width, 1), 9, fill=color("ink")),
        ]
    height = (len(names) + 1) * _ROW + 8
    return drawing(_WIDTH, height, shapes, style="max-width:100%")
