"""The notebook of an assignment: the cells that nbgrader knows."""

import hashlib
import json
import random
import re
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from seqviz import checks
from seqviz.checks import Exercise
from seqviz.course.assignment import Assignment, Item, Question
from seqviz.course.museums import RULE as MUSEUM_RULE
from seqviz.course.museums import Museum
from seqviz.course.museums.registry import FAULTY
from seqviz.course.points import RULE, worth
from seqviz.course.variants import Variant, course_exercise, variants
from seqviz.course.variants.order import permutations_of
from seqviz.course.variants.registry import names_of
from seqviz.site.assignments.carried import NAME
from seqviz.site.assignments.chapter import Figure, Told
from seqviz.site.colab.text import Words, to_markdown
from seqviz.site.exercises import common_errors, label_of

Cell = dict[str, Any]

QUESTIONS = 2  # of an assignment, answered in words
_POINTS = 3  # of each
_OF_CHAPTER = re.compile(r"^### (\d+ · )?")
_OF_ORDER = re.compile(r"`\[|\bshape\b")

FIRST = f"""\
# Finds seqviz, installed or in {NAME} beside this notebook.
import importlib.util
import sys
import tempfile
import zipfile

if importlib.util.find_spec("seqviz") is None:
    sys.path.insert(0, tempfile.mkdtemp())
    zipfile.ZipFile("{NAME}").extractall(sys.path[0])

import torch
import torch.nn.functional as F
from torch import nn

from seqviz.course import score
"""

_RUBRIC = """\
For the teacher; the release does not hold these lines.

- 1 point: says which control was used, or which marks are compared.
- 1 point: names what is seen, with a number or a name from the figure.
- 1 point: gives a reason that uses the chapter's formula, not the figure's look.
"""


@dataclass(frozen=True)
class Task:
    """An exercise as it stands in an assignment."""

    told: Told
    name: str
    text: str
    hint: str
    stub: str
    solution: str


def choose(told: Told, words: Words, secret: int | None) -> Task:
    """Return a variant of an exercise, drawn from a secret; the exercise if None.

    A variant with another definition goes before one with other axes.
    """
    exercise = checks.exercise(told.name)
    names = names_of(exercise) if secret is not None else []
    if not names:
        return _plain(told, words)
    named = {variant.exercise.name: variant for variant in variants()}
    written = [name for name in names if name in named]
    drawn = random.Random(f"{secret} {told.name}").choice(written or names)
    if drawn in named:
        return _written(told, named[drawn], words)
    return _in_order(told, drawn, words)


def make(
    name: str,
    title: str,
    tasks: list[Task],
    figures: Iterable[Figure],
    museum: Museum | None = None,
) -> tuple[dict[str, Any], Assignment]:
    """Return the teacher's notebook, solutions in it, and what it holds.

    Args:
        name: of the assignment.
        title: of the chapter.
        tasks: in order.
        figures: those that are asked about.
        museum: the versions that she writes tests for.
    """
    items = [_item(task) for task in tasks]
    shown = []
    if museum:
        item = Item(museum.name.replace("/", "-"), museum.name, "my_tests", FAULTY)
        shown, items = _museum(museum, item, len(tasks) + 1), [*items, item]
    asked = list(figures)[:QUESTIONS]
    questions = [
        Question(f"{name}-figure-{number}".replace("_", "-"), _POINTS)
        for number, _ in enumerate(asked, 1)
    ]
    most = sum(item.points for item in items)
    cells = [
        text_cell("about", _about(title, most, [q.points for q in questions])),
        code_cell("start", _start(tasks), locked=True),
    ]
    for number, (task, item) in enumerate(zip(tasks, items, strict=False), 1):
        hint = f"\n\n{task.hint}" if task.hint else ""
        text = _OF_CHAPTER.sub(f"### {number} · ", task.text, count=1)
        cells += [
            text_cell(f"{item.id}-task", f"{text}\n\n*{item.points} points.*{hint}"),
            code_cell(item.id, _with_solution(task.stub, task.solution), solution=True),
            _scored(item),
        ]
    cells += shown
    for figure, question in zip(asked, questions, strict=True):
        cells += [
            text_cell(f"{question.id}-task", _asks(figure, title, question.points)),
            text_cell(question.id, _RUBRIC, points=question.points),
        ]
    return whole(name, cells, items, questions)


def _museum(museum: Museum, item: Item, number: int) -> list[Cell]:
    """Return the cells of a museum: the task, the tests, the points."""
    text = (
        f"### {number} · {museum.title}\n\n{museum.text}\n\n"
        f"*{item.points} points.* {MUSEUM_RULE}"
    )
    stub = f"def {item.function}({museum.called}):\n    # your code\n    return None"
    solution = _called(museum.source, "solution", item.function)
    return [
        text_cell(f"{item.id}-task", text),
        code_cell(item.id, _with_solution(stub, solution), solution=True),
        _scored(item),
    ]


def _scored(item: Item) -> Cell:
    call = f'score("{item.exercise}", {item.function}, {item.points})'
    return code_cell(item.points_id, call, locked=True, points=item.points)


def whole(
    name: str, cells: list[Cell], items: list[Item], questions: list[Question]
) -> tuple[dict[str, Any], Assignment]:
    """Return a notebook of cells, and the assignment that it holds."""
    told = json.dumps([_version_part(cell) for cell in cells]).encode()
    version = hashlib.sha256(told).hexdigest()[:8]
    notebook = {
        "cells": cells,
        "metadata": {
            "kernelspec": {
                "display_name": "Python 3",
                "language": "python",
                "name": "python3",
            },
            "language_info": {"name": "python"},
            "seqviz": {"assignment": name, "version": version},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return notebook, Assignment(name, version, tuple(items), tuple(questions))


def _plain(told: Told, words: Words) -> Task:
    exercise = checks.exercise(told.name)
    text = told.text.replace(f"*{exercise.label}.*", label_of(exercise), 1)
    return Task(
        told,
        told.name,
        to_markdown(text, words),
        _folded(told.hint, exercise, words),
        told.stub,
        _called(told.solution, told.solved_by, told.function),
    )


def _folded(hint: str, exercise: Exercise, words: Words) -> str:
    """Return the hint of the chapter and the common errors, each folded."""
    return to_markdown(f"{hint}\n\n{common_errors(exercise)}".strip(), words)


def _written(told: Told, variant: Variant, words: Words) -> Task:
    exercise = variant.exercise
    stub = f"def {told.function}{exercise.call}:\n    # your code\n    return None"
    text = f"### {exercise.title}\n\n{label_of(exercise)}\n\n{variant.text}"
    solution = _called(variant.solution, "solution", told.function)
    errors = _folded("", exercise, words)
    return Task(told, exercise.name, text, errors, stub, solution)


def _in_order(told: Told, name: str, words: Words) -> Task:
    plain, exercise = _plain(told, words), course_exercise(name)
    axes = [
        f"`{part}` `[{', '.join(of.split())}]`" for part, of in exercise.inputs.items()
    ]
    result = f"`[{', '.join(exercise.output.split())}]`"
    said = (
        f"> **Here the axes stand in another order.**\n>\n> Your function gets "
        f"{', '.join(axes)} and returns {result}. What each axis means is as above."
    )
    hint = _folded("" if _OF_ORDER.search(told.hint) else told.hint, exercise, words)
    moves = permutations_of(checks.exercise(told.name), name.split("@")[1])
    solution = _between(plain.solution, told, [*exercise.inputs], moves)
    return Task(told, name, f"{plain.text}\n\n{said}", hint, plain.stub, solution)


def _between(
    solution: str, told: Told, names: list[str], moves: dict[str, list[int]]
) -> str:
    """Return the book's solution between two changes of order."""
    inner = _called(solution, told.function, "in_the_books_order")
    back = []
    for name in names:
        places = moves[name]
        inverse = [places.index(place) for place in range(len(places))]
        moved = f"{name}.permute({', '.join(map(str, inverse))})"
        back.append(moved if len(places) > 1 else name)
    end = moves["->"]
    moved = end != sorted(end)
    last = f".permute({', '.join(map(str, end))})" if moved else ""
    inside = textwrap.indent(inner, "    ")
    return (
        f"def {told.function}({', '.join(names)}):\n{inside}\n\n"
        f"    result = in_the_books_order(\n        {', '.join(back)}\n    )\n"
        f"    return result{last}"
    )


def _called(source: str, old: str, new: str) -> str:
    return re.sub(rf"\b{old}\b", new, source)


def _item(task: Task) -> Item:
    name = task.told.name.replace("/", "-")
    points = worth(checks.exercise(task.told.name))
    return Item(name, task.name, task.told.function, points)


def _start(tasks: list[Task]) -> str:
    given = [line for task in tasks for line in task.told.given.split("\n\n") if line]
    own = [line for line in dict.fromkeys(given) if line not in FIRST]
    return "\n\n".join([FIRST.strip(), *own])


def _with_solution(stub: str, solution: str) -> str:
    """Return the stub, and after it the solution, which the release leaves out."""
    return f"{stub}\n### BEGIN SOLUTION\n{solution}\n### END SOLUTION"


def _about(title: str, most: int, questions: list[int]) -> str:
    asked = (
        f" {sum(questions)} points for what you read from figures, in words, which a "
        "person marks."
    )
    return (
        f"# {title}: assignment\n\nWrite each function, then run the cell below it: it "
        "says what is right or what to change, and the points. Your work is marked "
        "on other numbers than those you see. Helper functions and cells of your own "
        "are welcome; keep the names of the functions and the cells that are there.\n\n"
        f"{most} points for the code. {RULE}{asked if questions else ''}"
    )


def _asks(figure: Figure, title: str, points: int) -> str:
    name = f"*{figure.title}*" if figure.title else "the figure with this caption"
    return (
        f"### Read a figure\n\nIn the chapter *{title}* look at {name}:\n\n"
        f"> {figure.caption}\n\nAnswer in three to five sentences: what you set or "
        f"compared, what you saw (with a name or a number), and why it is so.\n\n"
        f"*{points} points.*"
    )


def code_cell(
    name: str,
    source: str,
    *,
    locked: bool = False,
    solution: bool = False,
    points: int | None = None,
) -> Cell:
    """Return code that is locked, an answer, or a check that earns points."""
    return _cell(name, source, "code", locked, solution, points) | {
        "execution_count": None,
        "outputs": [],
    }


def text_cell(name: str, source: str, points: int | None = None) -> Cell:
    """Return a text that is locked, or an answer in words if it earns points."""
    answered = points is not None
    return _cell(name, source, "markdown", not answered, answered, points)


def _cell(
    name: str, source: str, kind: str, locked: bool, solution: bool, points: int | None
) -> Cell:
    tag = {
        "cell_type": kind,
        "grade": points is not None,
        "grade_id": name,
        "locked": locked,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }
    if points is not None:
        tag["points"] = points
    return {
        "cell_type": kind,
        "id": re.sub(r"[^\w-]", "-", name)[:64],
        "metadata": {"nbgrader": tag},
        "source": source.splitlines(keepends=True),
    }


def _version_part(cell: Cell) -> list[str]:
    return [cell["metadata"]["nbgrader"]["grade_id"], *cell["source"]]
