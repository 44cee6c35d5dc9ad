"""The still figure of the block explorer: the flow into one place, and its list."""

from collections.abc import Sequence
from html import escape

import numpy as np

from seqviz.explorers.block.flow import flow
from seqviz.explorers.core.svg import circle, color, cut, drawing, path, rect, text

WIDTH, STEP, TOP, NODE = 320, 78, 22, 7
_WIDEST, _LEAST = 12, 0.002  # of a line along which everything flows; what is drawn
_ROW, _NAME = 24, 170


def draw(
    model: str,
    head: str,
    places: Sequence[str],
    asked: int,
    blocks: np.ndarray,
    predicted: Sequence[tuple[str, float]],
    *,
    after: bool,
) -> str:
    """Return the flow, the history's shares and the list, an SVG each: they wrap.

    Args:
        model, head: their names.
        places: the names of the places.
        asked: the place that is asked.
        blocks: the weights ``[L, P, P]`` of each block, a row for who reads.
        predicted: the names of the best items there, with their probabilities.
        after: whether what is predicted comes behind the place.
    """
    rows = flow(blocks, asked)
    words = sentence(model, head, places, asked, rows, predicted, after=after)
    return (
        f'<div class="sv-drawn" role="img" aria-label="{escape(words)}">\n'
        f'<p class="sv-drawn-row"><span>{escape(words)}</span></p>\n'
        f'<div class="sv-drawn-tiles">{_levels(rows, blocks, asked)}\n'
        f"{_bars([(name, float(w)) for name, w in zip(places, rows[-1], strict=True)])}"
        f"\n{_bars(predicted)}</div>\n</div>"
    )


def sentence(
    model: str,
    head: str,
    places: Sequence[str],
    asked: int,
    rows: np.ndarray,
    predicted: Sequence[tuple[str, float]],
    *,
    after: bool,
) -> str:
    """Return who is asked, what it takes most of, and what comes first."""
    whose = "mean of the heads" if head == "mean" else f"head {head}"
    if not rows[-1].any():
        taken = "nothing reaches it"
    else:
        most = int(rows[-1].argmax())
        taken = f"most comes from {most + 1} {places[most]} ({rows[-1, most]:.0%})"
    first = ", ".join(f"{name} ({chance:.0%})" for name, chance in predicted[:3])
    told = f"{'Then comes' if after else 'It is told to be'} {first}."
    if not predicted[0][1]:
        told = "Nothing is predicted there."
    return f"{model}, {whose}, {asked + 1} {places[asked]}: {taken}. {told}"


def _levels(rows: np.ndarray, blocks: np.ndarray, asked: int) -> str:
    """The flow as on the page: lines as wide as it, nodes as large as their share."""
    count = rows.shape[1]
    bottom = TOP + STEP * len(blocks) + 20

    def across(place: int) -> float:
        return WIDTH * (place + 0.5) / count

    # The last block comes first: the place that is asked stands above.
    amounts = rows[:-1, :, None] * blocks[::-1]  # [L, P, P]
    shapes = [
        path(
            _way(across(reader), across(source), TOP + STEP * int(level)),
            fill="none",
            stroke=color("ink"),
            stroke_width=f"{max(0.5, _WIDEST * amounts[level, reader, source]):.2g}",
        )
        for level, reader, source in np.argwhere(amounts >= _LEAST)
    ]
    for level, row in enumerate(rows):
        for place, share in enumerate(row):
            full = share > _LEAST
            shapes.append(
                circle(
                    across(place),
                    TOP + STEP * level,
                    round(max(2.0, NODE * float(share) ** 0.5), 1) if full else 2,
                    fill=color("ink" if full else "page"),
                    stroke=color("ink"),
                )
            )
    shapes.append(text(across(asked), TOP - 12, f"{asked + 1}", anchor="middle"))
    shapes += [
        text(across(place), bottom, f"{place + 1}", anchor="middle")
        for place in range(count)
    ]
    return drawing(WIDTH, bottom + 4, shapes, style="max-width:100%")


def _way(reader: float, source: float, top: float) -> str:
    high, low = top + NODE, top + STEP - NODE
    middle = (high + low) / 2
    start, end = f"{reader:.1f} {high:g}", f"{source:.1f} {low:g}"
    return f"M{start}C{reader:.1f} {middle:g} {source:.1f} {middle:g} {end}"


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
