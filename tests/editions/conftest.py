"""Collects one test for each chapter: its Colab edition runs where nothing else is.

Each stands as a file of its own, so that they run side by side.
"""

from collections.abc import Iterator
from functools import cache

import nbformat
import pytest
from running import faults, run, warm

from seqviz.site.colab.edition import Edition, Press
from seqviz.site.colab.write import make_press
from seqviz.site.contents import Page, chapters

#: Of an edition; Colab opens ten times as much.
MOST_BYTES = 3_000_000


def pytest_collect_file(file_path, parent):
    """Collect the editions once, where the code lies that runs them."""
    if file_path.name == "running.py":
        return Editions.from_parent(parent, path=file_path)
    return None


class Editions(pytest.File):
    """The editions of all chapters."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield an edition for each chapter."""
        for chapter in chapters():
            yield Runs.from_parent(
                self,
                name=f"{chapter.name} runs in Colab",
                nodeid=f"tests/editions/{chapter.name}.ipynb::runs in Colab",
                path=chapter.source,
                chapter=chapter,
            )


class Runs(pytest.Item):
    """A test: an edition runs to its end and leaves nothing that is dead."""

    def __init__(self, *, chapter: Page, **words) -> None:
        super().__init__(**words)
        self.chapter = chapter

    def runtest(self) -> None:
        """Run the edition in an empty folder."""
        folder = self.config._tmp_path_factory.mktemp(self.chapter.source.stem)
        text = Edition(self.chapter, _press()).text()
        assert len(text.encode()) < MOST_BYTES
        notebook = run(text, folder, warm(self.config)).notebook
        if kept := self.config.getoption("--keep-editions"):
            nbformat.write(notebook, f"{kept}/{self.chapter.source.name}")
        assert list(faults(notebook)) == []

    def reportinfo(self):
        """Return the place that a failure names."""
        return self.path, 0, self.name


@cache
def _press() -> Press:
    return make_press()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the folder for those who want to look at what ran."""
    parser.addoption("--keep-editions", help="write the notebooks that ran there")
