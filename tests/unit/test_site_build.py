"""A second ``make book`` has nothing to do only while that is true."""

import subprocess
import sys
from importlib import import_module

import pytest

from seqviz.site.build import is_built, leave_stamp


@pytest.fixture
def built(tmp_path):
    """A checkout whose pages were made from "key"."""
    for name in ("intro.html", "charts/plotly.min.js"):
        path = tmp_path / "_build" / "html" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("made")
    leave_stamp("key", tmp_path)
    return tmp_path


def test_nothing_is_to_do_after_a_build(built):
    assert is_built("key", built)


def test_other_inputs_ask_for_a_build(built):
    assert not is_built("other", built)


@pytest.mark.parametrize("name", ["intro.html", "charts/plotly.min.js"])
def test_a_file_that_is_gone_or_cut_asks_for_a_build(built, name):
    path = built / "_build" / "html" / name
    path.write_text("mad")
    assert not is_built("key", built)
    path.unlink()
    assert not is_built("key", built)


@pytest.mark.parametrize("text", ["", "{", "[]"])
def test_a_broken_stamp_asks_for_a_build(built, text):
    (built / "_build" / "stamp.json").write_text(text)
    assert not is_built("key", built)


def test_without_a_stamp_there_is_no_build(tmp_path):
    assert not is_built("key", tmp_path)


def test_the_question_loads_nothing_heavy(root):
    """What is loaded before it is known that nothing changed, everyone waits for."""
    code = "import seqviz.site.build, sys; print('\\n'.join(sys.modules))"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, check=True)
    loaded = {name.split(".")[0] for name in done.stdout.decode().split()}
    assert "seqviz" in loaded
    assert loaded & {"torch", "numpy", "sphinx", "plotly", "yaml"} == set()


@pytest.mark.parametrize("name", ["build", "colab.__main__", "pdf", "sync"])
@pytest.mark.parametrize(("asked", "status"), [("--help", 0), ("--nothing", 2)])
def test_who_asks_for_help_gets_no_book(name, asked, status, capsys):
    with pytest.raises(SystemExit) as ended:
        import_module(f"seqviz.site.{name}").main([asked])
    assert ended.value.code == status
    assert "usage: python -m seqviz.site." in "".join(capsys.readouterr())
