import io
from http.client import IncompleteRead
from urllib.error import URLError

import pytest

from seqviz.experiments import results
from seqviz.experiments.results import ResultsNotFound, find_results, stored_by
from seqviz.project import project

NAME = "sequence/sasrec_runs.npz"


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """A folder and a package without results, as in Colab."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(results, "BOOK", tmp_path / "none")
    return tmp_path


def _network(monkeypatch, answer):
    asked = []

    def urlopen(address, timeout):
        asked.append(address)
        if isinstance(answer, Exception):
            raise answer
        return io.BytesIO(answer)

    monkeypatch.setattr(results, "urlopen", urlopen)
    return asked


def test_the_file_beside_the_notebook_comes_first(nowhere, monkeypatch):
    asked = _network(monkeypatch, URLError("not asked"))
    (nowhere / "sasrec_runs.npz").write_bytes(b"here")
    assert find_results(NAME) == b"here"
    assert asked == []


def test_a_checkout_has_them_wherever_python_was_started(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    _network(monkeypatch, URLError("not asked"))
    assert find_results("foundations/behavior_tensors_runs.npz")


def test_colab_reads_them_from_the_published_book(nowhere, monkeypatch):
    asked = _network(monkeypatch, b"published")
    assert find_results(NAME) == b"published"
    assert asked == [f"{project().address}/{NAME}"]


@pytest.mark.parametrize(
    "error",
    [
        URLError("no route"),
        TimeoutError("30 s"),
        ConnectionResetError("while reading"),
        IncompleteRead(b"mod"),
    ],
)
def test_without_a_network_it_says_what_to_do(nowhere, monkeypatch, error):
    _network(monkeypatch, error)
    with pytest.raises(ResultsNotFound, match=r"no sasrec_runs.npz in .*network"):
        find_results(NAME)


def test_a_caption_says_what_was_run_and_when():
    made_by = "command: make experiments (3 seeds); date: 2026-11-21; torch 2, cpu"
    assert stored_by(made_by) == (
        "Stored by `make experiments (3 seeds)`; date: 2026-11-21; torch 2, cpu."
    )
