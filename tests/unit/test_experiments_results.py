import io
from http.client import IncompleteRead
from urllib.error import URLError

import pandas as pd
import pytest

from seqviz.experiments import results
from seqviz.experiments.results import (
    Results,
    ResultsNotFound,
    mean_and_spread,
    read_results,
    write_results,
)
from seqviz.project import project

TABLE = "# command: make experiments; torch 2\nmodel,seed,recall@20\na,0,0.25\n"


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
        return io.BytesIO(answer.encode())

    monkeypatch.setattr(results, "urlopen", urlopen)
    return asked


def test_the_file_beside_the_notebook_comes_first(nowhere, monkeypatch):
    asked = _network(monkeypatch, URLError("not asked"))
    (nowhere / "sasrec_results.csv").write_text(TABLE)
    runs, made_by = read_results("sequence/sasrec")
    assert made_by == "command: make experiments; torch 2"
    assert runs.to_dict("records") == [{"model": "a", "seed": 0, "recall@20": 0.25}]
    assert asked == []


def test_a_checkout_has_them_wherever_python_was_started(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    _network(monkeypatch, URLError("not asked"))
    runs, made_by = read_results("foundations/behavior_tensors")
    assert len(runs) and made_by.startswith("command: make experiments")


def test_colab_reads_them_from_the_published_book(nowhere, monkeypatch):
    asked = _network(monkeypatch, TABLE)
    assert read_results("interests/comirec_sa").runs.shape == (1, 3)
    assert asked == [f"{project().address}/interests/comirec_sa_results.csv"]


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
    with pytest.raises(ResultsNotFound, match="no sasrec_results.csv in .*network"):
        read_results("sequence/sasrec")


def test_a_file_that_does_not_say_how_it_was_made_is_refused(nowhere):
    (nowhere / "sasrec_results.csv").write_text("model,seed\na,0\n")
    with pytest.raises(ValueError, match="first line of sasrec_results.csv must"):
        read_results("sequence/sasrec")


def _runs(*rows):
    return pd.DataFrame(rows, columns=["dataset", "model", "recall"])


def test_what_is_written_is_read(nowhere):
    path = nowhere / "sasrec_results.csv"
    runs = _runs(("shop", "a", 1 / 3), ("shop", "b", 0.5))
    write_results(
        path, runs, command="make experiments (2 seeds)", settings={"epochs": 3}
    )
    back, made_by = read_results("sequence/sasrec")
    assert made_by.startswith("command: make experiments (2 seeds); date: 2")
    assert "torch" in made_by and made_by.endswith(", cpu")
    assert path.read_text().splitlines()[1] == '# settings: {"epochs": 3}'
    assert back.to_numpy().tolist() == [["shop", "a", 0.33333], ["shop", "b", 0.5]]


@pytest.mark.parametrize("key", [["dataset", "model"], ["model"]])
def test_a_part_of_the_runs_takes_the_places_of_the_old_ones(nowhere, key):
    path = nowhere / "sasrec_results.csv"
    write_results(path, _runs(("shop", "a", 1), ("shop", "b", 2), ("shop", "c", 3)))
    write_results(path, _runs(("shop", "d", 9), ("shop", "b", 8)), key=key)
    rows = read_results("sequence/sasrec").runs
    assert rows["model"].tolist() == ["a", "b", "c", "d"]
    assert rows["recall"].tolist() == [1, 8, 3, 9]


def test_without_a_key_nothing_old_stays(nowhere):
    path = nowhere / "sasrec_results.csv"
    write_results(path, _runs(("shop", "a", 1)))
    write_results(path, _runs(("shop", "b", 2)))
    assert read_results("sequence/sasrec").runs["model"].tolist() == ["b"]


def test_several_runs_of_one_name_go_together(nowhere):
    path = nowhere / "sasrec_results.csv"
    write_results(path, _runs(("shop", "a", 1), ("shop", "a", 2), ("films", "a", 3)))
    write_results(path, _runs(("shop", "b", 4)), key=["dataset"])
    rows = read_results("sequence/sasrec").runs
    assert rows.to_numpy().tolist() == [["shop", "b", 4], ["films", "a", 3]]


def test_a_caption_says_what_was_run_and_when():
    made_by = "command: make experiments (3 seeds); date: 2026-11-21; torch 2, cpu"
    said = Results(pd.DataFrame(), made_by).stored_by
    assert (
        said
        == "Stored by `make experiments (3 seeds)`; date: 2026-11-21; torch 2, cpu."
    )


@pytest.mark.parametrize(
    ("values", "said"),
    [([0.1, 0.2, 0.3], "0.200 ± 0.100"), ([0.25], "0.250"), ([], "–")],
)
def test_seeds_have_a_mean_and_a_spread(values, said):
    assert mean_and_spread(pd.Series(values, dtype=float)) == said
