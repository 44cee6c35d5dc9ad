"""The still figure of the gate explorer: the gate, and the best items under it."""

from collections.abc import Sequence
from html import escape

import numpy as np

from seqviz.explorers.core.svg import color, cut, drawing, rect, text
from seqviz.explorers.gate.mixing import Mixed

_WIDTH, _GATE, _ROW, _NAME = 320, 72, 24, 150


def draw(
    name: str,
    clicks: Sequence[str],
    fusion: str,
    mixed: Mixed,
    titles: Sequence[str],
    shown: int,
) -> str:
    """Return the gate and the scores, an SVG each, so that they wrap."""
    words = sentence(name, fusion, mixed, titles)
    return (
        f'<div class="sv-drawn" role="img" aria-label="{escape(words)}">\n'
        f'<p class="sv-drawn-row"><b>{escape(name)}</b> '
        f"<span>{escape(', '.join(clicks))}</span></p>\n"
        f'<p class="sv-drawn-row"><span>{escape(words)}</span></p>\n'
        f'<div class="sv-drawn-tiles">{_strip(mixed.gate)}\n'
        f"{_scores(mixed, titles, shown)}</div>\n</div>"
    )


def sentence(name: str, fusion: str, mixed: Mixed, titles: Sequence[str]) -> str:
    """Return how much of the session is taken, and what comes first."""
    first = [titles[i] for i in mixed.order[:3]]
    share = f"{mixed.gate.mean():.0%} of the session on average"
    return f"{name}, mixed by {fusion}: {share}; first {', '.join(first)}."


def _strip(gate: np.ndarray) -> str:
    step = _WIDTH / len(gate)
    shapes = [
        rect(
            0.5, 0.5, _WIDTH - 1, _GATE - 1, fill="none", stroke=color("line")
        )  # the frame
    ]
    for place, share in enumerate(gate):
        height = float(share) * _GATE
        shapes.append(
            rect(
                place * step + 1,
                _GATE - height,
                max(1.0, step - 2),
                height,
                fill=color("ink"),
            )
        )
    return drawing(_WIDTH, _GATE, shapes, style="max-width:100%")


def _scores(mixed: Mixed, titles: Sequence[str], shown: int) -> str:
    best = mixed.order[:shown]
    parts = np.stack([mixed.from_session, mixed.from_past], 1)[best]  # [n, 2]
    least, full = min(0.0, float(parts.min())), max(0.0, float(parts.max()))
    column = (_WIDTH - _NAME) / 2
    unit = (column - 8) / ((full - least) or 1)
    shapes = [
        text(_NAME + k * column, 14, head, "ink-soft", size=12)
        for k, head in enumerate(("session", "past"))
    ]
    for row, item in enumerate(best):
        y = 20 + row * _ROW
        shapes.append(text(0, y + 15, cut(f"{row + 1} {titles[item]}", 20)))
        for k, part in enumerate(parts[row]):
            left = _NAME + k * column + (min(float(part), 0) - least) * unit
            paint = {"fill": color("ink")}
            if part < 0:
                paint = {"fill": "none", "stroke": color("ink")}
            width = max(1.0, abs(float(part)) * unit)
            shapes.append(rect(left, y + 5, width, 10, **paint))
    height = 20 + len(best) * _ROW + 4
    return drawing(_WIDTH, height, shapes, style="max-width:100%")
