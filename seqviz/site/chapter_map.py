"""The map of the front page: every chapter on a line, and what it needs.

A chapter that others need gets a lane beside the titles, from its own row down to the
last row that needs it. Lanes that do not meet share a place.
"""

from collections.abc import Sequence
from typing import NamedTuple

from seqviz.site.contents import Page

#: Pixels between two lanes; where a row's lines leave and arrive, from its top.
STEP, LEAVES, ARRIVES = 13, 20, 11


class Lane(NamedTuple):
    """The line of one chapter: its place, and the rows from it to those that need it.

    Attributes:
        place: 0 stands beside the titles.
        start: the row of the chapter.
        ends: the rows of the chapters that need it, in order.
    """

    place: int
    start: int
    ends: Sequence[int]


def lay(chapters: Sequence[Page]) -> list[Lane]:
    """Return the lanes, those of the shortest reach beside the titles.

    Raises:
        ValueError: a chapter needs one that does not stand before it.
    """
    rows = {page.name: row for row, page in enumerate(chapters)}
    needed: dict[int, list[int]] = {}
    for row, page in enumerate(chapters):
        for name in page.needs:
            if rows.get(name, row) >= row:
                raise ValueError(
                    f"You need: in {page.source} must name chapters that stand before "
                    f"it in _toc.yml, got {name}"
                )
            needed.setdefault(rows[name], []).append(row)
    taken: list[list[range]] = []
    lanes = []
    for start, ends in sorted(needed.items(), key=lambda one: one[1][-1] - one[0]):
        reach = range(start, ends[-1])
        place = next(
            (
                place
                for place, reaches in enumerate(taken)
                if all(not set(reach) & set(other) for other in reaches)
            ),
            len(taken),
        )
        if place == len(taken):
            taken.append([])
        taken[place].append(reach)
        lanes.append(Lane(place, start, ends))
    return lanes


def lines(lanes: Sequence[Lane], row: float, *, dot: bool = True) -> str:
    """Return the lines that pass, leave and reach a row, as SVG as high as the row.

    A row between two chapters, such as the name of a part, has a fraction for its
    number and no dot.
    """
    width = STEP * (1 + max((lane.place for lane in lanes), default=0)) + 14
    edge = width - 6
    drawn = []
    for lane in lanes:
        x = edge - STEP * (lane.place + 1)
        group = []
        if lane.start == row:
            group.append(f'<path d="M{edge} {LEAVES}H{x + 5}q-5 0-5 5"/>')
            group.append(f'<line x1="{x}" y1="{LEAVES + 5}" x2="{x}" y2="100%"/>')
        elif lane.start < row <= lane.ends[-1]:
            last = row == lane.ends[-1]
            bottom = ARRIVES - 5 if last else "100%"
            group.append(f'<line x1="{x}" y1="0" x2="{x}" y2="{bottom}"/>')
            if row in lane.ends:
                way = f"M{x} {ARRIVES - 5}q0 5 5 5H{edge - 6}"
                head = f"M{edge - 9} {ARRIVES - 3}l4 3-4 3"
                group.append(f'<path d="{way}{head}"/>')
        if group:
            ends = " ".join(map(str, lane.ends))
            lit = f'<g data-from="{lane.start}" data-to="{ends}">{"".join(group)}</g>'
            drawn.append(lit)
    if dot:
        middle = (LEAVES + ARRIVES) / 2
        drawn.append(f'<circle cx="{edge}" cy="{middle}" r="5"/>')
    return (
        f'<div class="sv-lanes" style="width:{width}px" aria-hidden="true">'
        f"<svg>{''.join(drawn)}</svg></div>"
    )
