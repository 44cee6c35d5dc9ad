"""Every exercise by its name: each file in the folder of a chapter is one."""

import importlib
import pkgutil
import re
from difflib import get_close_matches
from functools import cache
from pathlib import Path

import seqviz
from seqviz import checks
from seqviz.checks.engine.exercise import Exercise
from seqviz.checks.engine.page import read_page

_LEVELS = ("warm-up", "core", "project")


def exercises(chapter: str | None = None) -> list[Exercise]:
    """All exercises in the order of the book, or those of one chapter, as they rise.

    Raises:
        ValueError: no such chapter.
    """
    known = _exercises()
    if chapter is None:
        return list(known.values())
    found = [e for name, e in known.items() if name.split("/")[0] == chapter]
    if not found:
        chapters = ", ".join(dict.fromkeys(name.split("/")[0] for name in known))
        raise ValueError(f"no chapter {chapter!r} has exercises; known: {chapters}")
    return found


def exercise(name: str) -> Exercise:
    """The exercise called ``name``: its title, minutes, difficulty and mistakes.

    Raises:
        ValueError: there is none; the message lists the known ones.
    """
    known = _exercises()
    if name in known:
        return known[name]
    close = get_close_matches(str(name), known, n=1)
    meant = f" Did you mean {close[0]!r}?" if close else ""
    raise ValueError(
        f"no exercise is called {name!r}.{meant} Known: {', '.join(known)}"
    )


@cache
def _exercises() -> dict[str, Exercise]:
    found = [
        read_page(importlib.import_module(f"{chapter}.{page.name}"))
        for chapter in _chapters()
        for page in pkgutil.iter_modules(importlib.import_module(chapter).__path__)
    ]
    order = _order_of_the_book()

    def place(exercise: Exercise) -> tuple[int, str, int, int]:
        chapter = exercise.name.split("/")[0]
        rank = order.index(chapter) if chapter in order else len(order)
        return rank, chapter, _LEVELS.index(exercise.difficulty), exercise.minutes

    return {exercise.name: exercise for exercise in sorted(found, key=place)}


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
