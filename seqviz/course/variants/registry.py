"""Every variant by its name; a new file in a chapter's folder is found."""

import importlib
import inspect
import pkgutil
from dataclasses import dataclass
from functools import cache
from types import ModuleType

from seqviz import checks
from seqviz.checks.engine.exercise import Exercise
from seqviz.checks.engine.page import read_page
from seqviz.course.puzzles import puzzle_exercises
from seqviz.course.variants.order import in_order, orders_of

_ROOM = "seqviz.course.variants"


@dataclass(frozen=True)
class Variant:
    """An exercise with another definition.

    Attributes:
        exercise: the task, as the check knows it.
        of: the book's exercise that it stands for.
        text: the task in plain Markdown.
        solution: the source of a right answer, a function called ``solution``.
    """

    exercise: Exercise
    of: str
    text: str
    solution: str


def variants(chapter: str | None = None) -> list[Variant]:
    """The variants with another definition, of all chapters or of one."""
    return [
        variant
        for name, variant in _written().items()
        if chapter in (None, name.split("/")[0])
    ]


@cache
def course_exercise(name: str) -> Exercise:
    """The exercise or variant called ``name``.

    Raises:
        ValueError: there is none.
    """
    if "@" in name:
        of, order = name.split("@", 1)
        return in_order(checks.exercise(of), order)
    if name in _written():
        return _written()[name].exercise
    if name in puzzle_exercises():
        return puzzle_exercises()[name]
    return checks.exercise(name)


def names_of(exercise: Exercise) -> list[str]:
    """The names of all variants of a book's exercise, those with other words first."""
    written = [v.exercise.name for v in variants() if v.of == exercise.name]
    return written + [f"{exercise.name}@{order}" for order in orders_of(exercise)]


@cache
def _written() -> dict[str, Variant]:
    found = [_read(page) for room in _rooms() for page in room]
    return {variant.exercise.name: variant for variant in found}


def _rooms() -> list[list[ModuleType]]:
    top = importlib.import_module(_ROOM).__path__
    rooms = [one.name for one in pkgutil.iter_modules(top, f"{_ROOM}.") if one.ispkg]
    return [
        [
            importlib.import_module(f"{room}.{page.name}")
            for page in pkgutil.iter_modules(importlib.import_module(room).__path__)
        ]
        for room in rooms
    ]


def _read(page: ModuleType) -> Variant:
    for part in ("OF", "TEXT", "solution"):
        if not hasattr(page, part):
            raise ValueError(f"{page.__name__} lacks {part}")
    return Variant(
        read_page(page),
        page.OF,
        page.TEXT.strip(),
        inspect.getsource(page.solution).strip(),
    )
