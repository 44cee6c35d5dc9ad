"""A log in, a page and a model's folder out; the model comes back and answers."""

import json
import re
import subprocess
import sys
from urllib.error import HTTPError
from urllib.request import urlopen

import faiss
import numpy as np
import pytest
import torch

pytest.importorskip("duckdb", reason="the extra logs is not installed")
pytest.importorskip("safetensors", reason="the extra report is not installed")

from report_log import events, write_log

import seqviz
from seqviz.report import NotAModel
from seqviz.report.call import report
from seqviz.report.command import _as_options, main
from seqviz.report.families import FAMILIES, build
from seqviz.report.folder import store
from seqviz.report.labels import Labels, key_of
from seqviz.report.reading import cut
from seqviz.report.trials import Budget, Method, Trials

FEW = {"trials": 1, "seeds": 1, "epochs": 2, "progress": False}
TWO = ["ComiRec-SA", "SASRec"]


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """The report of a small log on two families, ids hashed."""
    folder = tmp_path_factory.mktemp("report")
    page = report(
        write_log(folder),
        folder / "out",
        budget=None,
        families=TWO,
        hash_ids=True,
        **FEW,
    )
    return page.parent


@pytest.fixture(scope="module")
def html(out):
    return (out / "index.html").read_text(encoding="utf-8")


def test_the_page_has_its_parts(html):
    titles = re.findall(r"<h2>(.*?)</h2>", html)
    assert titles == [
        "All methods", "Who wins where", "On your own users", "What to try next",
        "The log", "How it was cut", "The model to take along", "How this was made",
    ]  # fmt: skip
    modules = re.findall(r'<figure class="sv-explorer" data-module="(\w+)"', html)
    assert modules == ["interest", "attention", "diversity"]
    for name in ("ComiRec-SA", "SASRec", "EASE", "own counts", "item-kNN"):
        assert f'<th scope="row">{name}</th>' in html
    assert 'src="' not in html and "@import" not in html and "http" not in html.split(
        "</style>"
    )[0].replace("http-equiv", "")  # fmt: skip


def test_no_id_stands_in_the_page_when_they_are_hashed(html, out):
    assert not re.search(r"user-\d", html) and "sku-" not in html
    assert re.search(r"#[0-9a-f]{8}", html)
    key = (out / "trials" / "hash.key").read_bytes()
    assert len(key) == 32 and key.hex() not in html


def test_titles_that_are_only_ids_are_hashed_too(tmp_path, monkeypatch):
    monkeypatch.setattr("seqviz.report.folder.find_spec", lambda name: None)
    log = write_log(tmp_path, ("user", "item", "time"))
    wanted = ["ComiRec-SA", "SDM"]
    given = {"budget": None, "families": wanted, "hash_ids": True, **FEW}
    bare = report(log, tmp_path / "out", **given).read_text("utf-8")
    assert "sku-" not in bare and not re.search(r"user-\d", bare)
    assert "names no categories" in bare and "diversity" not in bare
    few = report(log, tmp_path / "few", **{**given, "families": []}).read_text("utf-8")
    assert "There is nothing to touch here" in few and 'sv-explorer"' not in few
    (why,) = re.findall("<li>(?:(?!<li>).)*TIFU-kNN(?:(?!<li>).)*session.*?</li>", bare)
    assert "SDM" in why and "<code>--gap</code>" in why  # one line for one reason
    assert "Not exported to ONNX" in bare and "(onnx, onnxscript, onnxruntime)" in bare
    assert not (tmp_path / "out" / "model" / "serve.py").exists()
    model = seqviz.load(tmp_path / "out")
    assert model.recommend(model.item_ids[1:2], n=1)


def test_where_sdm_leads_its_list_is_drawn_and_no_model_stored(tmp_path, monkeypatch):
    monkeypatch.setattr("seqviz.report.trials.allowed", lambda log: ({}, {}))
    alone = {"families": ["SDM"], "trials": 1, "seeds": 1, "epochs": 1}
    made = report(
        write_log(tmp_path), tmp_path / "out", gap=1800, progress=False, **alone
    )
    page = made.read_text("utf-8")
    assert "The list of <em>SDM</em>" in page
    assert "Nothing that can be stored was trained" in page


def test_labels_are_ids_or_their_hashes(tmp_path):
    log = _log()
    some = np.array([3, 0])
    assert Labels(log).users(some) == list(log.user_ids[some])
    key = key_of(tmp_path)
    assert key == key_of(tmp_path) and len(key) == 32
    one, other = Labels(log, key).users(some)
    assert one != other and re.fullmatch(r"#[0-9a-f]{8}", one)
    assert Labels(log, b"another").users(some) != [one, other]
    assert Labels(log, key).titles[0] == "" and Labels(log, key).titles[1][0] == "#"
    assert Labels(log).titles == log.task.catalog.titles


def test_a_long_id_is_shown_by_its_ends():
    log = _log()
    ids = log.user_ids.copy()
    ids[0] = "|".join([f"{n:032x}" for n in range(4)])
    shown = Labels(log._replace(user_ids=ids)).users(np.array([0, 1]))
    assert len(shown[0]) < 30 and shown[0].endswith("0003") and "…" in shown[0]
    assert shown[1] == ids[1]


def test_the_model_comes_back_as_it_was(out):
    model = seqviz.load(out)
    assert model.about == seqviz.load(out / "model").about
    history = list(events()["item"].unique()[:7])
    vectors = np.load(out / "model" / "item_vectors.npy")
    scores = (model.interests(history) @ torch.from_numpy(vectors).T).amax(0)  # [N+1]
    scores[0] = -torch.inf
    best = scores.topk(20)
    found = model.recommend(history)
    assert [name for name, _ in found] == [model.item_ids[i] for i in best.indices]
    np.testing.assert_allclose([s for _, s in found], best.values, rtol=1e-5)
    fresh = model.recommend(history, exclude_seen=True)
    assert not {name for name, _ in fresh} & set(history) and len(fresh) == 20
    unknown = model.recommend([*history, "nobody has this"])
    assert unknown == found
    index = faiss.read_index(str(out / "model" / "index.faiss"))
    assert index.ntotal == len(model.item_ids) - 1 == len(vectors) - 1


def test_bad_questions_are_refused(out):
    model = seqviz.load(out)
    with pytest.raises(TypeError, match="history must be a list of item ids, got 'a'"):
        model.recommend("a")
    with pytest.raises(ValueError, match=r"n must lie in 1\.\."):
        model.recommend([], n=10_000)
    for history in ([], ["nobody has this", 7]):
        with pytest.raises(ValueError, match="history must name an item of the log"):
            model.recommend(history)


def test_a_folder_that_is_no_model_says_what_is_missing(out, tmp_path):
    with pytest.raises(FileNotFoundError, match="must hold config.json"):
        seqviz.load(tmp_path)
    for name in ("config.json", "items.json", "weights.safetensors"):
        (tmp_path / name).write_bytes((out / "model" / name).read_bytes())
    assert seqviz.load(tmp_path).length == seqviz.load(out).length
    whole = (tmp_path / "weights.safetensors").read_bytes()
    (tmp_path / "weights.safetensors").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(NotAModel, match="must be whole"):
        seqviz.load(tmp_path)
    (tmp_path / "weights.safetensors").write_bytes(whole)
    about = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**about, "format": 9}))
    with pytest.raises(NotAModel, match="must be of format 1"):
        seqviz.load(tmp_path)


def test_the_server_answers_as_the_model_does(out):
    pytest.importorskip("onnxruntime", reason="the extra report is not installed")
    history = list(events()["item"].unique()[:5])
    command = [sys.executable, str(out / "model" / "serve.py"), "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            address = server.stdout.readline().partition("?")[0]
            asked = "&".join(f"item={name}" for name in history)
            with urlopen(f"{address}?{asked}&n=10", timeout=30) as answer:
                found = json.load(answer)
            with pytest.raises(HTTPError, match="item must name one"):
                urlopen(f"{address}?item=nobody-has-this", timeout=30)
        finally:
            server.terminate()
    wanted = seqviz.load(out).recommend(history, n=10)
    assert [name for name, _ in found] == [name for name, _ in wanted]
    np.testing.assert_allclose(
        [s for _, s in found], [s for _, s in wanted], rtol=1e-3, atol=1e-4
    )


def test_the_server_is_short(out):
    lines = (out / "model" / "serve.py").read_text().splitlines()
    assert len(lines) < 60 and not any("seqviz" in line for line in lines)


#: ``nearest`` is exported as ComiRec-SA; what reads sessions asks for more than ids.
EXPORTED = [f for f in FAMILIES if not (f.endswith("nearest") or FAMILIES[f].sessions)]


@pytest.mark.parametrize("family", EXPORTED)
def test_every_family_can_be_stored_exported_and_loaded(family, out, tmp_path):
    pytest.importorskip("onnxruntime", reason="the extra report is not installed")
    log = _log()
    work = Trials(log, tmp_path / "trials", Budget(None), progress=False)
    work.length = 5  # GRU4Rec is exported a step at a time
    setting = {**work._settings(family, 1)[0], "embedding_dim": 8}
    run = work._final(family, setting, 0, 1, room=float("inf"))
    method = Method(family, True, [run], setting, False)
    model = work.weights(run)
    stored = store(model, method, log, tmp_path / "model")
    assert stored.served, stored.export
    again = seqviz.load(tmp_path / "model")
    ids = torch.from_numpy(log.task.split.test.histories.pad(again.length)[0])
    with torch.no_grad():
        for one, other in zip(
            (model.scaled_interests(ids), model.item_vectors()),
            (again.model.scaled_interests(ids), again.model.item_vectors()),
            strict=True,
        ):
            torch.testing.assert_close(one, other, rtol=0, atol=0)


def test_a_large_catalog_is_trained_against_drawn_items():
    options = {"embedding_dim": 4, "temperature": None}
    model = build("one vector", 20_001, 10, options)
    assert (
        model.sampler is not None
        and build("one vector", 50, 10, options).sampler is None
    )


def _log():
    from test_report_trials import dataset

    return cut(*dataset(events()))


def test_the_command_writes_the_report(tmp_path, capsys):
    log = write_log(tmp_path)
    words = ["report", str(log), "--out", str(tmp_path / "out"), "--budget", "0.01s"]
    assert main([*words, "--families", "one vector"]) == 0
    said = capsys.readouterr()
    assert "The report is at" in said.out and "events kept" in said.out
    page = (tmp_path / "out" / "index.html").read_text("utf-8")
    assert "There is nothing to touch here" not in page  # a list with λ, of a count
    assert "Nothing that can be stored was trained" in page
    assert "a larger <code>--budget" in page
    assert not (tmp_path / "out" / "model").exists()


@pytest.mark.parametrize(
    ("text", "words", "said"),
    [
        ("user,item,time\na,b,1700000000\n", [], "2 users or more"),
        ("user,item\na,b\nc,d\n", [], "say --time ..."),
        ("", [], ""),
        ("a,b,c\nu,i,1700000000\n", [], "must be given for"),
        ("user,item,time\na,b,yesterday\n", [], "yesterday"),
        ("user,item,time\na,b,1700000000\n", ["--user", "who"], "'who'"),
        (
            "user,item,time\na,b,1700000000\n",
            ["--since", "1600000000", "--until", "2033-05-18"],
            "2 users or more",
        ),
    ],
)
def test_a_log_that_will_not_do_ends_with_a_sentence(
    text, words, said, tmp_path, capsys
):
    log = tmp_path / "log.csv"
    log.write_text(text)
    assert main(["report", str(log), "--out", str(tmp_path / "o"), *words]) == 1
    error = capsys.readouterr().err
    assert error.startswith("seqviz report: ") and said in error
    assert "Traceback" not in error and not (tmp_path / "o" / "index.html").exists()


def test_an_error_names_the_options_as_they_are_typed():
    said = _as_options("time must be given, got none; say time=..., item=... (a name)")
    assert said == "time must be given, got none; say --time ..., --item ... (a name)"
    said = _as_options("time must be numbers; give time_format, or broken='drop'")
    assert said == "time must be numbers; give --time-format, or --broken 'drop'"
    assert _as_options("source must be a file, got x") == "LOG must be a file, got x"


def test_other_arguments_that_do_not_fit(tmp_path, capsys):
    log = str(write_log(tmp_path))
    assert main(["report", str(tmp_path / "nothing.csv")]) == 1
    assert "nothing.csv" in capsys.readouterr().err
    (tmp_path / "file").write_text("")
    assert main(["report", log, "--out", str(tmp_path / "file")]) == 1
    assert "out must be a folder" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["report", log, "--budget", "soon"])
    assert "must be a time such as 90s" in capsys.readouterr().err
    with pytest.raises(ValueError, match="families must be among"):
        report(log, tmp_path / "o", families=["GPT"], **FEW)
    with pytest.raises(TypeError, match="families must be a list of texts, got"):
        report(log, tmp_path / "o", families="SDM")
    with pytest.raises(ValueError, match=r"trials must lie in 1\.\.6, got 8"):
        report(log, tmp_path / "o", trials=8)
