"""What is different in Colab: a cell whose package is missing says so and goes on."""

import sys

import pytest
from IPython.core.interactiveshell import InteractiveShell

from seqviz.colab import in_colab, missing


@pytest.fixture
def shell():
    shell = InteractiveShell()
    shell.run_line_magic("load_ext", "seqviz.colab")
    return shell


def test_a_cell_runs_when_its_package_is_there(shell, capsys):
    shell.run_cell("%%needs json json\nimport json\nnumber = 1 + 1\nprint(number)")
    assert capsys.readouterr().out == "2\n"
    assert shell.user_ns["number"] == 2


def test_a_missing_package_is_a_sentence_with_the_line_to_install_it(
    shell, monkeypatch
):
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    monkeypatch.setitem(sys.modules, "faiss", None)
    done = shell.run_cell("%%needs faiss faiss-cpu\nimport faiss")
    assert done.success
    assert shown[0].data == missing("faiss", "faiss-cpu")
    assert "`%pip install faiss-cpu`" in shown[0].data


def test_a_fault_of_the_cell_stays_a_fault(shell, capsys):
    done = shell.run_cell("%%needs json json\n1 / 0")
    assert isinstance(done.error_in_exec, ZeroDivisionError)


def test_colab_is_known_by_its_package(monkeypatch):
    assert not in_colab()
    monkeypatch.setitem(sys.modules, "google.colab", object())
    assert in_colab()


def test_without_faiss_only_an_index_is_refused(monkeypatch):
    torch = pytest.importorskip("torch")
    from seqviz.retrieval import ItemSearch

    monkeypatch.setitem(sys.modules, "faiss", None)
    vectors = torch.eye(4)
    assert ItemSearch(vectors).top(vectors[2:3], 1)[1].tolist() == [[2]]
    with pytest.raises(ImportError, match="'flat' needs FAISS.*pip install faiss-cpu"):
        ItemSearch(vectors, "flat")
