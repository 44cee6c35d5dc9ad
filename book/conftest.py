"""While nbval runs a chapter it is watched; two tests follow its cells.

They find what only shows in a run: see tests/notebooks/kinds. The kernel is
forked from a process that has imported what is slow: tests/editions/warm.py.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import kinds
import nbval.kernel
import pytest
from kinds.chapters import hold, read
from kinds.outputs import faults_of_outputs
from kinds.running import words
from nbval.plugin import IPyNbCell, IPyNbFile
from running import SECONDS, warm

BOOK = Path(__file__).parent
WATCH = f"""
import sys as _sys
_sys.path.append({str(Path(kinds.__file__).parents[1])!r})
import kinds.running as _running
_running.watch({{name!r}}, {str(BOOK)!r})
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
        """Start the kernel and watch it."""
        self.config.option.nbval_kernel_startup_timeout = SECONDS
        with patch.object(
            nbval.kernel, "NbvalKernelspecManager", lambda: warm(self.config)
        ):
            super().setup()
        self.run(WATCH.format(name=self.chapter.name))

    def collect(self) -> Iterator[pytest.Item]:
        """Yield the cells, then the tests of what they did."""
        self.chapter = read(
            str(self.path.relative_to(BOOK).with_suffix("")), BOOK
        )
        self.code_cells: list[IPyNbCell] = []
        for cell in super().collect():
            self.code_cells.append(cell)
            yield cell
        yield ShapeComments.from_parent(self, name="shape comments are true")
        yield Verdicts.from_parent(
            self, name="verdicts are asserted or explained"
        )

    def run(self, code: str) -> None:
        """Run code in the kernel, between the chapter's cells."""
        message = self.kernel.execute_cell_input(code, allow_stdin=False)
        self.kernel.await_reply(message)
        self.kernel.await_idle(message, timeout=60)


class _WholeRun(pytest.Item):
    """A test that needs every cell to have run."""

    parent: ChapterFile

    def setup(self) -> None:
        """Ask whether the cells have run."""
        if any(cell.test_outputs is None for cell in self.parent.code_cells):
            pytest.skip("not every cell of the chapter has run")

    def reportinfo(self):
        """Return the place that a failure names."""
        return self.path, 0, f"{self.parent.chapter.name}: {self.name}"

    def repr_failure(self, excinfo):
        """Return the faults, one a line."""
        return str(excinfo.value)


class ShapeComments(_WholeRun):
    """`# [B, T]` at the end of a line is the shape of what the line makes."""

    def runtest(self) -> None:
        """Ask the kernel which comments were not true."""
        with TemporaryDirectory() as folder:
            file = Path(folder, "shapes.json")
            self.parent.run(f"_running.report({str(file)!r})")
            count, faults = json.loads(file.read_text("utf-8"))
        assert count > 0, "no line says its shape"
        hold(faults)


class Verdicts(_WholeRun):
    """A True, False or NaN that is printed is asserted, or explained."""

    def runtest(self) -> None:
        """Read what the cells printed."""
        chapter, ran = self.parent.chapter, self.parent.code_cells
        said = {
            cell.id: words(run.test_outputs)
            for cell, run in zip(chapter.of_kind("code"), ran, strict=True)
        }
        hold(faults_of_outputs(chapter, said))
