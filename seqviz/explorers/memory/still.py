"""The still figure of the memory explorer: means of the bands, slopes, the probe."""

from collections.abc import Collection, Sequence
from html import escape

import numpy as np

from seqviz.explorers.core.svg import color, cut, drawing, rect, text
from seqviz.explorers.memory.steps import GATES, Trace

_WIDTH, _NAME, _ROW = 640, 78, 34


def draw(
    trace: Trace,
    titles: Sequence[str],
    labels: Sequence[str],
    there: Collection[int],
    name: str,
) -> str:
    """Return two SVGs: what happens over time, and what the probe reads.

    Args:
        titles: of the T behaviors.
        there: the places of the labels that occur in the history.
        name: of the layer.
    """
    words = sentence(trace, titles, labels, there, name)
    return (
        f'<div class="sv-drawn" role="img" aria-label="{escape(words)}">\n'
        f'<p class="sv-drawn-row">{escape(words)}</p>\n'
        f'<div class="sv-drawn-tiles">{_time(trace, titles)}\n'
        f"{_probe(trace, labels, there)}</div>\n</div>"
    )


def sentence(
    trace: Trace,
    titles: Sequence[str],
    labels: Sequence[str],
    there: Collection[int],
    name: str,
) -> str:
    """Return how much of the first behavior is left, and what the probe misses."""
    share = trace.slopes[0] / trace.slopes[-1]
    missed = [labels[c] for c in sorted(there) if trace.known[c] < 0.5]
    found = f"misses {', '.join(missed)}" if missed else "finds all that was clicked"
    return (
        f"{name}: the last state depends on {titles[0]}, the first of "
        f"{len(titles)} behaviors, {share:.2g} times as much as on the last; the "
        f"probe {found}."
    )


def _time(trace: Trace, titles: Sequence[str]) -> str:
    """Bars of the mean of each band, a row a band, and of the slopes."""
    step = (_WIDTH - _NAME) / len(titles)
    shapes = [
        text(_NAME + t * step, 14, cut(title, max(3, int(step / 7))), size=12)
        for t, title in enumerate(titles)
    ]
    rows = {
        band: (values if band in GATES else np.abs(values)).mean(1)
        for band, values in trace.bands.items()
    }
    decades = 1 + np.log10(trace.slopes / trace.slopes.max()) / 4
    rows["slope (log)"] = decades.clip(min=0)
    for number, (band, means) in enumerate(rows.items()):
        foot = 24 + (number + 1) * _ROW
        shapes.append(text(0, foot - 2, band, "ink-soft", size=12))
        full = 1.0 if band in GATES or band == "slope (log)" else max(means.max(), 1e-9)
        for t, mean in enumerate(means):
            tall = (_ROW - 6) * float(mean) / full
            if tall > 0:
                x = _NAME + t * step
                shapes.append(rect(x, foot - tall, step - 6, tall, fill=color("ink")))
    return _svg(_WIDTH, 24 + len(rows) * _ROW + 6, shapes)


def _probe(trace: Trace, labels: Sequence[str], there: Collection[int]) -> str:
    shapes = []
    for c, label in enumerate(labels):
        y = 20 * c
        shapes.append(text(0, y + 14, cut(label, 20), bold=c in there))
        length = max(1.0, 150 * float(trace.known[c]))
        shapes.append(rect(150, y + 4, length, 11, fill=color("ink")))
    return _svg(310, 20 * len(labels) + 4, shapes)


def _svg(width: int, height: int, shapes: Sequence[str]) -> str:
    return drawing(width, height, shapes, style="max-width:100%")
