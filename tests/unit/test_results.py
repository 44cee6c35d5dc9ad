import io
from http.client import IncompleteRead
from urllib.error import URLError

import pytest
import yaml

from seqviz import results
from seqviz.results import ADDRESS, ResultsNotFound, read_results

TABLE = "# command: make experiments; torch 2\nmodel,seed,recall@20\na,0,0.25\n"


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """A folder and a package without results, as in Colab."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(results, "_BOOK", tmp_path / "none")
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
    runs, made_by = read_results("interests/comirec_sa")
    assert len(runs) and made_by.startswith("command: make experiments")


def test_colab_reads_them_from_the_published_book(nowhere, monkeypatch):
    asked = _network(monkeypatch, TABLE)
    assert read_results("interests/comirec_sa").runs.shape == (1, 3)
    assert asked == [f"{ADDRESS}/interests/comirec_sa_results.csv"]


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


def test_the_address_is_that_of_the_book(root):
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    assert ADDRESS == config["html"]["baseurl"].rstrip("/")
