"""Every museum by its name, and the five versions that a seed draws."""

import importlib
import inspect
import pkgutil
import random
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

import torch
from torch import Tensor

Version = Callable[..., Tensor]
Tests = Callable[[Version], Any]
Rooms = Iterable[Iterable[Version]]

FAULTY = 4  # beside the right one
MOST_NUMBERS = 4096  # of an input: the marker computes with what a student sends
LONGEST = 64  # axis of an input
_ROOM = "seqviz.course.museums"
_NO_MUSEUM = {"judging", "mistakes", "registry"}
_TRIES = 20  # of seeds, until the solution tells all versions apart


@dataclass(frozen=True)
class Museum:
    """Versions of a layer, to be told apart by tests.

    Attributes:
        name: ``"memory/tests"``.
        title: what to write, in a few words.
        text: the task in plain Markdown.
        takes: the names of what a version takes, in order.
        called: what the student calls the version that she is given.
        make: ``versions`` of the museum's file.
        solution: tests that find the right one.
    """

    name: str
    title: str
    text: str
    takes: tuple[str, ...]
    called: str
    make: Callable[[torch.Generator], tuple[Version, Rooms]]
    solution: Tests

    @property
    def chapter(self) -> str:
        """The chapter, as in the names of its exercises."""
        return self.name.split("/")[0]

    @property
    def source(self) -> str:
        """The source of the solution, a function called ``solution``."""
        return inspect.getsource(self.solution).strip()

    def draw(self, seed: int) -> dict[str, Version]:
        """Five versions in an order that the seed draws; the right one is ``""``.

        The others bear a name that says what is wrong. A draw on which the solution
        does not find the right one is drawn again.

        Raises:
            RuntimeError: no draw will do.
        """
        for one in range(seed, seed + _TRIES):
            drawn = self._drawn(one)
            if all(self.solution(v) is (not name) for name, v in drawn.items()):
                return drawn
        raise RuntimeError(f"no draw of {self.name} shows every fault")

    def _drawn(self, seed: int) -> dict[str, Version]:
        right, wrong = self.versions(seed)
        dice = random.Random(f"{seed} {self.name}")
        names = ["", *dice.sample(list(wrong), FAULTY)]
        dice.shuffle(names)
        return {name: self.shown(wrong[name] if name else right) for name in names}

    def versions(self, seed: int) -> tuple[Version, dict[str, Version]]:
        """The right one, and the wrong ones by names that say what is wrong."""
        right, rooms = self.make(torch.Generator().manual_seed(seed))
        wrong = {one.__name__: one for room in rooms for one in room}
        return right, {name.replace("_", " "): one for name, one in wrong.items()}

    def shown(self, version: Version) -> Version:
        """Return a version that gives back nothing but numbers, and says what it takes.

        Its name and its code do not show in an error.
        """

        def shown(*inputs: Tensor | float) -> Tensor:
            if len(inputs) != len(self.takes):
                raise ValueError(
                    f"{self.called} must get {len(self.takes)} inputs, "
                    f"({', '.join(self.takes)}), got {len(inputs)}"
                )
            given = [torch.as_tensor(one).detach().clone() for one in inputs]
            for name, one in zip(self.takes, given, strict=True):
                if one.numel() > MOST_NUMBERS or max([0, *one.shape]) > LONGEST:
                    raise ValueError(
                        f"{name} must have at most {MOST_NUMBERS} numbers and no axis "
                        f"longer than {LONGEST}, got {list(one.shape)}"
                    )
            with torch.no_grad():
                return version(*given)

        return shown


@cache
def museums() -> dict[str, Museum]:
    """All museums by their names."""
    places = importlib.import_module(_ROOM).__path__
    pages = [
        importlib.import_module(f"{_ROOM}.{one.name}")
        for one in pkgutil.iter_modules(places)
        if one.name not in _NO_MUSEUM
    ]
    return {museum.name: museum for museum in map(_read, pages)}


def museum_of(name: str) -> Museum | None:
    """The museum called ``name``; None if an exercise is called so, or nothing."""
    return museums().get(name)


def _read(page: ModuleType) -> Museum:
    for part in ("TITLE", "TEXT", "TAKES", "VERSION", "versions", "solution"):
        if not hasattr(page, part):
            raise ValueError(f"{page.__name__} lacks {part}")
    chapter = page.__name__.split(".")[-1].replace("_", "-")
    takes = re.sub(r"\[.*?\]", "", page.TAKES.split("->")[0]).split(",")
    return Museum(
        f"{chapter}/tests",
        page.TITLE,
        page.TEXT.strip(),
        tuple(name.strip() for name in takes),
        page.VERSION,
        page.versions,
        page.solution,
    )
