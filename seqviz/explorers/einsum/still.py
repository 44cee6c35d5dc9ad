"""An einsum equation as a still picture: its tensors as grids, one cell lit."""

from collections.abc import Sequence
from html import escape

import numpy as np

from seqviz.explorers.core.elements import element
from seqviz.explorers.core.svg import color, drawing, rect, text
from seqviz.explorers.einsum.equation import Equation, loops, name_of, torch_call
from seqviz.figures.numbers import unsigned_zero

_CELL, _ROW = 36, 26
_ROW_STYLE = "display:flex;flex-wrap:wrap;gap:12px 24px;align-items:flex-start"
_NAME_STYLE = "font:13px/1.6 var(--sv-font-mono,monospace)"
_CODE_STYLE = (
    "margin:12px 0 0;padding:0;overflow-x:auto;border:0;background:none;color:inherit;"
    "font:13px/1.4 var(--sv-font-mono,monospace)"
)


def fill(operand: int, shape: Sequence[int]) -> np.ndarray:
    """Return numbers of this shape for an operand that nobody gave: -2 to 5."""
    n = np.arange(int(np.prod(shape, dtype=int)))
    values = (n * n + 3 * n + 5 * operand + n // 7) % 8 - 2
    return values.reshape(tuple(shape)).astype(np.float64)


def draw(
    equation: str,
    reading: Equation,
    arrays: Sequence[np.ndarray],
    cell: Sequence[int],
    code: bool = True,
) -> str:
    """Return HTML of the operands and the result, the cells that meet filled.

    The tensors wrap in a narrow column; each grid is an SVG of its own.

    Args:
        equation: as it was written.
        reading: the same, read.
        arrays: the operands.
        cell: the cell of the result that is explained.
        code: whether the loops and the call stand below.
    """
    result = reading.compute(arrays)
    terms = reading.meetings(cell)
    named = [
        (name_of(n), reading.operands[n], array, {places[n] for places in terms})
        for n, array in enumerate(arrays)
    ]
    named.append(("out", reading.output, result, {tuple(cell)}))
    tensors = "\n".join(_tensor(*one, reading.summed) for one in named)
    label = escape(in_words(equation, reading, arrays, result, cell), quote=True)
    picture = (
        f'<div role="img" aria-label="{label}" style="{_ROW_STYLE}">\n{tensors}\n</div>'
    )
    if not code:
        return picture
    lines = f"{loops(reading)}\n\n# the same\n{torch_call(equation, len(arrays))}"
    return (
        f'{picture}\n<pre style="{_CODE_STYLE}" tabindex="0" role="region" '
        f'aria-label="The loops and the call">{escape(lines)}</pre>'
    )


def in_words(
    equation: str,
    reading: Equation,
    arrays: Sequence[np.ndarray],
    result: np.ndarray,
    cell: Sequence[int],
) -> str:
    """Return the picture in words: the shapes, the summed axes, one cell."""
    came = " and ".join(
        f"{name_of(n)} {list(array.shape)}" for n, array in enumerate(arrays)
    )
    summed = ", ".join(reading.summed) or "nothing"
    place = f"out{list(cell)}" if reading.output else "out"
    count = len(reading.meetings(cell))
    return (
        f"The equation {equation} takes {came} to out {list(reading.shape)}; summed: "
        f"{summed}. {place} is {number(result[tuple(cell)])}, from {count} "
        f"{'term' if count == 1 else 'terms'}."
    )


def _tensor(
    name: str,
    axes: Sequence[str],
    array: np.ndarray,
    hot: set[tuple[int, ...]],
    summed: Sequence[str],
) -> str:
    """Return one tensor: its name and axes, and a grid for each block."""
    title = escape(f"{name} [{', '.join(axes)}]")
    outer = list(np.ndindex(*array.shape[:-2])) if array.ndim > 2 else [()]
    grids = (_grid(axes, array, first, hot, summed) for first in outer)
    return element(
        "div",
        element("div", title, style=_NAME_STYLE),
        element("div", *grids, style=_ROW_STYLE),
    )


def _grid(
    axes: Sequence[str],
    array: np.ndarray,
    first: tuple[int, ...],
    hot: set[tuple[int, ...]],
    summed: Sequence[str],
) -> str:
    """Return the last two axes of a tensor as an SVG."""
    rank = array.ndim
    rows, columns = ((1, 1, *array.shape))[-2:]
    left, head = (26 if rank > 1 else 0), (18 if first else 0)
    shapes = []
    width = left + columns * _CELL + 1
    if first:
        words = ", ".join(f"{a} = {i}" for a, i in zip(axes, first, strict=False))
        shapes.append(_axis(0, 12, words, ()))
        width = max(width, 8 * len(words))
    if rank:
        x = left + columns * _CELL / 2 - 4
        shapes.append(_axis(x, head + 13, axes[-1], summed))
    if rank > 1:
        shapes.append(_axis(0, head + 22 + rows * _ROW / 2, axes[-2], summed))
    for row in range(rows):
        for column in range(columns):
            at = (*first, row, column)[-rank:] if rank else ()
            spot = left + column * _CELL, head + 18 + row * _ROW
            shapes.append(_cell(*spot, number(array[at]), at in hot))
    height = head + 18 + rows * _ROW + 1
    return drawing(width, height, shapes, style="display:block;flex:none")


def _cell(x: float, y: float, words: str, hot: bool) -> str:
    fill, ink = (color("accent"), "on-accent") if hot else ("none", "ink")
    frame = rect(x + 0.5, y + 0.5, _CELL, _ROW, fill=fill, stroke=color("line"))
    return frame + text(x + _CELL / 2, y + 18, words, ink, anchor="middle")


def _axis(x: float, y: float, axis: str, summed: Sequence[str]) -> str:
    face = {"size": 12, "code": True}
    if axis in summed:
        return text(x, y, f"Σ{axis}", bold=True, **face)
    return text(x, y, axis, "ink-soft", **face)


def number(value: float) -> str:
    """Return a cell in words: whole, or two significant digits."""
    value = float(value)
    digits = f"{value:.0f}" if value == int(value) else f"{value:.2g}"
    return unsigned_zero(digits)
