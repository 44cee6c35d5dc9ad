"""The still figure of the routing explorer: the coupling, and the plane beside it."""

from collections.abc import Sequence
from html import escape
from textwrap import shorten

import numpy as np

from seqviz.explorers.core.elements import element
from seqviz.explorers.core.svg import (
    circle,
    color,
    drawing,
    own,
    path,
    rect,
    sign,
    text,
)
from seqviz.explorers.routing.steps import Plane, Step

_WIDTH, _NAME, _ROW, _RIM = 320, 112, 24, 150


def draw(
    steps: Sequence[Step],
    iteration: int,
    votes: np.ndarray,
    active: np.ndarray,
    plane: Plane,
    titles: Sequence[str],
    behavior: int,
    form: str,
) -> str:
    """Return the bars of the coupling and the plane, an SVG each, so that they wrap.

    Args:
        steps: the first logits and every iteration.
        votes: ``[T, K, E]``.
        active: ``[K]``, bool.
    """
    step = steps[iteration]
    words = sentence(steps, iteration, active, titles)
    plane_svg = _plane(steps[: iteration + 1], votes, active, plane, behavior)
    return (
        f'<div class="sv-drawn" role="img" aria-label="{escape(f"{form}. {words}")}">\n'
        f'<p class="sv-drawn-row"><b>{escape(form)}</b> '
        f"<span>{escape(words)}</span></p>\n"
        f'<div class="sv-drawn-tiles">{_bars(step, active, titles, behavior)}\n'
        f"{plane_svg}</div>\n</div>"
    )


def sentence(
    steps: Sequence[Step], iteration: int, active: np.ndarray, titles: Sequence[str]
) -> str:
    """Return for each active interest ``[K]`` the behavior that it takes most of."""
    step = steps[iteration]
    head = (
        f"Iteration {iteration} of {len(steps) - 1}"
        if iteration
        else "Before the first iteration"
    )
    shares = step.coupling[:, active]
    if len(shares[0]) > 1 and np.ptp(shares) < 1e-9:
        return f"{head}: each behavior gives {shares[0, 0]:.0%} to each interest."
    parts = []
    for k in np.flatnonzero(active):
        heavy = int(step.coupling[:, k].argmax())
        part = (
            f"interest {k + 1} takes {step.coupling[heavy, k]:.0%} of {titles[heavy]}"
        )
        if iteration:
            length = float(np.linalg.norm(step.interests[k]))
            part += ", length ≈ 1" if length >= 0.995 else f", length {length:.2g}"
        parts.append(part)
    return f"{head}: {'; '.join(parts)}."


def _bars(step: Step, active: np.ndarray, titles: Sequence[str], behavior: int) -> str:
    count = len(active)
    column = (_WIDTH - _NAME) / count
    shapes = []
    for k in range(count):
        x = _NAME + k * column
        shapes.append(sign(k, x + 7, 10, 6))
        if not active[k]:
            shapes.append(text(x + 16, 14, "off", "ink-soft", size=12))
    rows = [*step.coupling, np.linalg.norm(step.interests, axis=-1)]
    for t, (title, row) in enumerate(zip([*titles, "length"], rows, strict=True)):
        y = 24 + t * _ROW + 6 * (t == len(titles))
        label = shorten(title, 15, placeholder="…") or f"{title[:14]}…"
        shapes.append(text(0, y + 13, label, bold=t == behavior))
        for k, weight in enumerate(row):
            if active[k] and weight > 0:
                length = max(1.0, (column - 6) * float(weight))
                shapes.append(rect(_NAME + k * column, y + 4, length, 10, fill=own(k)))
    return _svg(_WIDTH, 24 + (len(titles) + 1) * _ROW + 8, shapes)


def _plane(
    steps: Sequence[Step],
    votes: np.ndarray,
    active: np.ndarray,
    plane: Plane,
    behavior: int,
) -> str:
    size, middle = 2 * _RIM + 8, _RIM + 4
    cross = f"M{middle - 5} {middle}h10M{middle} {middle - 5}v10"
    shapes = [
        circle(middle, middle, _RIM, fill="none", stroke=color("line")),
        path(cross, stroke=color("ink-soft")),
    ]

    def at(vector: np.ndarray, rim: float = 1.0) -> tuple[float, float]:
        x, y = plane.axes.astype(np.float64) @ vector * (_RIM / rim)
        return middle + float(x), middle - float(y)

    ring = {"fill": "none", "stroke": color("accent"), "stroke_width": 1.5}
    coupling = steps[-1].coupling
    for t, row in enumerate(votes):
        shared = (row == row[:1]).all()
        for k in [int(coupling[t].argmax())] if shared else np.flatnonzero(active):
            x, y = at(row[k], plane.rim)
            shapes.append(sign(k, x, y, 1.5 + 5 * float(coupling[t, k]) ** 0.5))
            if t == behavior:
                shapes.append(circle(x, y, 9, **ring))
    for k in np.flatnonzero(active) if len(steps) > 1 else ():
        way = [at(step.interests[k]) for step in steps]
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in way)
        shapes.append(element("polyline", points=points, fill="none", stroke=own(k)))
        shapes.append(sign(k, *way[-1], 10))
    return _svg(size, size, shapes)


def _svg(width: int, height: int, shapes: Sequence[str]) -> str:
    return drawing(width, height, shapes, style="max-width:100%")
