"""An einsum equation as a still picture: its tensors as grids, one cell lit."""

from collections.abc import Sequence
from html import escape

import numpy as np

from seqviz.explorers.equation import Reading, loops, name_of, torch_call
from seqviz.figures import tokens

_WIDTH = 700
_CELL, _ROW = 36, 26
_GAP, _LINE = 14, 18
_MONO = "monospace"


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
    """Return an SVG of the operands and the result, the cells that meet filled.

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
    shapes, x, y, tall, wide = [], 0, 0, 0, 0
    for name, axes, array, hot in named:
        drawn, width, height = _tensor(name, axes, array, hot, reading.summed)
        if x and x + width > _WIDTH:
            x, y, tall = 0, y + tall + _GAP, 0
        shapes.append(f'<g transform="translate({x} {y})">{drawn}</g>')
        x, tall, wide = x + width + 2 * _GAP, max(tall, height), max(wide, x + width)
    y += tall + 4
    if code:
        lines = [*loops(reading).splitlines(), torch_call(equation, len(arrays))]
        for line in lines:
            y += _LINE
            indent = len(line) - len(line.lstrip())
            shapes.append(_text(indent * 8, y, line.strip(), mono=True))
        y, wide = y + 6, _WIDTH
    label = escape(in_words(equation, reading, arrays, result, cell), quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {y}" '
        f'width="{wide}" height="{y}" role="img" aria-label="{label}" '
        f'font-family="sans-serif" font-size="13">\n' + "\n".join(shapes) + "\n</svg>"
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
) -> tuple[str, int, int]:
    """Return one tensor as SVG with its width and height."""
    rank = array.ndim
    rows, columns = ((1, 1, *array.shape))[-2:]
    left = 26 if rank > 1 else 0
    head = 18 if rank > 2 else 0
    block_width = left + columns * _CELL
    block_height = head + 18 + rows * _ROW
    outer = list(np.ndindex(*array.shape[:-2])) if rank > 2 else [()]
    a_row = max(1, min(len(outer), (_WIDTH + _GAP) // (block_width + _GAP)))
    title = f"{name} [{', '.join(axes)}]" if axes else f"{name} []"
    shapes = [_text(0, 13, title, mono=True)]
    for number, first in enumerate(outer):
        x = (number % a_row) * (block_width + _GAP)
        y = 22 + (number // a_row) * (block_height + 8)
        if first:
            text = ", ".join(f"{a} = {i}" for a, i in zip(axes, first, strict=False))
            shapes.append(_text(x, y + 12, text, "ink-soft", 12, mono=True))
        y += head
        if rank:
            middle = x + left + columns * _CELL / 2 - 4
            shapes.append(_axis(middle, y + 13, axes[-1], summed))
        if rank > 1:
            shapes.append(_axis(x, y + 18 + rows * _ROW / 2 + 4, axes[-2], summed))
        for row in range(rows):
            for column in range(columns):
                at = (*first, row, column)[-rank:] if rank else ()
                spot = x + left + column * _CELL, y + 18 + row * _ROW
                shapes.append(_cell(*spot, _number(array[at]), at in hot))
    width = max(a_row * (block_width + _GAP) - _GAP, 8 * len(title)) + 1
    lines = -(-len(outer) // a_row)
    return "".join(shapes), width, 22 + lines * (block_height + 8)


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
        return _text(x, y, f"Σ{axis}", "ink", 12, mono=True, bold=True)
    return _text(x, y, axis, "ink-soft", 12, mono=True)


def _text(
    x: float,
    y: float,
    text: str,
    ink: str = "ink",
    size: int = 13,
    mono: bool = False,
    bold: bool = False,
) -> str:
    face = f' font-family="{_MONO}"' if mono else ""
    weight = ' font-weight="700"' if bold else ""
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size}"{face}{weight} '
        f'fill="{_color(ink)}">{escape(text)}</text>'
    )


def _number(value: float) -> str:
    value = float(value)
    text = f"{value:.0f}" if value == int(value) else f"{value:.2g}"
    return text.replace("-", "−")


def _color(name: str) -> str:
    return f"var(--sv-{name},{tokens.LIGHT[name]})"
