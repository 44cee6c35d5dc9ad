"""What a chapter defines, in its notebook and in the script of its long runs."""

import ast
import importlib.util
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

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


def experiment(chapter: str) -> ModuleType:
    """Return ``book/<chapter>_experiment.py`` as a module; siblings can be imported."""
    path = BOOK / f"{chapter}_experiment.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(path.parent))
    return module
