"""Made-up students: what each hands in, as the source of cells.

The marks of every kind are the same whoever marks, a kernel or we. So nobody here ends
the kernel, exhausts memory or prints more than the marker lets through: there nbgrader
loses the whole notebook, or loses nothing, and there is nothing to compare.
"""

import copy
import re
from collections.abc import Callable, Iterator
from typing import Any

from seqviz.course.assignment import Assignment, Item
from seqviz.course.museums import museum_of

Notebook = dict[str, Any]

_WRONG = ("None", "inputs[0]", "inputs[0] * 0", "inputs[0].sum()")
_HALF = """
solved_{name} = {name}


def {name}(*inputs):
    result = solved_{name}(*inputs).detach()
    inputs[0].detach().zero_()
    return result
"""


def solved(notebook: Notebook, item: Item, number: int) -> None:
    """Everything right."""


def half(notebook: Notebook, item: Item, number: int) -> None:
    """One function with the right numbers, no gradient, and a changed input."""
    _cell(notebook, item)["source"] += _HALF.format(name=item.function)


def wrong(notebook: Notebook, item: Item, number: int) -> None:
    """One function that returns something else."""
    said = _WRONG[number % len(_WRONG)]
    _cell(notebook, item)["source"] = _function(item, f"return {said}")


def stub(notebook: Notebook, item: Item, number: int) -> None:
    """Nothing written at all."""
    for cell in notebook["cells"]:
        cell["source"] = cell["source"].split("### BEGIN SOLUTION")[0]


def raising(notebook: Notebook, item: Item, number: int) -> None:
    """One function that raises, and a cell that does."""
    _cell(notebook, item)["source"] = _function(item, "raise KeyError('not yet')")
    _add(notebook, "1 / 0")


def wordy(notebook: Notebook, item: Item, number: int) -> None:
    """Half a megabyte of print, and all right."""
    _add(notebook, "for number in range(5_000):\n    print('x' * 99)")


def endless(notebook: Notebook, item: Item, number: int) -> None:
    """One function that never returns."""
    _cell(notebook, item)["source"] = _function(item, "while True:\n        pass")


Kind = Callable[[Notebook, Item, int], None]
KINDS: dict[str, Kind] = {
    one.__name__: one for one in (solved, half, wrong, stub, raising, wordy, endless)
}
#: In one round of a class: most hand in something that ends.
_ROUND = "solved half wrong solved half wrong solved stub raising wordy".split()
_ENDLESS_EVERY = 20


def kinds_of(students: int, chosen: list[str]) -> list[str]:
    """The kind of each student: rounds of those that are chosen.

    The last of every twenty is endless, and the last of a class that has fewer.
    """
    turns = [kind for kind in _ROUND if kind in chosen] or ["solved"]
    kinds = [turns[number % len(turns)] for number in range(students)]
    if "endless" in chosen:
        for number in range(
            min(_ENDLESS_EVERY, students) - 1, students, _ENDLESS_EVERY
        ):
            kinds[number] = "endless"
    return kinds


def answers(
    teachers: Notebook, assignment: Assignment, kinds: list[str]
) -> Iterator[Notebook]:
    """Hand in one notebook a student; whose turn it is takes the next function.

    Args:
        teachers: the notebook with the solutions.
        assignment: what was handed out.
        kinds: one a student, names of ``KINDS``.
    """
    for cell in teachers["cells"]:
        cell["source"] = "".join(cell["source"])
    functions = [one for one in assignment.items if _is_function(teachers, one)]
    for number, kind in enumerate(kinds):
        notebook = copy.deepcopy(teachers)
        KINDS[kind](notebook, functions[number % len(functions)], number)
        yield notebook


def _is_function(notebook: Notebook, item: Item) -> bool:
    """Whether an item is a function of tensors: no class, no tests, no letters."""
    defined = re.search(
        rf"^def {item.function}\b", _cell(notebook, item)["source"], re.M
    )
    return bool(defined) and not museum_of(item.exercise)


def _cell(notebook: Notebook, item: Item) -> dict[str, Any]:
    named = {c["metadata"]["nbgrader"]["grade_id"]: c for c in notebook["cells"]}
    return named[item.id]


def _function(item: Item, body: str) -> str:
    return f"def {item.function}(*inputs):\n    {body}"


def _add(notebook: Notebook, source: str) -> None:
    cell = {"cell_type": "code", "metadata": {}, "source": source, "id": "own"}
    # The last cell: `_cell` asks the others for their names.
    notebook["cells"].append(cell | {"execution_count": None, "outputs": []})
