"""The same budget for every family; validation chooses; a page reads what is stored."""

import dataclasses
import shutil

import numpy as np
import pytest

from seqviz.experiments import (
    CutOff,
    StoredStudy,
    Study,
    compare,
    read_study,
    run_study,
)
from seqviz.experiments.runs import Run, Runs, pack, unpack
from seqviz.experiments.study import carry_out

STUDY = Study(
    chapter="part/sample",
    date="2026-11-28",
    data={"shop": {"length": 30}, "log": {"length": 50}},
    levels={"shop": "worlds", "log": "cuts"},
    splits={"shop": 3, "log": 2},
    seeds=2,
    trials=4,
    epochs=10,
    patience=2,
    grid={"learning_rate": (0.1, 0.2), "temperature": (None, 0.1)},
    families={"plain": {}, "rich": {"num_interests": (2, 4, 8)}},
    counts=("popular",),
)


def do(name):
    """Validation likes the rate .2 most; the test is the family's and a little luck."""
    setting = name["setting"]
    rng = np.random.default_rng([name["split"], name.get("seed", 0)])
    size = 40 + 10 * name["split"]
    users = {
        "user": np.arange(size),
        "recall@20": rng.random(size) * 0.1 + 0.2 * (name["model"] == "rich"),
    }
    if name["model"] in ("popular", "recent"):
        return Run(name, {}, users)
    row = {"validation": setting["learning_rate"], "best_epoch": 5}
    return Run(name, row, users)


def test_every_family_has_as_many_trials_on_every_split(tmp_path):
    trials, chosen = carry_out(STUDY, Runs(tmp_path), do, progress=False)
    places = [(t.name["data"], t.name["split"], t.name["model"]) for t in trials]
    assert {places.count(place) for place in places} == {STUDY.trials}
    assert len(set(places)) == 5 * 2
    trained = [run for run in chosen if run.name["model"] != "popular"]
    assert len(trained) == 5 * 2 * STUDY.seeds
    assert {run.name["setting"]["learning_rate"] for run in trained} == {0.2}
    assert {run.name["setting"]["epochs"] for run in trained} == {10}
    assert len(chosen) - len(trained) == 5


def test_settings_are_distinct_and_the_same_every_time():
    settings = STUDY.settings("rich")
    assert settings == STUDY.settings("rich")
    assert len({str(setting) for setting in settings}) == STUDY.trials
    rates = [setting["learning_rate"] for setting in settings]
    assert sorted(rates) == [0.1, 0.1, 0.2, 0.2]


def test_nearly_the_whole_grid_is_found_too():
    """A balanced choice of 11 out of 12 is hardly ever drawn."""
    for trials in (11, 12):
        wide = dataclasses.replace(
            STUDY, trials=trials, grid={"learning_rate": (1, 2, 3)}, families={}
        )
        grids = {"much": {"a": (1, 2), "b": (1, 2)}}
        settings = dataclasses.replace(wide, families=grids).settings("much")
        assert len({str(setting) for setting in settings}) == trials


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"trials": 5}, "grid of plain must have at least trials = 5 settings, got 4"),
        ({"levels": {"shop": "worlds"}}, "levels and splits must name log"),
        ({"levels": {"shop": "worlds", "log": "weeks"}}, "weeks"),
        ({"seeds": 0}, "seeds"),
    ],
)
def test_a_study_that_cannot_be_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(STUDY, **change)


@pytest.fixture
def stored(tmp_path, monkeypatch):
    folder = tmp_path / "book" / "part"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    run_study(STUDY, do, book=folder.parent, progress=False)
    return folder / "sample_runs.npz"


def test_a_stored_study_is_not_done_again(stored):
    before = stored.read_bytes()

    def never(name):
        raise AssertionError(name)

    book = stored.parents[1]
    run_study(STUDY, never, book=book, progress=False)
    shutil.rmtree(book.parent / "_build")
    run_study(STUDY, never, book=book, progress=False)
    assert stored.read_bytes() == before
    more = dataclasses.replace(STUDY, counts=("popular", "recent"))
    run_study(more, do, book=book, progress=False)
    assert "recent" in read(stored).models("log")


def read(path):
    return StoredStudy(*unpack(path.read_bytes()))


def test_without_stored_people_each_row_is_a_person(stored):
    study = read(stored)
    for run in study._runs:
        del run.users["user"]
    assert study.people("shop", "rich") is None
    with pytest.raises(ValueError, match="data must have its users stored, got 'shop'"):
        study.tested("shop", "recall@20")
    with pytest.raises(ValueError, match="model must be one of .* got sofas: "):
        study.tested("sofas", "recall@20")
    found = study.compare("shop", "recall@20", "rich", "plain")
    values = (study.values("shop", model, "recall@20") for model in ("rich", "plain"))
    assert found == compare(*values)


def test_worlds_count_alike_and_cuts_share_their_people(stored):
    study = read(stored)
    worlds = study.values("shop", "rich", "recall@20")
    assert [part.shape for part in worlds] == [(2, 40), (2, 50), (2, 60)]
    assert study.mean("shop", "rich", "recall@20") == pytest.approx(
        np.mean([part.mean() for part in worlds])
    )
    cuts = study.values("log", "rich", "recall@20")
    assert cuts.shape == (2, 90)
    found = study.compare("log", "recall@20", "rich", "plain")
    people = np.concatenate([np.arange(40), np.arange(50)])
    plain = study.values("log", "plain", "recall@20")
    assert found == compare(cuts, plain, users=people)
    by_cut = study.by_split("log", "rich", "recall@20")
    assert np.array_equal(np.concatenate(by_cut, 1), cuts)
    assert study.tested("shop", "recall@20") == "40 to 60 users in each of 3 worlds"
    assert study.tested("log", "recall@20") == "50 users of 2 cuts"


def test_those_without_a_value_were_not_tested():
    for chapter, data, metric, said in (
        ("interests/routing", "shop", "recall@20", "400 users in each of 3 worlds"),
        ("attention/din", "shop", "GAUC", "233 to 239 users in each of 3 worlds"),
        ("attention/din_movies", "uniform", "GAUC", "2,766 users of 3 cuts"),
    ):
        assert read_study(chapter).tested(data, metric) == said


def test_a_table_marks_what_the_corrected_test_carries(stored):
    table = read(stored).table("shop", "recall@20", against="plain")
    assert list(table.index)[0] == "rich"
    assert table.loc["rich", "mark"] == "+" and table.loc["rich", "p"] < 0.05
    assert table.loc["popular", "mark"] == ""
    assert table.loc["plain", ["difference", "p"]].isna().all()


def test_no_claim_rests_on_a_training_that_was_cut_off(stored):
    about, runs = unpack(stored.read_bytes())
    late = [
        dataclasses.replace(run, row={**run.row, "best_epoch": 9})
        if run.name["model"] == "rich"
        else run
        for run in runs
    ]
    study = StoredStudy(*unpack(pack(about, late)))
    with pytest.raises(CutOff, match="rich on log had its best epoch at the end"):
        study.compare("log", "recall@20", "rich", "plain")
    table = study.table("log", "recall@20", against="plain")
    assert table.loc["rich", "mark"] == "cut off"


OTHER = dataclasses.replace(
    STUDY, chapter="part/other", families={"deep": {"layers": (1, 2)}}, counts=()
)


def test_two_studies_stand_in_one_table(stored):
    run_study(OTHER, do, book=stored.parents[1], progress=False)
    both = read_study("part/sample", "part/other")
    assert both.models("log") == ["popular", "plain", "rich", "deep"]
    assert set(both.study.families) == {"plain", "rich", "deep"}
    assert both.study.settings("deep") == OTHER.settings("deep")
    alone, other = read_study("part/sample"), read_study("part/other")
    assert len(both.trials) == len(alone.trials) + len(other.trials)
    assert both.stored_by == alone.stored_by
    across = both.compare("log", "recall@20", "rich", "deep")
    rich, deep = (
        study.values("log", model, "recall@20")
        for study, model in ((alone, "rich"), (other, "deep"))
    )
    people = np.concatenate([np.arange(40), np.arange(50)])
    assert across == compare(rich, deep, users=people)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"epochs": 20}, "share their epochs, got 10 and 20 in part/sample and part/o"),
        ({"trials": 3}, "share their trials, got 4 and 3"),
        ({"seeds": 1}, "share their seeds, got 2 and 1"),
        ({"splits": {"shop": 3, "log": 1}}, "share their splits"),
        ({"data": {"shop": {"length": 9}, "log": {"length": 50}}}, "share their data"),
        ({"families": STUDY.families}, "not have a model twice, got plain, rich in"),
    ],
)
def test_studies_of_another_budget_or_the_same_models_do_not(stored, change, message):
    other = dataclasses.replace(OTHER, **change)
    run_study(other, do, book=stored.parents[1], progress=False)
    with pytest.raises(ValueError, match=message):
        read_study("part/sample", "part/other")


def test_no_study_is_no_table():
    with pytest.raises(ValueError, match="chapters must name at least one study"):
        read_study()


def test_what_is_not_stored_is_named(stored):
    study = read(stored)
    with pytest.raises(ValueError, match="metric must be one of recall@20, user, got"):
        study.values("shop", "rich", "ndcg@20")
    with pytest.raises(ValueError, match="model must be one of .*shop: plain"):
        study.values("shop", "poor", "recall@20")
