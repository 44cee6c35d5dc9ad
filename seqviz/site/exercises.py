"""What is told beside an exercise from its check: the practice, two common errors.

The chapters hold neither. The page, the Colab edition, the plain text and the
assignment add both as they are made.
"""

import re
from collections.abc import Iterator
from typing import Any

from seqviz import checks
from seqviz.checks import Exercise

#: The line of a chapter that checks the learner's answer.
CHECK = re.compile(r"^check\(\"(?P<name>[\w/-]+)\", (?P<function>\w+)\)$", re.M)
KEEP_GETTING = "I keep getting"

Cell = dict[str, Any]


def label_of(exercise: Exercise) -> str:
    """``*core, about 15 minutes. You practice ….*``, the line below the title."""
    return f"*{exercise.label}. You practice {exercise.practice}.*"


def common_errors(exercise: Exercise) -> str:
    """The errors that are made most often, in MyST: each folded, its hint inside."""
    return "\n\n".join(
        f":::{{dropdown}} {KEEP_GETTING} {mistake.symptom}\n"
        f"{mistake.hint[:1].upper()}{mistake.hint[1:]}\n:::"
        for mistake in exercise.common
    )


def with_words(cells: list[Cell]) -> list[Cell]:
    """The cells of a chapter with both: the errors stand below the learner's cell.

    Raises:
        ValueError: an exercise does not say its label.
    """
    asked = {cell["id"][4:]: one for cell in cells if (one := _exercise(cell))}
    return list(_with_words(cells, asked))


def _with_words(cells: list[Cell], asked: dict[str, Exercise]) -> Iterator[Cell]:
    for cell in cells:
        kind, _, name = cell["id"].partition("-")
        if kind == "ex" and name in asked:
            yield _labeled(cell, asked[name])
            continue
        yield cell
        if kind == "try" and name in asked:
            yield {
                "cell_type": "markdown",
                "id": f"keep-{name}",
                "metadata": {},
                "source": common_errors(asked[name]).splitlines(keepends=True),
            }


def _labeled(cell: Cell, exercise: Exercise) -> Cell:
    source, label = "".join(cell["source"]), f"*{exercise.label}.*"
    if label not in source:
        raise ValueError(f"the cell {cell['id']} must say {label}")
    told = source.replace(label, label_of(exercise), 1)
    return cell | {"source": told.splitlines(keepends=True)}


def _exercise(cell: Cell) -> Exercise | None:
    """The exercise that a learner's cell is for."""
    if not cell["id"].startswith("try-"):
        return None
    call = CHECK.search("".join(cell["source"]))
    return checks.exercise(call["name"]) if call else None
