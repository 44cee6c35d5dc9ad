"""Takes the functions and classes of a chapter out of its notebook."""

import ast
from pathlib import Path
from types import SimpleNamespace

import nbformat

BOOK = Path(__file__).resolve().parents[2] / "book"
KEPT = ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef


def definitions(chapter: str) -> SimpleNamespace:
    """Run the imports and definitions of ``book/<chapter>.ipynb``, nothing else.

    What the reader reads is then what the test tests; a name that is defined twice
    has its last meaning.
    """
    path = BOOK / f"{chapter}.ipynb"
    names: dict = {}
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            body = [n for n in ast.parse(cell.source).body if isinstance(n, KEPT)]
            module = ast.Module(body, type_ignores=[])
            exec(compile(module, str(path), "exec"), names)  # noqa: S102
    return SimpleNamespace(**names)
