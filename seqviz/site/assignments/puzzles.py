"""The notebook of the twenty puzzles."""

from typing import Any

from seqviz.course.assignment import Assignment, Item
from seqviz.course.puzzles import PUZZLES
from seqviz.site.assignments.notebook import FIRST, code_cell, text_cell, whole

_ABOUT = """\
# Twenty puzzles, one einsum each

Each answer is a line of letters, such as `"ij,j->i"`. Run the cell below it: you see
the operands, the target and what your letters give, side by side. The letters are
yours to choose. Of three axes the first slice is shown.

The chapter *einsum: products in letters* has all that you need."""


def make_puzzles(name: str) -> tuple[dict[str, Any], Assignment]:
    """Return the teacher's notebook and what it holds.

    Args:
        name: of the assignment.
    """
    cells = [text_cell("about", _ABOUT), code_cell("start", FIRST, locked=True)]
    items = []
    for number, puzzle in enumerate(PUZZLES, 1):
        answer = f"puzzle_{number}"
        item = Item(puzzle.slug, puzzle.name, answer, 1)
        operands = ", ".join(puzzle.operands)
        solution = (
            f'### BEGIN SOLUTION\n{answer} = "{puzzle.equation}"\n### END SOLUTION'
        )
        call = f'score("{puzzle.name}", {answer}, {item.points})'
        cells += [
            text_cell(f"{item.id}-task", f"### {number} · {operands}\n\n{puzzle.text}"),
            code_cell(item.id, f'{answer} = ""\n\n{solution}', solution=True),
            code_cell(item.points_id, call, locked=True, points=item.points),
        ]
        items.append(item)
    return whole(name, cells, items, [])
