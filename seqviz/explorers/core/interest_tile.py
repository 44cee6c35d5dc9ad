"""A click as a tile in a still figure, with a bar for each interest."""

from textwrap import wrap

import numpy as np

from seqviz.explorers.core.svg import color, cut, drawing, own, rect, sign, text

_WIDTH, _FACE = 96, 56


def tile(title: str, category: str, weights: np.ndarray, full: float) -> str:
    """Return one click, its name and its weights ``[K]`` as bars; ``full`` fills one.

    A click without weight has been taken away.
    """
    kept = bool(weights.any())
    winner = int(weights.argmax())
    edge = {"stroke": own(winner)}
    if not kept:
        edge = {"stroke": color("line"), "stroke_dasharray": "4 3"}
    shapes = [
        rect(0.5, 0.5, _WIDTH - 1, _FACE, rx=6, fill="none", **edge),
        text(7, 17, cut(category, 11), "ink-soft", size=12),
    ]
    if kept:
        shapes.append(sign(winner, _WIDTH - 13, 13, 6))
    first, *rest = wrap(title, 12) or [""]
    shapes.append(text(7, 33, first))
    if rest:
        shapes.append(text(7, 48, cut(" ".join(rest), 12)))
    for interest, weight in enumerate(weights):
        y = _FACE + 12 + 12 * interest
        shapes.append(sign(interest, 6, y, 4))
        if weight > 0:
            length = max(1.0, (_WIDTH - 16) * float(weight) / full)
            shapes.append(rect(14, y - 3, length, 6, fill=own(interest)))
    return drawing(_WIDTH, _FACE + 6 + 12 * len(weights), shapes)
