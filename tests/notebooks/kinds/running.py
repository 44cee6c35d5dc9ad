"""Runs the code of a chapter once, with its shape comments watched.

``python -m kinds.running NAME BOOK FILE`` writes what happened as JSON into FILE. It is
a process of its own, so that chapters do not share seeds, figures or settings.
"""

import ast
import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from kinds.chapters import BOOK, ROOT, Chapter, read
from kinds.shapes import Scope, Shapes, assigned, faults_of_shapes, instrument

HOME = Path(__file__).resolve().parents[1]


@dataclass
class Run:
    """What a chapter did: its outputs by cell, and its shape comments."""

    outputs: dict[str, str]
    shape_comments: int
    shape_faults: list[str]
    error: str | None = None


@cache
def run_of(name: str, book: Path = BOOK) -> Run:
    """Return the run of a chapter; it runs once in a session of tests."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "run.json"
        environment = {
            **os.environ,
            "MPLBACKEND": "Agg",
            "OMP_NUM_THREADS": "1",
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(HOME)]),
            "SEQVIZ_BOOK": "1",
            "TQDM_DISABLE": "1",
            "IPYTHONDIR": folder,
        }
        done = subprocess.run(
            [sys.executable, "-m", "kinds.running", name, str(book), str(file)],
            cwd=(book / name).parent,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            return Run({}, 0, [], done.stderr[-3000:])
        return Run(**json.loads(file.read_text("utf-8")))


def run(chapter: Chapter) -> Run:
    """Run all cells in order, as a kernel would, and stop at the first error."""
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    shell = InteractiveShell.instance()
    shell.history_manager.enabled = False
    shapes = Shapes()
    shell.user_ns["__shapes__"] = shapes
    watch = Watch(shapes)
    shell.ast_transformers.append(watch)
    outputs, error = {}, None
    for cell in chapter.of_kind("code"):
        watch.source, watch.where = cell.text, chapter.where(cell)
        shell.user_ns["__scope__"] = Scope(variables=assigned(ast.parse(cell.text)))
        with capture_output() as captured:
            shell.display_trap.hook = sys.displayhook  # the one that captures
            result = shell.run_cell(cell.text)
        if not result.success:
            raised = result.error_before_exec or result.error_in_exec
            error = f"{chapter.where(cell)}: {type(raised).__name__}: {raised}"
            break
        outputs[cell.id] = _words(captured)
    faults = faults_of_shapes(shapes.specs)
    return Run(outputs, len(shapes.specs), faults, error)


class Watch(ast.NodeTransformer):
    """Hands the tree of each cell to :func:`kinds.shapes.instrument`."""

    def __init__(self, shapes: Shapes):
        self.shapes = shapes
        self.source = self.where = ""

    def visit(self, node: ast.AST) -> ast.AST:
        """Return the tree that reports its shapes."""
        return instrument(self.source, node, self.where, self.shapes)


def _words(captured) -> str:
    """Return what a cell prints and shows as text; a figure's data are no text."""
    parts = [captured.stdout]
    for output in captured.outputs:
        data = output.data
        html = data.get("text/html", "")
        if "text/markdown" in data:
            parts.append(data["text/markdown"])
        elif html and not re.search(r"<(script|svg|img)", html):
            parts.append(re.sub(r"<[^>]+>", " ", html))
        elif not html and "text/plain" in data:
            parts.append(data["text/plain"])
    return "\n".join(parts)


def main(name: str, book: str, file: str) -> None:
    """Run the chapter of that name and write its run."""
    done = run(read(name, Path(book)))
    Path(file).write_text(json.dumps(asdict(done)), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
