"""An explorer is a folder: nothing else names it."""

import subprocess
import sys

import pytest

from seqviz import explorers
from seqviz.explorers.core.front import CORE, FOLDERS


def test_every_folder_but_core_is_an_explorer():
    folders = {path.parent for path in CORE.parent.glob("*/__init__.py")} - {CORE}
    assert folders == set(FOLDERS.values())
    assert [one.module for one in explorers.EXPLORERS] == list(FOLDERS)
    for explorer in explorers.EXPLORERS:
        assert issubclass(explorer, explorers.Explorer)
        assert explorer.__name__ in explorers.__all__
        assert {explorer.module, f"{explorer.module}.file"} <= set(explorers.MODULES)


def test_every_public_name_is_there():
    for name in explorers.__all__:
        assert getattr(explorers, name) is not None
        assert name in dir(explorers)
    with pytest.raises(AttributeError, match="no attribute Nothing"):
        _ = explorers.Nothing


def folder(path, text):
    path.mkdir()
    (path / "__init__.py").write_text(text)
    return path


def test_a_folder_must_say_what_it_gives(tmp_path):
    one = folder(tmp_path / "one", '__all__ = [\n    "A",\n    "b",\n]\n')
    assert explorers.owners({"one": one}) == {"A": "one", "b": "one"}
    two = folder(tmp_path / "two", '__all__ = ["A"]\n')
    with pytest.raises(ImportError, match="A is public in one and in two"):
        explorers.owners({"one": one, "two": two})
    none = folder(tmp_path / "none", "A = 1\n")
    with pytest.raises(ImportError, match="none/__init__.py must have __all__"):
        explorers.owners({"none": none})


def test_what_the_book_writes_is_there_without_torch():
    script = (
        "import sys; from seqviz.explorers import HOST, MODULES, STYLE; "
        "assert HOST and MODULES and STYLE; "
        "print(sorted({'torch', 'pandas', 'anywidget'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
