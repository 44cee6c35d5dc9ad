"""Pages run side by side, and myst-nb then finds each of them in its cache."""

import logging
import shutil

import nbformat
import pytest

execution = pytest.importorskip("seqviz.site.execution")

from myst_nb.core.config import NbParserConfig
from myst_nb.core.execute import create_client

MARKDOWN = """---
jupytext:
  text_representation:
    format_name: myst
kernelspec:
  name: python3
  display_name: Python 3 (ipykernel)
---

# A page

```{code-cell} ipython3
:tags: [remove-input]
print(6 * 7)
```
"""


def write_notebook(path, *sources):
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in sources],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(notebook, path)
    return path


def fill(folder, pages, timeout=120):
    said = []
    failures = execution.fill_cache(folder, pages, timeout=timeout, say=said.append)
    return failures, said


def outputs_of_the_build(folder, page, monkeypatch):
    """Return what myst-nb prints for a page; it may not run anything."""

    def run(*_, **__):
        raise AssertionError(f"{page.name} was not in the cache")

    monkeypatch.setattr("myst_nb.core.execute.cache.single_nb_execution", run)
    config = NbParserConfig(execution_mode="cache", execution_cache_path=str(folder))
    notebook = execution.read_notebook(page)
    with create_client(notebook, str(page), config, logging.getLogger()) as client:
        cells = [c for c in client.notebook.cells if c.cell_type == "code"]
        return [output.text for cell in cells for output in cell.outputs]


def test_what_ran_is_what_the_build_finds(tmp_path, monkeypatch, capfd):
    one = write_notebook(tmp_path / "one.ipynb", "x = 20", "print(x + 1)")
    two = tmp_path / "two.md"
    two.write_text(MARKDOWN)
    text = tmp_path / "text.md"
    text.write_text("# Nothing runs here\n")
    cache = tmp_path / "cache"
    failures, said = fill(cache, [one, two, text])
    assert failures == []
    assert said[0].startswith("Running 2 pages")
    assert {line.split()[3] for line in said[1:]} == {"one", "two"}
    assert [line.split()[:3] for line in said[1:]] == [
        ["1", "of", "2"],
        ["2", "of", "2"],
    ]
    assert fill(cache, [one, two, text]) == ([], [])
    # kernels have nothing to warn of
    assert capfd.readouterr() == ("", "")
    assert outputs_of_the_build(cache, one, monkeypatch) == ["21\n"]
    assert outputs_of_the_build(cache, two, monkeypatch) == ["42\n"]


def test_a_failing_cell_is_shown_and_the_others_are_kept(tmp_path):
    bad = write_notebook(tmp_path / "bad.ipynb", "left = 1", "left / 0  # no")
    good = write_notebook(tmp_path / "good.ipynb", "print('here')")
    cache = tmp_path / "cache"
    failures, said = fill(cache, [bad, good])
    [(page, message)] = failures
    assert page == bad
    assert "left / 0  # no" in message and "ZeroDivisionError" in message
    assert [line for line in said if "failed" in line][0].split()[3] == "bad"
    assert fill(cache, [bad, good])[1][0] == "Running 1 pages, 1 at a time"


def test_a_cell_that_takes_too_long_fails(tmp_path):
    slow = write_notebook(tmp_path / "slow.ipynb", "import time; time.sleep(600)")
    [(_, message)], _ = fill(tmp_path / "cache", [slow], timeout=1)
    assert "time.sleep(600)" in message


def test_an_entry_without_its_file_runs_again(tmp_path):
    """As a build leaves it that was stopped between the two writes."""
    page = write_notebook(tmp_path / "one.ipynb", "1 + 1")
    cache = tmp_path / "cache"
    fill(cache, [page])
    for path in list(cache.rglob("base.ipynb")):
        shutil.rmtree(path.parent)
    failures, said = fill(cache, [page])
    assert failures == [] and len(said) == 2
