"""The still figure of the block explorer: the flow into one place, and its list."""

from collections.abc import Sequence
from html import escape

import numpy as np

from seqviz.explorers.core.svg import circle, color, cut, drawing, path, rect, text

WIDTH, STEP, TOP, NODE = 320, 78, 16, 7
_ROW, _NAME = 24, 170


def draw(
    model: str,
    head: str,
    places: Sequence[str],
    asked: int,
    flow: np.ndarray,
    predicted: Sequence[tuple[str, float]],
    *,
    after: bool,
) -> str:
    """Return the shares of the history and the list, an SVG each, so that they wrap."""
    words = sentence(model, head, places, asked, flow, predicted, after=after)
    return (
        f'<div class="sv-drawn" role="img" aria-label="{escape(words)}">\n'
        f'<p class="sv-drawn-row"><span>{escape(words)}</span></p>\n'
        f'<div class="sv-drawn-tiles">{_levels(flow, asked)}\n'
        f"{_bars([(name, float(w)) for name, w in zip(places, flow[-1], strict=True)])}"
        f"\n{_bars(predicted)}</div>\n</div>"
    )


def sentence(
    model: str,
    head: str,
    places: Sequence[str],
    asked: int,
    flow: np.ndarray,
    predicted: Sequence[tuple[str, float]],
    *,
    after: bool,
) -> str:
    """Return who is asked, what it takes most of, and what comes first."""
    whose = "mean of the heads" if head == "mean" else f"head {head}"
    if not flow[-1].any():
        taken = "nothing reaches it"
    else:
        most = int(flow[-1].argmax())
        taken = f"most comes from {most + 1} {places[most]} ({flow[-1, most]:.0%})"
    first = ", ".join(f"{name} ({chance:.0%})" for name, chance in predicted[:3])
    told = f"{'Then comes' if after else 'It is told to be'} {first}."
    if not predicted[0][1]:
        told = "Nothing is predicted there."
    return f"{model}, {whose}, {asked + 1} {places[asked]}: {taken}. {told}"


def _levels(flow: np.ndarray, asked: int) -> str:
    """The nodes of every level, each as large as its share."""
    levels, count = flow.shape
    height = 2 * TOP + STEP * (levels - 1)
    shapes = []
    for level, row in enumerate(flow):
        y = TOP + STEP * level
        for place, share in enumerate(row):
            x = WIDTH * (place + 0.5) / count
            paint = {"fill": "none", "stroke": color("line")}
            shapes.append(circle(x, y, NODE, **paint))
            if share > 0:
                radius = max(1.0, NODE * float(share) ** 0.5)
                shapes.append(circle(x, y, radius, fill=color("ink")))
    x = WIDTH * (asked + 0.5) / count
    shapes.append(path(f"M{x:.1f} {TOP - 14}v5", stroke=color("ink")))
    return drawing(WIDTH, height, shapes, style="max-width:100%")


def _bars(rows: Sequence[tuple[str, float]]) -> str:
    full = max((share for _, share in rows), default=0) or 1.0
    shapes = []
    for number, (name, share) in enumerate(rows):
        y = number * _ROW
        shapes.append(text(0, y + 15, cut(f"{number + 1} {name}", 22)))
        width = (WIDTH - _NAME - 44) * share / full
        shapes.append(rect(_NAME, y + 5, max(1.0, width), 10, fill=color("ink")))
        shapes.append(text(WIDTH, y + 15, f"{share:.0%}", size=12, anchor="end"))
    return drawing(WIDTH, len(rows) * _ROW + 4, shapes, style="max-width:100%")
