"""What stands in several files is copied from one, and the copies agree."""

import json
import re
import shutil

import pytest

sync = pytest.importorskip("seqviz.site.sync")


def test_the_copies_agree(root):
    differ = [
        f"{path.relative_to(root)} differs from what it copies: say make sync"
        for path, text in sync.copies(root).items()
        if path.read_text(encoding="utf-8") != text
    ]
    assert differ == []


@pytest.fixture
def tree(root, tmp_path):
    """A checkout of what holds a copy."""
    for path in [*sync.copies(root), root / "pyproject.toml", root / "_toc.yml"]:
        target = tmp_path / path.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    for path in (root / "book").rglob("*.md"):
        target = tmp_path / path.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return tmp_path


def replace(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_new_version_and_a_new_address_reach_every_copy(tree):
    project = sync.read_project(tree / "pyproject.toml")
    replace(tree / "pyproject.toml", f'"{project.version}"', '"9.8.7"')
    replace(tree / "pyproject.toml", project.address, "https://book.example/here")
    replace(tree / "pyproject.toml", project.repository, "https://code.example/it")
    texts = {str(p.relative_to(tree)): text for p, text in sync.copies(tree).items()}
    assert "https://book.example/here/\n" in texts["_config.yml"]
    assert "https://code.example/it\n" in texts["_config.yml"]
    assert "version: 9.8.7\n" in texts["CITATION.cff"]
    notebooks = [name for name in texts if name.endswith(".ipynb")]
    assert len(notebooks) == len(sync.chapters(tree))
    for name in ["book/first_cell.py", *notebooks]:
        assert "https://book.example/here" in texts[name]
        assert "seqviz_book-9.8.7-py3-none-any.whl" in texts[name]
    for name, text in texts.items():
        assert project.address not in text, name
        assert project.repository not in text, name


def test_a_new_color_of_an_interest_reaches_the_favicon(tree, monkeypatch):
    colors = {**sync.LIGHT, "interest-2": "#123456"}
    monkeypatch.setattr(sync, "LIGHT", colors)
    picture = sync.copies(tree)[tree / "book" / "_static" / "favicon.svg"]
    assert re.findall('fill="(.*?)"', picture)[1] == "#123456"


def test_a_line_of_the_first_cell_reaches_the_notebooks_and_nothing_else(tree):
    before = sync.copies(tree)
    replace(tree / "book" / "first_cell.py", "seed=7", "seed=8")
    for path, text in sync.copies(tree).items():
        if path.suffix == ".ipynb":
            old, new = json.loads(before[path]), json.loads(text)
            [first] = [cell for cell in new["cells"] if cell["id"] == "first-cell"]
            assert first["source"][-1] == "device = start(seed=8)"
            for notebook in (old, new):
                notebook["cells"] = [
                    cell for cell in notebook["cells"] if cell["id"] != "first-cell"
                ]
            assert old == new
        elif path.name != "first_cell.py":
            assert text == before[path]


def test_a_new_chapter_gets_its_first_cell(tree):
    path = sync.chapters(tree)[0].source
    expected = sync.copies(tree)[path]
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["cells"] = [c for c in notebook["cells"] if c["id"] != "first-cell"]
    path.write_text(json.dumps(notebook), encoding="utf-8")
    assert sync.copies(tree)[path] == expected


def test_a_file_that_lost_its_line_is_named(tree):
    replace(tree / "CITATION.cff", "version: ", "edition: ")
    with pytest.raises(ValueError, match="CITATION.cff must have one line that starts"):
        sync.copies(tree)
