"""Imports of seqviz run one way, downwards."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "seqviz"

#: From the ground up. A room may import from lower floors and from itself.
FLOORS = (
    *("arguments", "colab", "project", "start"),
    *("data", "layers", "models", "metrics", "retrieval", "experiments"),
    *("figures", "explorers", "report", "checks", "course", "site", "__main__"),
)
FILES = sorted(PACKAGE.rglob("*.py"))


def _room(path):
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def _imports(path):
    """Return the seqviz modules that a file names, inside functions too."""
    here = ["seqviz", *path.relative_to(PACKAGE).parts]
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            start = here[: -node.level] if node.level else []
            module = ".".join([*start, *filter(None, [node.module])])
            names.append(module)
            if module == "seqviz":
                names += [f"seqviz.{alias.name}" for alias in node.names]
    return [name.split(".") for name in names if name.startswith("seqviz.")]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_run_downwards(path):
    room = _room(path)
    if room == "__init__":
        return
    assert room in FLOORS, f"give {room} a floor in FLOORS"
    for _, other, *_ in _imports(path):
        assert FLOORS.index(other) <= FLOORS.index(room), f"{room} imports {other}"


def test_data_knows_no_model_and_layers_know_no_data():
    for path in FILES:
        rooms = {name[1] for name in _imports(path)}
        if _room(path) == "data":
            assert rooms <= {"data", "arguments"}
        if _room(path) == "layers":
            assert rooms <= {"layers", "arguments"}


def test_files_are_of_a_readable_length():
    for path in FILES:
        lines = len(path.read_text(encoding="utf-8").splitlines())
        assert lines <= 600, f"{path.relative_to(PACKAGE)} has {lines} lines"


def test_no_room_is_called_by_what_it_is_not():
    names = {path.stem for path in FILES}
    assert not names & {"utils", "helpers", "common", "misc", "tools"}
