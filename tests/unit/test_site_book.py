"""The Sphinx extension: what the cache hangs on, and the wheel that Colab installs."""

import sys
import zipfile
from types import SimpleNamespace

import pytest

book = pytest.importorskip("seqviz.site.book")

from seqviz.data import download
from seqviz.project import project
from seqviz.site import inputs
from seqviz.site.inputs import STORED
from seqviz.site.sync import copies

#: Files of the checkout that an output may depend on, and files that it does not.
INPUTS = (
    "requirements.txt",
    "seqviz/layers/masking.py",
    "seqviz/data/shop/products.csv",
    "seqviz/data/retail_categories.json",
    "seqviz/explorers/interest/view.js",
    "book/interests/comirec_sa_runs.npz",
    "book/foundations/behavior_tensors_runs.npz",
    "book/interests/comirec_sa_experiment.py",
)
LOOKS = (
    "seqviz/site/page.css",
    "seqviz/site/page.py",
    "seqviz/site/book.py",
    "book/intro.md",
)


@pytest.fixture
def tree(tmp_path, monkeypatch):
    monkeypatch.delenv("SEQVIZ_DATA", raising=False)
    root = tmp_path / "checkout"
    for name in (*INPUTS, *LOOKS):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("one")
    return root


def test_the_names_below_are_real(root):
    assert [name for name in (*INPUTS, *LOOKS) if not (root / name).is_file()] == []


@pytest.mark.parametrize("name", INPUTS)
def test_a_change_of_what_an_output_depends_on_changes_the_key(tree, name):
    before = inputs.cache_key(tree)
    assert inputs.cache_key(tree) == before
    (tree / name).write_text("two")
    assert inputs.cache_key(tree) != before


def test_real_data_changes_the_key(tree, tmp_path, monkeypatch):
    before = inputs.cache_key(tree)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "ratings.dat").write_text("1::2::3")
    monkeypatch.setenv("SEQVIZ_DATA", str(tmp_path / "data"))
    assert inputs.cache_key(tree) != before


def test_real_data_is_looked_for_where_the_loaders_look(monkeypatch):
    monkeypatch.delenv("SEQVIZ_DATA", raising=False)
    assert inputs.data_folder() == download.cache_folder()


@pytest.mark.parametrize("name", LOOKS)
def test_words_and_looks_do_not_change_the_key(tree, name):
    before = inputs.cache_key(tree)
    (tree / name).write_text("two")
    assert inputs.cache_key(tree) == before


@pytest.mark.parametrize("name", LOOKS[:3])
def test_a_new_look_makes_all_pages_again(tree, name):
    before = inputs.press_key(tree)
    assert inputs.press_key(tree) == before
    (tree / name).write_text("two")
    assert inputs.press_key(tree) != before


@pytest.mark.parametrize("name", [*INPUTS, *LOOKS, "_toc.yml", "pyproject.toml"])
def test_any_change_asks_for_a_new_book(tree, name):
    before = inputs.book_key(tree)
    (tree / name).write_text("two")
    assert inputs.book_key(tree) != before


def test_a_new_page_asks_for_a_new_book_and_a_compiled_file_does_not(tree):
    before = inputs.book_key(tree)
    (tree / "seqviz/layers/__pycache__").mkdir()
    (tree / "seqviz/layers/__pycache__/masking.cpython-311.pyc").write_text("one")
    assert inputs.book_key(tree) == before
    (tree / "book/one_more.md").write_text("one")
    assert inputs.book_key(tree) != before


@pytest.mark.parametrize("folder", [".ruff_cache", ".ipynb_checkpoints", "__pycache__"])
def test_what_a_tool_leaves_in_the_book_asks_for_nothing(tree, folder):
    before = inputs.book_key(tree)
    (tree / "book" / folder).mkdir()
    (tree / "book" / folder / "left.md").write_text("one")
    assert inputs.book_key(tree) == before


def test_a_new_layer_is_no_new_look(tree):
    before = inputs.press_key(tree)
    (tree / "seqviz/layers/masking.py").write_text("two")
    assert inputs.press_key(tree) == before


@pytest.mark.parametrize(
    ("keys", "again"),
    [
        (("p", "k"), set()),
        (("p", "other"), {"chapter"}),
        (("other", "k"), {"chapter", "notation"}),
        (None, {"chapter", "notation"}),  # made before there were keys
    ],
)
def test_pages_are_made_again_only_for_a_reason(keys, again, monkeypatch):
    monkeypatch.setattr(book, "press_key", lambda: "p")
    monkeypatch.setattr(book, "cache_key", lambda: "k")
    env = SimpleNamespace(
        found_docs={"chapter", "notation"},
        metadata={"chapter": {"kernelspec": {}}},
        doc2path=lambda name: f"{name}.md",
    )
    if keys:
        env.seqviz_keys = keys
    assert set(book.outdated_pages(None, env, set(), set(), set())) == again
    assert book.outdated_pages(None, env, set(), set(), set()) == []


def test_what_a_build_ended_with_is_said(monkeypatch):
    said = []
    error = SimpleNamespace(error=lambda text, *given: said.append(text % given))
    monkeypatch.setattr(book, "log", error)
    book.say_what_failed(None, None)
    assert said == []
    book.say_what_failed(None, ValueError("forty pages are missing"))
    assert "forty pages are missing" in said[0]


def test_the_wheel_holds_the_package_and_its_front_end(tmp_path):
    names = zipfile.ZipFile(book.build_wheel(tmp_path)).namelist()
    assert "seqviz/__init__.py" in names
    assert "seqviz/explorers/core/host.js" in names
    assert "seqviz/figures/charts.js" in names
    assert not [name for name in names if "__pycache__" in name]


def test_the_first_cell_fetches_the_wheel_that_the_book_publishes(root, tmp_path):
    wheel = book.build_wheel(tmp_path)
    assert f"/wheels/{wheel.name}" in copies(root)[root / "book" / "first_cell.py"]
    with zipfile.ZipFile(wheel) as files:
        name = f"{wheel.name.split('-py3')[0]}.dist-info/METADATA"
        stated = files.read(name).decode()
    assert f"Project-URL: Homepage, {project().address}\n" in stated


def test_the_results_lie_where_colab_looks_for_them(root, tmp_path):
    book.copy_results(root / "book", tmp_path)
    stored = sorted(p.relative_to(root / "book") for p in _results(root / "book"))
    assert sorted(p.relative_to(tmp_path) for p in _results(tmp_path)) == stored
    assert stored


def _results(folder):
    return list(folder.rglob(STORED))


SLOW = """
import socket, sys, time
unix, where = sys.argv[1] == "unix", sys.argv[2]
server = socket.socket(socket.AF_UNIX if unix else socket.AF_INET)
server.bind(where if unix else ("127.0.0.1", int(where)))
time.sleep(0.3)
server.listen()
server.accept()
"""


def test_a_busy_node_that_does_not_listen_yet_is_waited_for(tmp_path, monkeypatch):
    katex = pytest.importorskip("sphinxcontrib.katex")
    for name in ("STARTUP_TIMEOUT", "RENDER_TIMEOUT", "NODEJS_BINARY"):
        monkeypatch.setattr(katex, name, getattr(katex, name))
    start = katex.KaTeXServer.start_server_process
    monkeypatch.setattr(katex.KaTeXServer, "start_server_process", start)

    def command(socket=None, port=None):
        return [
            sys.executable,
            "-c",
            SLOW,
            *(("unix", str(socket)) if socket else ("tcp", str(port))),
        ]

    monkeypatch.setattr(katex.KaTeXServer, "build_command", command)
    book.find_katex()
    process, connection = katex.KaTeXServer.start_server_process(tmp_path, 20.0)
    connection.close()
    process.communicate()
    assert process.returncode == 0


def test_the_chart_loader_knows_each_dark_color():
    script = book.charts_js()
    assert '"#305270": "#97b7d2"' in script
    assert '"#ffffff":' not in script.splitlines()[2]
