"""The still figure of the session-graph explorer: arrows beside a list of items."""

from collections.abc import Sequence
from html import escape

import numpy as np

from seqviz.explorers.core.svg import color, cut, drawing, path, rect, text
from seqviz.explorers.session_graph.reading import Edge, Reading

_WIDTH, _ROW, _SIDE, _LINE, _NAME = 320, 34, 56, 22, 170


def draw(
    session: Sequence[int],
    shelf: Sequence[int],
    titles: Sequence[str],
    reading: Reading,
    shown: int,
) -> str:
    """Return the graph and the best items, an SVG each, so that they wrap."""
    words = sentence(session, titles, reading)
    clicks = ", ".join(titles[item - 1] for item in session) or "no click yet"
    return (
        f'<div class="sv-drawn" role="img" aria-label="{escape(words)}">\n'
        f'<p class="sv-drawn-row"><b>Session</b> <span>{escape(clicks)}</span></p>\n'
        f'<p class="sv-drawn-row"><span>{escape(words)}</span></p>\n'
        f'<div class="sv-drawn-tiles">{_graph(session, shelf, titles, reading.edges)}\n'
        f"{_scores(reading.scores, titles, shown)}</div>\n</div>"
    )


def sentence(session: Sequence[int], titles: Sequence[str], reading: Reading) -> str:
    """Return how large the graph is, and what comes first."""
    clicks = f"{len(session)} click{'s' * (len(session) != 1)}"
    items = len(set(session))
    if not session:
        return "0 clicks: nothing to read."
    first = [titles[n] for n in best(reading.scores, 3)]
    return (
        f"{clicks}: {items} item{'s' * (items != 1)}, {len(reading.edges)} "
        f"edge{'s' * (len(reading.edges) != 1)}; first {', '.join(first)}."
    )


def best(scores: np.ndarray, count: int) -> list[int]:
    """Return the places of the largest scores; ties go to the lower place."""
    return np.argsort(-scores, kind="stable")[:count].tolist()


def _graph(
    session: Sequence[int],
    shelf: Sequence[int],
    titles: Sequence[str],
    edges: Sequence[Edge],
) -> str:
    place = {item: row for row, item in enumerate(shelf)}
    shapes = []
    for row, item in enumerate(shelf):
        y = row * _ROW
        clicked = item in session
        shapes.append(
            rect(
                _SIDE,
                y + 3,
                _WIDTH - 2 * _SIDE,
                _ROW - 6,
                rx=4,
                fill="none",
                stroke=color("ink" if clicked else "line"),
                stroke_width=2 if session and item == session[-1] else 1,
            )
        )
        name = cut(titles[item - 1], 26)
        ink = "ink" if clicked else "ink-soft"
        shapes.append(text(_SIDE + 8, y + _ROW / 2 + 4, name, ink, size=12))
    for edge in edges:
        shapes += _arrow(place[edge.source], place[edge.target], edge.outgoing)
    return drawing(_WIDTH, len(shelf) * _ROW, shapes, style="max-width:100%")


def _arrow(source: int, target: int, share: float) -> list[str]:
    """An arc at the right downwards, at the left upwards, with its head."""
    down = target >= source
    edge, out = (_WIDTH - _SIDE, 1) if down else (_SIDE, -1)
    reach = edge + out * min(_SIDE - 4, 14 + 9 * abs(target - source)) * 4 / 3
    middle = _ROW / 2
    start = source * _ROW + middle + (6 if down else -6)
    end = target * _ROW + middle - (6 if down else -6)
    ink = color("ink")
    return [
        path(
            f"M{edge} {start:.1f}C{reach:.1f} {start:.1f} {reach:.1f} {end:.1f} "
            f"{edge + out * 5} {end:.1f}",
            fill="none",
            stroke=ink,
            stroke_width=1 + 3 * share,
        ),
        path(
            f"M{edge} {end:.1f}l{out * 8} -4v8Z",
            fill=ink,
        ),
    ]


def _scores(scores: np.ndarray, titles: Sequence[str], shown: int) -> str:
    top = best(scores, shown)
    full = max([float(scores[n]) for n in top] + [1e-9])
    shapes = []
    for row, n in enumerate(top):
        y = row * _LINE
        shapes.append(text(0, y + 15, cut(f"{row + 1} {titles[n]}", 24), size=12))
        width = max(1.0, max(float(scores[n]), 0) / full * (_WIDTH - _NAME - 4))
        shapes.append(rect(_NAME, y + 5, width, 10, fill=color("ink")))
    return drawing(_WIDTH, shown * _LINE + 4, shapes, style="max-width:100%")
