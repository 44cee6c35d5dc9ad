"""What is tried: settings in rounds, files that are trusted, a budget that is kept."""

import math

import numpy as np
import pytest
import torch

pytest.importorskip("safetensors", reason="the extra report is not installed")

from report_log import events

from seqviz.data import Catalog, Dataset, Interactions
from seqviz.experiments import evaluate_users
from seqviz.models.counting import MostPopular
from seqviz.models.counting.events import item_counts
from seqviz.report.families import FAMILIES
from seqviz.report.measures import head_items, measure, of_lists
from seqviz.report.reading import TooSmall, cut
from seqviz.report.rows import Rows
from seqviz.report.trials import (
    FEWEST,
    PLANS,
    ROUNDS,
    USUAL,
    Budget,
    Trials,
    cut_off,
    epochs_of,
    fingerprint,
    plan,
    rounds_of,
)

FEW = {"families": ["one vector", "SASRec"], "trials": 2, "seeds": 2, "epochs": 2}


def dataset(table):
    users, names = table["user"].factorize()
    items, skus = table["item"].factorize()
    numbered = table.assign(user=users, item=items + 1, session=users, kind="click")
    numbered = numbered[["user", "item", "time", "session", "kind"]]
    catalog = numbered[["item"]].drop_duplicates().set_index("item").sort_index()
    catalog = catalog.assign(title=skus, category="all")
    interactions = Interactions(numbered, len(skus))
    ids = np.append("", skus).astype(object)
    return Dataset("shop", interactions, Catalog(catalog)), names.to_numpy(), ids


@pytest.fixture(scope="module")
def log():
    return cut(*dataset(events()))


def test_nothing_of_a_later_time_is_learned(log):
    first, second, end = log.moments
    split = log.task.split
    assert split.train.times.max() < first <= split.validation.times.min()
    assert split.validation.times.max() < second <= split.test.times.min()
    assert split.test.times.max() <= end
    early = log.whole.interactions.table.query("time < @first")["item"].value_counts()
    kept = {f"{name}" for name in log.item_ids[1:]}
    frequent = log.whole.catalog.table["title"].loc[early[early >= 5].index]
    assert kept == set(frequent) and len(kept) < log.whole.catalog.num_items


def test_where_nobody_comes_back_the_latest_event_is_asked():
    table = events()
    visit = table["user"] + "-" + (table["time"] // 86_400).astype(str)
    found = cut(*dataset(table.assign(user=visit)))
    assert found.latest and len(found.task.split.test) > 20
    assert (found.task.split.test.truths.lengths == 1).all()
    assert found.task.split.train.times.max() < found.moments[0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.assign(user="one"), "2 users or more to compare"),
        (lambda t: t.assign(item="one"), "more than 20 items"),
        (lambda t: t.assign(time=1_700_000_000), "different times"),
        (lambda t: t.assign(item=[f"{n}" for n in range(len(t))]), "min_item_events"),
        (lambda t: t.drop_duplicates("user"), "min_item_events|2 events"),
    ],
)
def test_a_log_with_too_little_says_what_is_missing(change, words):
    with pytest.raises(TooSmall, match=words):
        cut(*dataset(change(events())))


def test_who_is_asked_for_nothing_new_is_named():
    table = events().reset_index(drop=True)
    late = table["time"] >= table["time"].quantile(0.79)
    strangers = table.assign(user=table["user"].where(~late, table.index.astype(str)))
    with pytest.raises(TooSmall, match="1 users or more who act before and after"):
        cut(*dataset(strangers))


def test_a_second_call_does_nothing_again_and_says_the_same(log, tmp_path):
    def values(tried):
        return {m.name: m.values("test", "recall@20") for m in tried.methods}

    first = Trials(log, tmp_path, Budget(None), progress=False).carry_out(**FEW)
    files = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    budget = Budget(None)
    again = Trials(log, tmp_path, budget, progress=False).carry_out(**FEW)
    assert files == {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert budget.spent > 0  # what the files remember
    for name, found in values(first).items():
        np.testing.assert_array_equal(found, values(again)[name])
    assert {m.name for m in first.methods if m.trained} == set(FEW["families"])
    assert all(len(m.runs) == 2 for m in first.methods if m.trained)


def test_the_values_are_those_of_evaluate_users(log):
    recommender = MostPopular(log.task.split.train, log.task.catalog.num_items)
    found = measure(recommender, log, 50)
    for part in ("validation", "test"):
        examples = getattr(log.task.split, part)
        wanted = evaluate_users(recommender, examples, at=[20], length=50)
        for name in ("recall@20", "ndcg@20", "recall@20 repeat", "recall@20 explore"):
            np.testing.assert_allclose(found[f"{part}/{name}"], wanted[name], rtol=1e-6)


def test_head_and_tail_share_the_truths(log):
    in_head = head_items(log)
    counts = item_counts(log.task.split.train, log.task.catalog.num_items)
    assert counts[in_head].sum() >= counts.sum() / 2
    assert counts[in_head].min() >= counts[1:][~in_head[1:]].max()
    smallest = counts[in_head].min()
    assert counts[in_head].sum() - smallest < counts.sum() / 2
    test = log.task.split.test
    everything = np.tile(np.arange(1, len(in_head)), (len(test), 1))
    found = of_lists(everything, test, in_head)
    for name in ("", " head", " tail", " repeat", " explore"):
        values = found[f"recall@20{name}"]
        assert set(values[~np.isnan(values)]) == {1.0}
    flat = in_head[test.truths.flat()]
    rows = np.repeat(np.arange(len(test)), test.truths.lengths)
    has = np.bincount(rows[flat], minlength=len(test)) > 0
    np.testing.assert_array_equal(has, ~np.isnan(found["recall@20 head"]))


def test_what_was_interrupted_goes_on_and_ends_the_same(log, tmp_path, monkeypatch):
    whole = Trials(log, tmp_path / "a", Budget(None), progress=False).carry_out(**FEW)
    work = Trials(log, tmp_path / "b", Budget(None), progress=False)
    done, kept = [], work.runs.save

    def save(run):
        if len(done) == 14:
            raise KeyboardInterrupt
        done.append(run)
        kept(run)

    monkeypatch.setattr(work.runs, "save", save)
    with pytest.raises(KeyboardInterrupt):
        work.carry_out(**FEW)
    half = sorted((tmp_path / "b").glob("*.npz"))
    assert len(half) == 14
    half[0].write_bytes(half[0].read_bytes()[:-40])  # half a file is none
    before = {path.name: path.stat().st_mtime_ns for path in half[1:]}
    rest = Trials(log, tmp_path / "b", Budget(None), progress=False).carry_out(**FEW)
    assert before == {path.name: path.stat().st_mtime_ns for path in half[1:]}
    for one, other in zip(whole.methods, rest.methods, strict=True):
        assert one.name == other.name and one.setting == other.setting
        np.testing.assert_array_equal(
            one.values("test", "recall@20"), other.values("test", "recall@20")
        )


def test_another_log_does_not_meet_these_files(log, tmp_path):
    Trials(log, tmp_path, Budget(None), progress=False).carry_out(families=[])
    files = set(tmp_path.glob("*.npz"))
    other = cut(*dataset(events(110)))
    Trials(other, tmp_path, Budget(None), progress=False).carry_out(families=[])
    assert len(set(tmp_path.glob("*.npz"))) == 2 * len(files)
    half = log.task.catalog.table.assign(category=lambda t: t.index % 2)
    sorted_ = log._replace(task=log.task._replace(catalog=Catalog(half)))
    assert fingerprint(sorted_) != fingerprint(log)


def test_without_time_there_is_a_count_and_the_rest_is_named(log, tmp_path):
    tried = Trials(log, tmp_path, Budget(1e-6), progress=False).carry_out()
    assert [m.name for m in tried.methods] == ["most popular"]
    assert set(FAMILIES) < set(tried.left_out)
    assert set(tried.left_out.values()) >= {"no time was left"}


def test_a_look_does_not_take_what_another_family_was_promised(
    log, tmp_path, monkeypatch
):
    epoch = 5.0
    work = Trials(log, tmp_path, Budget(1000.0), progress=False)
    looked = []

    def look(name):
        if not looked:  # as if counting had left so much
            work.budget.spent = 1000.0 - 1.5 * FEWEST * epoch
        looked.append(name)
        work.budget.spent += epoch
        return epoch

    monkeypatch.setattr(work, "_epoch", look)
    monkeypatch.setattr(work, "_finals", lambda *given: {})
    tried = work.carry_out(epochs=1)
    names = [name for name in FAMILIES if name != "SDM"]
    skipped = {n for n, why in tried.left_out.items() if why == "no time was left"}
    assert skipped == set(names[1:]) and looked == names[:4]
    assert work.budget.left == FEWEST * epoch
    all_ = epoch * len(names)
    assert tried.enough[0] == work.budget.spent + USUAL * all_
    assert tried.enough[1] == work.budget.spent + epochs_of(*PLANS[0]) * all_


def test_a_plan_fits_its_time():
    times = {"a": 1.0, "b": 3.0}
    for left in (10, 200, 400, 900, 5000):
        trials, seeds = plan(times, left)
        need = 4 * (rounds_of(trials, epochs=True) + seeds * USUAL)
        assert need <= left or (trials, seeds) == PLANS[-1]
    assert plan(times, math.inf) == PLANS[0]
    assert rounds_of(6) == 6 + 3 and rounds_of(1) == 0
    assert rounds_of(6, epochs=True) == 6 * ROUNDS[0] + 3 * ROUNDS[1]


@pytest.mark.parametrize(
    ("best", "run", "ended", "late"),
    [(9, 10, "time", True), (9, 10, "epochs", True), (9, 14, "patience", False),
     (8, 10, "time", False), (30, 33, "patience", False)],
)  # fmt: skip
def test_a_training_is_cut_off_if_its_best_was_near_its_end(best, run, ended, late):
    row = {"best_epoch": best, "epochs_run": run, "ended": ended}
    assert cut_off(row) is late


def test_a_training_that_ran_out_of_time_is_done_again_with_much_more(log, tmp_path):
    work = Trials(log, tmp_path, Budget(None), progress=False)
    setting = work._settings("one vector", 1)[0]
    short = work._final("one vector", setting, 0, 3, room=0.0)
    assert short.row["ended"] == "time" and short.row["epochs_run"] == 1
    assert work._final("one vector", setting, 0, 3, room=0.0).row == short.row
    longer = work._final("one vector", setting, 0, 3, room=math.inf)
    assert longer.row["epochs_run"] > 1


def test_the_model_that_is_taken_along_has_learned_up_to_the_test(log, tmp_path):
    first, second, _ = log.moments
    before = Rows(log, 20).task("one vector").split
    after = Rows(log, 20).task("one vector", second).split
    assert before.train.times.max() < first < after.train.times.max() < second
    early = after.train.select(after.train.times < first)
    assert len(early) == len(before.train) < len(after.train)
    assert after.validation is before.validation and after.test is before.test
    whole = Rows(log, 20).task("SASRec", second).split
    assert len(np.unique(whole.train.users)) == len(whole.train) < len(after.train)
    work = Trials(log, tmp_path, Budget(None), progress=False)
    few = {"families": ["one vector"], "trials": 1, "seeds": 1, "epochs": 2}
    method = next(m for m in work.carry_out(**few).methods if m.trained)
    old, new = work.weights(method.runs[0]), work.renewed(method)
    assert not torch.equal(old.embedding.weight, new.embedding.weight)
    spent = work.budget.spent
    again = work.renewed(method)
    assert torch.equal(again.embedding.weight, new.embedding.weight)
    assert work.budget.spent > spent and len(work.rows._made) == 2


def test_sdm_is_asked_with_the_latest_session_and_what_was_before():
    table = events()
    day = (table["time"] // 86_400).astype(str)
    whole, users, items = dataset(table)
    numbers = (table["user"] + day).factorize()[0]
    ordered = whole.interactions.table
    sessions = whole._replace(
        interactions=Interactions(
            ordered.assign(session=numbers[ordered.index]), len(items) - 1
        )
    )
    log = cut(sessions, users, items)
    split = Rows(log, 20).task("SDM").split
    kept = log.task.interactions.table
    assert kept["session"].nunique() > 200
    for part, plain in zip(split, log.task.split, strict=True):
        for row in (0, len(part) // 2, len(part) - 1):
            history = plain.histories.select([row]).flat()
            at = part.histories.stops[row]
            inner = kept.iloc[:at][-len(history) :]
            last = inner["session"].iloc[-1]
            own = inner["item"][inner["session"] == last].to_numpy()[-20:]
            assert part.sessions.select([row]).flat().tolist() == own.tolist()
            past = history[: len(history) - len(own)]
            known = part.long[0].select([row]).flat()
            assert set(known) <= set(past) and (len(known) > 0) == (len(past) > 0)


def test_without_sessions_sdm_is_left_out(log, tmp_path):
    work = Trials(log, tmp_path, Budget(None), progress=False)
    tried = work.carry_out(families=["SDM"], trials=1, seeds=1, epochs=1)
    assert "session" in tried.left_out["SDM"]
    assert not any(method.trained for method in tried.methods)
