"""A chapter as a notebook for Colab, for students or with the solutions in it.

What Jupyter Book reads from tags, Colab does not know: an input that the book hides
becomes a form, an output that it hides is collapsed. A cell whose metadata says
``"needs": "<module> <package>"`` is left out where that is missing, with a sentence.
"""

import ast
import json
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from pybtex.database import BibliographyData

from seqviz.project import read_project
from seqviz.site.colab.carried import packed_results, unpacking
from seqviz.site.colab.citations import Citations, read_bibliography
from seqviz.site.colab.quizzes import sealed
from seqviz.site.colab.text import (
    SOLUTION,
    NotConverted,
    Words,
    in_code,
    labels,
    to_markdown,
)
from seqviz.site.contents import Page, chapters, pages
from seqviz.site.exercises import with_words
from seqviz.site.inputs import ROOT, STORED
from seqviz.site.published import is_published

Cell = dict[str, Any]

_FIRST_CELL = "first-cell"
_BOOK = "Sequence attention for recommenders, from scratch"


@dataclass(frozen=True)
class Press:
    """What all editions share.

    Args:
        package: the package, packed.
        root: the checkout.
    """

    package: str
    root: Path = field(default=ROOT)

    @cached_property
    def address(self) -> str | None:
        """Where the book is published; None as long as it is not."""
        project = read_project(self.root / "pyproject.toml")
        return project.address if is_published(self.root) else None

    @cached_property
    def titles(self) -> dict[str, str]:
        """The title of each page, by its name."""
        return {page.name: _title(page.source) for page in pages(self.root)}

    @cached_property
    def bibliography(self) -> BibliographyData:
        """The entries that a chapter may cite."""
        return read_bibliography(self.root / "book" / "references.bib")

    @cached_property
    def stored(self) -> list[str]:
        """The paths of all stored results below ``book``."""
        book = self.root / "book"
        return sorted(p.relative_to(book).as_posix() for p in book.rglob(STORED))


class Edition:
    """A chapter of the book as one notebook.

    Args:
        chapter: its page.
        press: what all editions share.
        solutions: keep the solutions, each in a section that is collapsed.
    """

    def __init__(self, chapter: Page, press: Press, *, solutions: bool = False) -> None:
        self.chapter, self.press, self.solutions = chapter, press, solutions
        self.name = f"{chapter.source.stem}{'_solutions' if solutions else ''}.ipynb"
        text = chapter.source.read_text(encoding="utf-8")
        self._cells: list[Cell] = with_words(json.loads(text)["cells"])
        self._citations = Citations(press.bibliography)
        numbers: dict[str, int] = {}
        for cell in self._cells:
            if cell["cell_type"] == "markdown":
                for label in labels("".join(cell["source"])):
                    numbers[label] = len(numbers) + 1
        self._words = Words(
            cite=self._citations.cite, title=self._titled, numbers=numbers
        )
        self._collapsed: list[str] = []

    def notebook(self) -> dict[str, Any]:
        """Return the notebook.

        Raises:
            ValueError: naming the cell that cannot be converted.
        """
        cells = list(self._converted())
        cells.insert(1, _markdown("colab-edition", self._about()))
        if references := self._citations.references():
            cells.append(_markdown("references", references))
        return {
            "cells": cells,
            "metadata": {
                "colab": {
                    "collapsed_sections": self._collapsed,
                    "name": self.name,
                    "provenance": [],
                    "toc_visible": True,
                },
                "kernelspec": {
                    "display_name": "Python 3",
                    "language": "python",
                    "name": "python3",
                },
                "language_info": {"name": "python"},
            },
            "nbformat": 4,
            "nbformat_minor": 5,
        }

    def text(self) -> str:
        """Return the notebook as the text of its file."""
        return json.dumps(self.notebook(), indent=1, ensure_ascii=False) + "\n"

    def _converted(self) -> Iterator[Cell]:
        in_solution = False
        for cell in self._cells:
            source = "".join(cell["source"])
            mark = SOLUTION.fullmatch(source + "\n")
            if mark and cell["cell_type"] == "markdown":
                in_solution = mark[1] == "start"
                if in_solution and self.solutions:
                    self._collapsed.append(cell["id"])
                    yield _markdown(cell["id"], "#### Solution")
            elif not in_solution or self.solutions:
                try:
                    yield self._cell(cell, source)
                except ValueError as error:
                    where = f"{self.chapter.source.name}, cell {cell['id']}"
                    raise type(error)(f"{where}: {error}") from error

    def _cell(self, cell: Cell, source: str) -> Cell:
        if cell["cell_type"] == "markdown":
            return _markdown(cell["id"], to_markdown(source, self._words))
        source = in_code(source, self._words)
        tags = cell["metadata"].get("tags", [])
        title = None
        if cell["id"] == _FIRST_CELL:
            source, title = self._first_cell(source), "Start: unpack what is inside"
        elif quiz := sealed(source):
            source, title = quiz, "Questions"
        elif "remove-input" in tags:
            title = "What the run says"
        elif "hide-input" in tags:
            title = cell["id"].replace("-", " ").capitalize()
        metadata: dict[str, Any] = {"id": cell["id"]}
        if title:
            source = f'# @title {title} {{ display-mode: "form" }}\n{source}'
            metadata |= {"cellView": "form", "jupyter": {"source_hidden": True}}
        if "hide-output" in tags:
            metadata["collapsed"] = True
            metadata.setdefault("jupyter", {})["outputs_hidden"] = True
        if needs := cell["metadata"].get("needs"):
            source = f"%%needs {needs}\n{source}"
        return {
            "cell_type": "code",
            "execution_count": None,
            "id": cell["id"],
            "metadata": metadata,
            "outputs": [],
            "source": source.splitlines(keepends=True),
        }

    def _first_cell(self, source: str) -> str:
        """Return the lines that unpack seqviz, then those that come after."""
        body = ast.parse(source).body
        finds = next(line for line in body if isinstance(line, ast.If))
        then = "\n".join(source.splitlines()[finds.end_lineno :]).strip("\n")
        packed = [self.press.package]
        if names := self._reads():
            packed.append(packed_results(names, self.press.root))
        extension = ""
        if any("needs" in cell["metadata"] for cell in self._cells):
            extension = "\n\n%load_ext seqviz.colab"
        return f"{unpacking(*packed)}\n{then}{extension}"

    def _reads(self) -> tuple[str, ...]:
        """Return the stored results that the chapter's code names."""
        said = {
            node.value
            for cell in self._cells
            if cell["cell_type"] == "code"
            for node in ast.walk(ast.parse("".join(cell["source"])))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        return tuple(name for name in self.press.stored if _study(name) in said)

    def _titled(self, target: str) -> str:
        if written := re.fullmatch(r"(.*?)\s*<(.*)>", target, re.S):
            text, target = written.groups()
        else:
            text = ""
        folder = posixpath.dirname(self.chapter.name)
        name = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
        if name not in self.press.titles:
            raise NotConverted(f"no page is called {target}")
        text = text or self.press.titles[name]
        address = self.press.address
        return f"[{text}]({address}/{name}.html)" if address else f"*{text}*"

    def _about(self) -> str:
        address = self.press.address
        book = f"[{_BOOK}]({address})" if address else f"*{_BOOK}*"
        solutions = (
            "It holds the solutions, each in a section that is collapsed."
            if self.solutions
            else "The solutions are in a notebook of their own, "
            f"`{self.chapter.source.stem}_solutions.ipynb`."
        )
        return (
            f"This is a chapter of {book}, in its edition for Colab: it carries what "
            "it needs and asks no other host for anything. Choose *Runtime → Run all*, "
            f"then read. {solutions} Text: CC BY 4.0. Code: MIT."
        )


def editions(press: Press, *, solutions: bool = True) -> Iterator[Edition]:
    """Yield the editions of all chapters, for students and with the solutions.

    Raises:
        ValueError: two chapters have files of one name.
    """
    named: dict[str, Page] = {}
    for chapter in chapters(press.root):
        other = named.setdefault(chapter.source.stem, chapter)
        if other is not chapter:
            raise ValueError(
                f"{chapter.name} and {other.name} must have file names of their own: "
                "editions lie in one folder"
            )
        yield Edition(chapter, press)
        if solutions:
            yield Edition(chapter, press, solutions=True)


def _markdown(name: str, text: str) -> Cell:
    return {
        "cell_type": "markdown",
        "id": name,
        "metadata": {"id": name},
        "source": text.splitlines(keepends=True),
    }


def _study(stored: str) -> str:
    """Return what ``read_study`` is asked for."""
    return stored.removesuffix("_runs.npz")


def _title(source: Path) -> str:
    """Return the first heading of a page."""
    text = source.read_text(encoding="utf-8")
    if source.suffix == ".ipynb":
        cells = json.loads(text)["cells"]
        text = "\n".join("".join(cell["source"]) for cell in cells)
    heading = re.search(r"^# (.+)$", text, re.M)
    if heading is None:
        raise ValueError(f"{source} must have a title, a line that starts with '# '")
    return heading[1].strip()
