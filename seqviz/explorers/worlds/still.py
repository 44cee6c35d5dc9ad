"""The still figure of the worlds explorer: the map, and the picked world in lines."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from seqviz.explorers.core.svg import circle, color, cut, path, rect, text, wide_drawing
from seqviz.explorers.worlds.words import SIGNS, WORDS, short, signed

_WIDTH, _LEFT, _RIGHT, _TOP, _CELL, _ROW = 700, 150, 190, 68, 40, 30


class Map(NamedTuple):
    """The differences of one model in the worlds of two axes.

    Attributes:
        rows, columns: the names of the axes.
        row_texts, column_texts: their values.
        picked: row and column of the picked world.
        differences, marks: ``[rows, columns]``.
        full: the difference that fills half a cell.
        where: the other axes' values in a text.
    """

    rows: str
    columns: str
    row_texts: Sequence[str]
    column_texts: Sequence[str]
    picked: tuple[int, int]
    differences: np.ndarray
    marks: np.ndarray
    full: float
    where: str


class World(NamedTuple):
    """All models in one world.

    Attributes:
        names: the first is the one that the others are compared with.
        model: the place of the one that the map shows.
        values: ``[M, 4]``, mean, difference, low, high.
        marks: ``[M]``.
        reach: where the scale ends on both sides.
    """

    names: Sequence[str]
    model: int
    values: np.ndarray
    marks: np.ndarray
    reach: float


def draw(grid: Map, world: World, *, metric: str, words: str) -> str:
    """Return the figure as an SVG.

    Args:
        metric: what the means are of.
        words: the figure in a sentence.
    """
    name, against = cut(world.names[world.model], 24), cut(world.names[0], 24)
    title = f"{name} less {against}, {metric}"
    where = f", where {cut(grid.where, 36)}" if grid.where else ""
    key = (
        "▲ better, ▼ worse, – not told apart, after Holm. A bar to the edge of its "
        f"cell is a difference of {short(grid.full)}."
    )
    below = _TOP + _CELL * len(grid.row_texts) + 18
    middle = below + 36
    bottom = middle + 26 + _ROW * len(world.names)
    shapes = [
        text(0, 14, title + where, bold=True),
        *_map(grid),
        text(0, below, key, "ink-soft"),
        text(
            0,
            middle,
            f"All models in the picked world: difference to {against}, 95% interval",
            bold=True,
        ),
        *_lines(world, middle + 26),
    ]
    return wide_drawing(_WIDTH, bottom + 20, shapes, words)


def _map(grid: Map) -> list[str]:
    wide = min((_WIDTH - _LEFT) / len(grid.column_texts), 150)
    shapes = [
        text(_LEFT - 12, _TOP - 8, cut(grid.rows, 20), "ink-soft", anchor="end"),
        text(_LEFT, _TOP - 28, cut(grid.columns, 60), "ink-soft"),
    ]
    for column, label in enumerate(grid.column_texts):
        x = _LEFT + wide * (column + 0.5)
        shapes.append(text(x, _TOP - 8, cut(label, 12), anchor="middle"))
    for row, label in enumerate(grid.row_texts):
        y = _TOP + _CELL * row
        shapes.append(text(_LEFT - 12, y + 22, cut(label, 18), anchor="end"))
        for column in range(len(grid.column_texts)):
            difference = float(grid.differences[row, column])
            mark = int(grid.marks[row, column])
            shapes += _cell(
                (_LEFT + wide * column, y),
                wide,
                difference,
                mark,
                half=abs(difference) / (grid.full or 1),
                picked=grid.picked == (row, column),
            )
    return shapes


def _cell(
    corner: tuple[float, float],
    wide: float,
    difference: float,
    mark: int,
    half: float,
    picked: bool,
) -> list[str]:
    x, y = corner
    frame = rect(
        x + 2,
        y + 2,
        wide - 4,
        _CELL - 4,
        rx=4,
        fill=color("faint" if mark > 0 else "page"),
        stroke=color("accent" if picked else "line"),
        stroke_width=3 if picked else 1,
    )
    center, length = x + wide / 2, half * (wide / 2 - 8)
    bar = rect(
        center - (length if difference < 0 else 0),
        y + 28,
        length,
        5,
        fill=color("ink") if difference > 0 else "none",
        stroke=color("ink"),
    )
    label = f"{signed(difference)} {SIGNS[mark]}"
    ink = "ink" if mark else "ink-soft"
    return [frame, bar, text(center, y + 20, label, ink, anchor="middle")]


def _lines(world: World, top: float) -> list[str]:
    wide = _WIDTH - _LEFT - 50 - _RIGHT
    left = _LEFT + 50
    bottom = top + _ROW * len(world.names)

    def across(x: float) -> float:
        return left + wide * (x / (world.reach or 1) + 1) / 2

    shapes = [path(f"M{across(0):.1f} {top - 12}V{bottom - 8}", stroke=color("line"))]
    for n, name in enumerate(world.names):
        y, bold = top + _ROW * n, n == world.model
        mean, difference, low, high = map(float, world.values[n])
        mark = int(world.marks[n])
        shapes += [
            text(0, y + 5, cut(name, 24), bold=bold),
            text(left - 12, y + 5, short(mean), bold=bold, anchor="end"),
        ]
        if n == 0:
            shapes.append(circle(across(0), y, 5, fill=color("ink-soft")))
            says = "the middle line"
        else:
            shapes += [
                path(
                    f"M{across(low):.1f} {y}H{across(high):.1f}",
                    stroke=color("ink"),
                    stroke_width=4,
                ),
                circle(across(difference), y, 6, fill=color("ink")),
            ]
            says = f"{signed(difference)} {SIGNS[mark]} {WORDS[mark]}"
        shapes.append(text(left + wide + 14, y + 5, says, bold=bold))
    for x, anchor in ((-world.reach, "start"), (0.0, "middle"), (world.reach, "end")):
        label = signed(x) if x else "0"
        shapes.append(text(across(x), bottom + 10, label, "ink-soft", anchor=anchor))
    return shapes
