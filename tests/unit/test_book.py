"""The Sphinx extension: what the cache hangs on, and the wheel that Colab installs."""

import zipfile

import pytest

book = pytest.importorskip("seqviz.book")


@pytest.fixture
def tree(tmp_path, monkeypatch):
    monkeypatch.delenv("SEQVIZ_DATA", raising=False)
    root = tmp_path / "checkout"
    for name in ("seqviz/layers.py", "seqviz/explorers/map.js", "book/table.csv"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("one")
    (root / "requirements.txt").write_text("torch==2")
    return root


@pytest.mark.parametrize(
    "name",
    [
        "seqviz/layers.py",
        "seqviz/explorers/map.js",
        "book/table.csv",
        "requirements.txt",
    ],
)
def test_a_change_of_what_an_output_depends_on_changes_the_key(tree, name):
    before = book.cache_key(tree)
    assert book.cache_key(tree) == before
    (tree / name).write_text("two")
    assert book.cache_key(tree) != before


def test_real_data_changes_the_key(tree, tmp_path, monkeypatch):
    before = book.cache_key(tree)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "ratings.dat").write_text("1::2::3")
    monkeypatch.setenv("SEQVIZ_DATA", str(tmp_path / "data"))
    assert book.cache_key(tree) != before


def test_the_page_text_does_not_change_the_key(tree):
    before = book.cache_key(tree)
    (tree / "book" / "intro.md").write_text("words")
    assert book.cache_key(tree) == before


def test_the_wheel_holds_the_package_and_its_front_end(tmp_path):
    names = zipfile.ZipFile(book.build_wheel(tmp_path)).namelist()
    assert "seqviz/__init__.py" in names
    assert "seqviz/explorers/host.js" in names
    assert "seqviz/figures/charts.js" in names
    assert not [name for name in names if "__pycache__" in name]


def test_the_chart_loader_knows_each_dark_color():
    script = book.charts_js()
    assert '"#305270": "#97b7d2"' in script
    assert '"#ffffff":' not in script.splitlines()[1]
