"""An einsum equation as a still picture: its tensors as grids, one cell lit."""

from collections.abc import Sequence
from html import escape

import numpy as np

from seqviz.explorers.equation import Reading, loops, name_of, torch_call
from seqviz.figures import tokens

_CELL, _ROW = 36, 26
_ROW_STYLE = "display:flex;flex-wrap:wrap;gap:12px 24px;align-items:flex-start"
_NAME_STYLE = "font:13px/1.6 var(--sv-font-mono,monospace)"
_CODE_STYLE = (
    "margin:12px 0 0;padding:0;overflow-x:auto;border:0;background:none;color:inherit;"
    "font:13px/1.4 var(--sv-font-mono,monospace)"
)


def fill(operand: int, shape: Sequence[int]) -> np.ndarray:
    """Return the numbers of an operand that nobody gave: whole, from -2 to 5."""
    n = np.arange(int(np.prod(shape, dtype=int)))
    values = (n * n + 3 * n + 5 * operand + n // 7) % 8 - 2
    return values.reshape(tuple(shape)).astype(np.float64)


def draw(
    equation: str,
    reading: Reading,
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
    reading: Reading,
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
        f"{summed}. {place} is {_number(result[tuple(cell)])}, from {count} "
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
    grids = "".join(_grid(axes, array, first, hot, summed) for first in outer)
    return (
        f'<div><div style="{_NAME_STYLE}">{title}</div>'
        f'<div style="{_ROW_STYLE}">{grids}</div></div>'
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
        text = ", ".join(f"{a} = {i}" for a, i in zip(axes, first, strict=False))
        shapes.append(_text(0, 12, text, "ink-soft"))
        width = max(width, 8 * len(text))
    if rank:
        shapes.append(
            _axis(left + columns * _CELL / 2 - 4, head + 13, axes[-1], summed)
        )
    if rank > 1:
        shapes.append(_axis(0, head + 22 + rows * _ROW / 2, axes[-2], summed))
    for row in range(rows):
        for column in range(columns):
            at = (*first, row, column)[-rank:] if rank else ()
            spot = left + column * _CELL, head + 18 + row * _ROW
            shapes.append(_cell(*spot, _number(array[at]), at in hot))
    height = head + 18 + rows * _ROW + 1
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" style="display:block;flex:none" '
        f'font-family="sans-serif">{"".join(shapes)}</svg>'
    )


def _cell(x: float, y: float, text: str, hot: bool) -> str:
    paint = _color("accent") if hot else "none"
    ink = "on-accent" if hot else "ink"
    return (
        f'<rect x="{x + 0.5}" y="{y + 0.5}" width="{_CELL}" height="{_ROW}" '
        f'fill="{paint}" stroke="{_color("line")}"/>'
        f'<text x="{x + _CELL / 2}" y="{y + 18}" text-anchor="middle" font-size="13" '
        f'fill="{_color(ink)}">{escape(text)}</text>'
    )


def _axis(x: float, y: float, axis: str, summed: Sequence[str]) -> str:
    if axis in summed:
        return _text(x, y, f"Σ{axis}", "ink", bold=True)
    return _text(x, y, axis, "ink-soft")


def _text(x: float, y: float, text: str, ink: str, bold: bool = False) -> str:
    weight = ' font-weight="700"' if bold else ""
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="12" font-family="monospace"{weight} '
        f'fill="{_color(ink)}">{escape(text)}</text>'
    )


def _number(value: float) -> str:
    value = float(value)
    text = f"{value:.0f}" if value == int(value) else f"{value:.2g}"
    return text.replace("-", "−")


def _color(name: str) -> str:
    return f"var(--sv-{name},{tokens.LIGHT[name]})"
