"""The still figure of the sequence explorer: the batch in its frame, what was cut."""

from collections.abc import Sequence
from textwrap import shorten

from seqviz.explorers.core.svg import color, path, rect, text, wide_drawing

_WIDTH, _NAME, _GAP = 700, 56, 4
_CELL, _HEAD = 54, 22
_FACE = _CELL - 6
_STRIPE = 10  # between the lines of a hatch


def draw(
    batch: Sequence[Sequence[str | None]],
    lost: Sequence[Sequence[str]],
    users: Sequence[str],
    columns: int,
    oldest: bool,
    words: str,
) -> str:
    """Return the figure as HTML around an SVG.

    Args:
        batch: ``[B][T]`` names, None for padding.
        lost: what was cut of each row.
        users: B labels.
        columns: T, or the length of the longest history.
        oldest: whether the oldest clicks were cut, so that they stand on the left.
        words: the figure in a sentence.
    """
    length = len(batch[0])
    begin = columns - length if oldest else 0
    step = (_WIDTH - _NAME) / columns
    shapes = []
    for row, (cells, gone) in enumerate(zip(batch, lost, strict=True)):
        y = _HEAD + row * (_CELL + _GAP)
        shapes.append(text(0, y + 30, shorten(users[row], 8)))
        first = begin - len(gone) if oldest else length
        for place, label in [*enumerate(cells, begin), *enumerate(gone, first)]:
            kept = begin <= place < begin + length
            shapes.append(_cell(_NAME + place * step, y, step - _GAP, label, kept))
    tall = len(batch) * (_CELL + _GAP)
    x, wide = _NAME + begin * step - 3, length * step - _GAP + 6
    frame = {"rx": 6, "fill": "none", "stroke": color("ink"), "stroke_width": 2}
    shapes.append(rect(x, _HEAD - 3, wide, tall + 2, **frame))
    shapes.append(text(x + 3, 13, f"T = {length}", "ink-soft"))
    return wide_drawing(_WIDTH, _HEAD + tall + 6, shapes, words)


def _cell(x: float, y: float, width: float, label: str | None, kept: bool) -> str:
    """Return a tile: hatched without a label, dashed and paler where it was cut."""
    dashes = None if kept else "4 3"
    paint = {"fill": "none", "stroke": color("line"), "stroke_dasharray": dashes}
    shapes = [rect(x, y, width, _FACE, rx=5, **paint)]
    if label is None:
        for offset in range(_STRIPE, int(width + _FACE), _STRIPE):
            x1, y1 = x + min(offset, width), y + max(0, offset - width)
            x2, y2 = x + max(0, offset - _FACE), y + min(offset, _FACE)
            way = f"M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}"
            shapes.append(path(way, stroke=color("hatch")))
        return "".join(shapes)
    room = max(4, int(width / 7.5))
    first, *rest = label.split()
    for number, line in enumerate([first, " ".join(rest)] if rest else [label]):
        line = line if len(line) <= room else f"{line[: room - 1]}…"
        ink = "ink" if kept else "ink-soft"
        shapes.append(text(x + 4, y + 18 + 16 * number, line, ink, size=12))
    return "".join(shapes)
