"""Every exercise by its name: each file in the folder of a chapter is one."""

import importlib
import pkgutil
import re
from difflib import get_close_matches
from functools import cache
from pathlib import Path

import seqviz
from seqviz import checks
from seqviz.checks.engine.exercise import LEVELS, Exercise
from seqviz.checks.engine.page import read_page


def exercises(chapter: str | None = None) -> list[Exercise]:
    """All exercises in the order of the book, or those of one chapter, as they rise.

    Raises:
        ValueError: no such chapter.

    Example:
        >>> len(exercises("routing"))
        5
    """
    order = _order_of_the_book()

    def place(exercise: Exercise) -> tuple[int, str, int, int]:
        chapter = exercise.name.split("/")[0]
        rank = order.index(chapter) if chapter in order else len(order)
        return rank, chapter, LEVELS.index(exercise.difficulty), exercise.minutes

    pages = [
        page for name, page in _pages().items() if chapter in (None, name.split("/")[0])
    ]
    if not pages:
        chapters = dict.fromkeys(one.name.split("/")[0] for one in exercises())
        known = ", ".join(chapters)
        raise ValueError(f"no chapter {chapter!r} has exercises; known: {known}")
    return sorted(map(_read, pages), key=place)


def exercise(name: str) -> Exercise:
    """The exercise called ``name``: its title, minutes, difficulty and mistakes.

    Raises:
        ValueError: there is none; the message lists the known ones.

    Example:
        >>> name = exercises("routing")[0].name
        >>> exercise(name).minutes > 0, len(exercise(name).mistakes) >= 5
        (True, True)
    """
    if name in _pages():
        return _read(_pages()[name])
    known = [one.name for one in exercises()]
    close = get_close_matches(str(name), known, n=1)
    meant = f" Did you mean {close[0]!r}?" if close else ""
    raise ValueError(
        f"no exercise is called {name!r}.{meant} Known: {', '.join(known)}"
    )


@cache
def _read(page: str) -> Exercise:
    """The exercise of a file: it is read when somebody asks for it."""
    return read_page(importlib.import_module(page))


@cache
def _pages() -> dict[str, str]:
    """From ``"chapter/exercise"`` to the file's module."""
    pages = [
        f"{chapter}.{page.name}"
        for chapter in _chapters()
        for page in pkgutil.iter_modules(importlib.import_module(chapter).__path__)
    ]
    return {"/".join(p.replace("_", "-").split(".")[-2:]): p for p in pages}


def _chapters() -> list[str]:
    """The folders beside the engine."""
    inside = pkgutil.iter_modules(checks.__path__, f"{checks.__name__}.")
    return [room.name for room in inside if not room.name.endswith(".engine")]


def _order_of_the_book() -> list[str]:
    """The chapters in the table of contents; none without a checkout around."""
    contents = Path(seqviz.__file__).parents[1] / "_toc.yml"
    if not contents.is_file():
        return []
    files = re.findall(r"(?m)^ *- file: *(\S+)", contents.read_text("utf-8"))
    return [file.split("/")[-1].replace("_", "-") for file in files]
