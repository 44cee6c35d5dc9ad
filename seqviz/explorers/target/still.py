"""The still figure of the target explorer: a history with the bars of a candidate."""

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

from seqviz.explorers.core.svg import color, cut, drawing, rect, text

_TILE, _FACE = 104, 40


def draw(
    mechanisms: Mapping[str, np.ndarray],
    titles: Sequence[str],
    real: np.ndarray,
    asking: str,
    candidate: int,
) -> str:
    """Return the history once a mechanism, as HTML; its tiles wrap.

    Args:
        mechanisms: name to weights ``[M, T]``.
        titles: T names.
        real: ``[T]``, bool.
        asking: the name of the candidate.
        candidate: its row.
    """
    words, parts = [f"Candidate {asking}."], []
    for name, weights in mechanisms.items():
        row = weights[candidate]
        reads = sentence(row, titles, real)
        words.append(f"{name} {reads}.")
        full = float(weights.max(initial=0)) or 1.0
        tiles = "".join(
            _tile(titles[place], float(row[place]), full)
            for place in np.flatnonzero(real)
        )
        parts.append(
            f'<p class="sv-drawn-row"><b>{escape(name)}</b> '
            f"<span>{escape(reads)}</span></p>\n"
            f'<div class="sv-drawn-tiles">{tiles or "No behaviors yet."}</div>'
        )
    return (
        f'<div class="sv-drawn" role="img" aria-label="{escape(" ".join(words))}">'
        f'\n<p class="sv-drawn-row"><b>Candidate</b> '
        f"<span>{escape(asking)}</span></p>\n" + "\n".join(parts) + "\n</div>"
    )


def sentence(row: np.ndarray, titles: Sequence[str], real: np.ndarray) -> str:
    """Return what a mechanism reads: the three largest of its weights ``[T]``."""
    if real.sum() > 1 and np.ptp(row[real]) < 1e-6:
        return f"reads all {real.sum()} alike"
    order = [
        int(place) for place in np.argsort(-row, kind="stable")[:3] if row[place] > 0
    ]
    if not order:
        return "has nothing to read: every weight is 0"
    return "reads " + ", ".join(
        f"{row[place]:.0%} on {titles[place]}" for place in order
    )


def _tile(title: str, weight: float, full: float) -> str:
    length = max(1.0, (_TILE - 4) * weight / full) if weight > 0 else 0.0
    frame = {"rx": 6, "fill": "none", "stroke": color("line")}
    shapes = [
        rect(0.5, 0.5, _TILE - 1, _FACE - 1, **frame),
        text(7, 24, cut(title, 14)),
        rect(2, _FACE + 4, length, 6, fill=color("ink")),
    ]
    return drawing(_TILE, _FACE + 14, shapes)
