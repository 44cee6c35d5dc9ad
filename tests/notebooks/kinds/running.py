"""What is watched while nbval runs a chapter: its shape comments and its outputs.

:func:`watch` and :func:`report` are called in the chapter's kernel (book/conftest.py).
"""

import ast
import json
import re
from pathlib import Path
from typing import Any

from comm import get_comm_manager
from IPython import get_ipython

from kinds.shapes import Scope, Shapes, assigned, faults_of_shapes, instrument

SHAPES = Shapes()


def watch(where: dict[str, str]) -> None:
    """Let the cells report the shapes that their comments name.

    Args:
        where: the words with which a fault begins, by the source of the cell.
    """
    shell = get_ipython()
    # What begins with a magic is not Python; a needed cell runs below its magic.
    plain = {re.sub(r"^%%needs .*\n", "", text): said for text, said in where.items()}
    watching = _Watch({t: said for t, said in plain.items() if "\n%" not in t})
    shell.user_ns["__shapes__"] = SHAPES
    shell.ast_transformers.append(watching)
    shell.events.register("pre_run_cell", watching.begin)


def report(file: str) -> None:
    """Write how many shape comments there were, which are not true, and the widgets."""
    found = {
        "comments": len(SHAPES.specs),
        "faults": faults_of_shapes(SHAPES.specs),
        "widgets": len(get_comm_manager().comms),
    }
    Path(file).write_text(json.dumps(found), "utf-8")


def words(outputs: list[dict[str, Any]]) -> str:
    """Return what a cell prints and shows as text; a figure's data are no text."""
    parts = []
    for output in outputs:
        data = output.get("data", {})
        html = data.get("text/html", "")
        if output.get("name") == "stdout":
            parts.append(output["text"])
        elif "text/markdown" in data:
            parts.append(data["text/markdown"])
        elif html and not re.search(r"<(script|svg|img)", html):
            parts.append(re.sub(r"<[^>]+>", " ", html))
        elif not html and "text/plain" in data:
            parts.append(data["text/plain"])
    return "\n".join(parts)


class _Watch(ast.NodeTransformer):
    """Hands the tree of each cell to :func:`kinds.shapes.instrument`."""

    def __init__(self, where: dict[str, str]):
        self.where = where
        self.source = ""

    def begin(self, info: Any) -> None:
        """Note the cell that is about to run."""
        self.source = info.raw_cell
        if self.source in self.where:
            variables = assigned(ast.parse(self.source))
            get_ipython().user_ns["__scope__"] = Scope(variables=variables)

    def visit(self, node: ast.AST) -> ast.AST:
        """Return the tree that reports its shapes."""
        where = self.where.get(self.source)
        return instrument(self.source, node, where, SHAPES) if where else node
