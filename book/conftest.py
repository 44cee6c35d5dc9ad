"""nbval runs each chapter as its Colab edition, with the solutions in it.

One kernel serves both: the cells run one by one, in an empty folder, without
checkout, data and network. It is watched; three tests of the whole run follow
the cells. They find what only shows in a run: see tests/notebooks/kinds. With
real data and all packages the chapters run in ``make book``.
"""

import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import kinds
import nbformat
import nbval.kernel
import pytest
from kinds.chapters import hold, read
from kinds.outputs import faults_of_outputs
from kinds.running import words
from nbformat.v4 import new_notebook
from nbval.plugin import IPyNbCell, IPyNbFile
from running import SECONDS, environment, faults, warm

from seqviz.site.colab.edition import Edition, Press
from seqviz.site.colab.write import make_press
from seqviz.site.contents import Page

BOOK = Path(__file__).parent
#: Of an edition; Colab opens ten times as much.
MOST_BYTES = 3_000_000
WATCH = f"""
import sys as _sys
_sys.path.append({str(Path(kinds.__file__).parents[1])!r})
import kinds.running as _running
_sys.path.pop()
_running.watch({{where!r}})
"""


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path, parent):
    """Let nbval's files be ours."""
    return [
        ChapterFile.from_parent(parent, path=file_path)
        if isinstance(found, IPyNbFile)
        else found
        for found in (yield)
    ]


class ChapterFile(IPyNbFile):
    """A notebook whose kernel is watched, with the tests of its whole run."""

    def setup(self) -> None:
        """Let the cells be the edition's; start the kernel and watch it."""
        edition = Edition(self.page, press(), solutions=True)
        made = nbformat.reads(edition.text(), as_version=4)
        code = [cell for cell in made.cells if cell.cell_type == "code"]
        where = {}
        for item, cell in zip(self.code_cells, code, strict=True):
            assert item.cell.id == cell.id
            item.cell = cell
            where[cell.source] = f"book/{self.page.name}.ipynb, cell {cell.id}"
        folder = self.config._tmp_path_factory.mktemp(self.path.stem)
        with (
            patch.object(
                nbval.kernel,
                "NbvalKernelspecManager",
                lambda: warm(self.config),
            ),
            patch.dict(os.environ, environment(folder), clear=True),
        ):
            self.kernel = nbval.kernel.RunningKernel(
                "python3", cwd=str(folder), startup_timeout=SECONDS
            )
        self.run(WATCH.format(where=where))

    def collect(self) -> Iterator[pytest.Item]:
        """Yield the cells, then the tests of what they did."""
        name = str(self.path.relative_to(BOOK).with_suffix(""))
        self.page = Page(name, self.path, part=None)
        self.code_cells: list[IPyNbCell] = []
        for cell in super().collect():
            self.code_cells.append(cell)
            yield cell
        yield ShapeComments.from_parent(self, name="shape comments are true")
        yield Verdicts.from_parent(
            self, name="verdicts are asserted or explained"
        )
        yield NothingDead.from_parent(self, name="nothing is dead in Colab")

    def run(self, code: str) -> None:
        """Run code in the kernel, between the chapter's cells."""
        message = self.kernel.execute_cell_input(code, allow_stdin=False)
        self.kernel.await_reply(message)
        self.kernel.await_idle(message, timeout=60)

    def report(self) -> dict:
        """Return what the kernel has noted."""
        with TemporaryDirectory() as folder:
            file = Path(folder, "report.json")
            self.run(f"_running.report({str(file)!r})")
            return json.loads(file.read_text("utf-8"))


@cache
def press() -> Press:
    """Return the press of this process, which packs the package once."""
    return make_press()


class _WholeRun(pytest.Item):
    """A test that needs every cell to have run."""

    parent: ChapterFile

    def setup(self) -> None:
        """Ask whether the cells have run."""
        if any(cell.test_outputs is None for cell in self.parent.code_cells):
            pytest.skip("not every cell of the chapter has run")

    def reportinfo(self):
        """Return the place that a failure names."""
        return self.path, 0, f"{self.parent.page.name}: {self.name}"

    def repr_failure(self, excinfo):
        """Return the faults, one a line."""
        return str(excinfo.value)


class ShapeComments(_WholeRun):
    """`# [B, T]` at the end of a line is the shape of what the line makes."""

    def runtest(self) -> None:
        """Ask the kernel which comments were not true."""
        found = self.parent.report()
        assert found["comments"] > 0, "no line says its shape"
        hold(found["faults"])


class Verdicts(_WholeRun):
    """A True, False or NaN that is printed is asserted, or explained."""

    def runtest(self) -> None:
        """Read what the cells printed."""
        chapter = read(self.parent.page.name, BOOK)
        said = {
            run.cell.id: words(run.test_outputs)
            for run in self.parent.code_cells
        }
        hold(faults_of_outputs(chapter, said))


class NothingDead(_WholeRun):
    """No output asks for what a saved notebook has not; it opens in Colab."""

    def runtest(self) -> None:
        """Read what the cells showed, and ask for widgets."""
        students = Edition(self.parent.page, press()).text()
        assert len(students.encode()) < MOST_BYTES
        assert self.parent.report()["widgets"] == 0
        cells = [
            run.cell | {"outputs": run.test_outputs}
            for run in self.parent.code_cells
        ]
        hold(list(faults(new_notebook(cells=cells))))
