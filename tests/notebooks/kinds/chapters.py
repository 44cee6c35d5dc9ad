"""The chapters: the notebooks of the table of contents, cell by cell."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
BOOK = ROOT / "book"


@dataclass(frozen=True)
class Cell:
    """One cell: its id, ``markdown`` or ``code``, and its source."""

    id: str
    kind: str
    text: str


@dataclass(frozen=True)
class Chapter:
    """A chapter: its name in the table of contents and its cells in order."""

    name: str
    cells: tuple[Cell, ...]

    @property
    def path(self) -> Path:
        """Return where the notebook lies."""
        return BOOK / f"{self.name}.ipynb"

    def where(self, cell: Cell) -> str:
        """Return the words with which a fault begins."""
        return f"book/{self.name}.ipynb, cell {cell.id}"

    def of_kind(self, kind: str) -> list[Cell]:
        """Return the cells that are ``markdown`` or ``code``."""
        return [cell for cell in self.cells if cell.kind == kind]


def names_in_order() -> list[str]:
    """Return every file of ``_toc.yml`` in the order of the book."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    return [toc["root"], *_files(toc)]


@cache
def chapters() -> tuple[Chapter, ...]:
    """Return the notebooks of ``_toc.yml`` in the order of the book."""
    found = [n for n in names_in_order() if (BOOK / f"{n}.ipynb").exists()]
    return tuple(read(name) for name in found)


def read(name: str, book: Path = BOOK) -> Chapter:
    """Return the notebook of that name in the folder of a book."""
    notebook = json.loads((book / f"{name}.ipynb").read_text("utf-8"))
    cells = [
        Cell(cell["id"], cell["cell_type"], "".join(cell["source"]))
        for cell in notebook["cells"]
    ]
    return Chapter(name, tuple(cells))


def each(places: dict[str, object]) -> pytest.MarkDecorator:
    """Return the mark that runs a test over named places with prose."""
    return pytest.mark.parametrize("place", places.values(), ids=places)


def each_chapter() -> pytest.MarkDecorator:
    """Return the mark that runs a test over all chapters."""
    return each({chapter.name: chapter for chapter in chapters()})


def hold(faults: list[str]) -> None:
    """Fail with the faults as the message, one a line."""
    __tracebackhide__ = True
    if faults:
        raise AssertionError(f"{len(faults)} to mend\n" + "\n".join(faults))


def _files(node: dict | list) -> Iterator[str]:
    children = node if isinstance(node, list) else node.items()
    for child in children:
        key, value = (None, child) if isinstance(node, list) else child
        if key == "file":
            yield value
        elif isinstance(value, dict | list):
            yield from _files(value)
