"""The answer says what the test carries, and nothing else."""

import numpy as np
import pytest

pytest.importorskip("safetensors", reason="the extra report is not installed")

from types import SimpleNamespace

from seqviz.data import Examples, Ragged
from seqviz.experiments.runs import Run
from seqviz.report.advice import _as_budget, _edges
from seqviz.report.command import _seconds
from seqviz.report.description import _moved
from seqviz.report.measures import OF_ITEMS
from seqviz.report.trials import Method, Tried
from seqviz.report.verdict import judge, listed

USERS = 400


def fake_log():
    lengths = np.arange(USERS) % 10 + 1
    stops = np.cumsum(lengths)
    histories = Ragged(np.ones(stops[-1], np.int64), stops - lengths, stops)
    truths = Ragged.from_rows([[1]] * USERS)
    part = Examples(np.arange(USERS), np.arange(USERS), histories, truths)
    split = SimpleNamespace(validation=part, test=part)
    return SimpleNamespace(task=SimpleNamespace(split=split))


def method(name, mean, *, trained=False, early=None, late=False, **groups):
    """A method whose values lie around a mean, on validation around another."""
    rng = np.random.default_rng(list(name.encode()))
    noise = rng.normal(0, 0.05, USERS)
    noise -= noise.mean()
    users = {}
    means = {"test": mean, "validation": mean if early is None else early}
    for part, middle in means.items():
        for metric in ("recall@20", "ndcg@20"):
            users[f"{part}/{metric}"] = middle + noise
        for group in OF_ITEMS:
            own = groups.get(group, middle) + noise
            users[f"{part}/recall@20 {group}"] = np.where(
                np.arange(USERS) % 3 == 0, np.nan, own
            )
    row = {"seconds": 1.0, "validation": float(users["validation/recall@20"].mean())}
    runs = [Run({"model": name}, row, users)] * (2 if trained else 1)
    return Method(name, trained, runs, {"": ""}, late)


def said(*methods):
    return judge(fake_log(), methods)


def test_a_winner_is_named_with_her_lead():
    verdict = said(method("a", 0.5, trained=True), method("b", 0.4), method("c", 0.3))
    first, second = verdict.sentences
    assert first.startswith("*A* wins. It finds 50.0%") and "more (+0.100" in first
    assert "than *b*, which comes closest" in first and "all 2 other" in first
    assert second.startswith("The best of the trained, *a*, is better (+0.100")
    assert [row.mark for row in verdict.rows] == ["", "−", "−"]
    assert all(group.leader == "a" and not group.tied for group in verdict.groups)
    assert {g.name for g in verdict.groups} == {*OF_ITEMS, "short", "long"}


def test_what_is_alike_is_not_told_apart():
    verdict = said(method("a", 0.401, trained=True), method("b", 0.4))
    assert verdict.sentences[0].startswith("Nothing is told apart. *a* finds 40.1%")
    assert "are not told apart" in verdict.sentences[1]
    assert all(group.tied == ["b"] for group in verdict.groups)


def test_a_leader_is_told_apart_from_some():
    (first, _) = said(
        method("a", 0.401, trained=True), method("b", 0.4), method("c", 0.2)
    ).sentences
    assert first.startswith("*A* leads, told apart from 1 of 2 other methods, but not")
    assert "not from *b*" in first


def test_where_counting_wins_it_says_so():
    verdict = said(method("a", 0.3, trained=True), method("b", 0.4))
    assert verdict.sentences[1].endswith("*b*: on this log, counting wins.")
    assert "worse (-0.100" in verdict.sentences[1]


def test_validation_chooses_even_where_the_test_disagrees():
    verdict = said(method("a", 0.3, early=0.6), method("b", 0.4, early=0.2))
    assert verdict.leader.name == "a"
    assert "on the test it is worse (-0.100" in verdict.sentences[0]
    assert "counting wins" not in " ".join(verdict.sentences)  # there is one camp only


def test_nothing_is_claimed_of_what_was_cut_off():
    verdict = said(
        method("a", 0.9, trained=True, late=True), method("b", 0.4), method("c", 0.3)
    )
    assert verdict.leader.name == "b" and verdict.sentences[0].startswith("*B* wins")
    marks = {row.method.name: row.mark for row in verdict.rows}
    assert marks == {"a": "cut off", "b": "", "c": "−"}
    assert all("a" not in (g.leader, *g.tied, *g.above) for g in verdict.groups)
    alone = said(method("a", 0.9, trained=True, late=True))
    assert alone.sentences == [
        "*a* finds 90.0% of what people took next (Recall@20), but every training was "
        "cut off, so nothing is claimed."
    ]


def test_groups_have_winners_of_their_own():
    verdict = said(
        method("a", 0.5, trained=True, repeat=0.2, explore=0.6),
        method("b", 0.4, repeat=0.7, explore=0.1),
    )
    won = {g.name: g.leader for g in verdict.groups if not g.tied and not g.above}
    assert won["repeat"] == "b" and won["explore"] == "a"


def test_names_are_listed_up_to_three():
    assert listed(["a"]) == "*a*" and listed(["a", "b"]) == "*a* and *b*"
    assert listed(list("abcde")) == "*a*, *b* and 3 more"


def test_who_is_ahead_of_a_groups_leader_is_named():
    both = {"early": 0.5, "repeat": 0.5}
    verdict = said(method("a", 0.3, **both), method("b", 0.4, early=0.2))
    (tail,) = (group for group in verdict.groups if group.name == "tail")
    assert (tail.leader, tail.above, tail.tied) == ("a", ["b"], [])


def test_who_chose_the_most_interests_is_told_that_more_were_not_tried():
    wide = method("ComiRec-SA", 0.5, trained=True)._replace(
        setting={"num_interests": 8, "learning_rate": 1e-2}
    )
    narrow = wide._replace(name="MIND", setting={"num_interests": 4})
    tried = Tried([wide, narrow, method("own counts", 0.4)], 6, 3, {}, 50)
    (said_,) = _edges(tried)
    assert said_.startswith("*ComiRec-SA* chose 8 interests") and "rate" not in said_
    assert _edges(tried._replace(trials=1)) == []
    assert _edges(tried._replace(methods=[narrow])) == []


def test_a_drift_is_only_said_of_items_enough():
    early, late = np.repeat(np.arange(40), 3), np.repeat(np.arange(35, 75), 3)
    assert _moved(early, late, 40) == 35 / 40
    assert _moved(early, late, 9) == 0  # nine of so few items say nothing


@pytest.mark.parametrize(
    ("seconds", "typed"),
    [
        (41, "0.7m"),
        (60, "1m"),
        (601, "11m"),
        (3600, "60m"),
        (3601, "1.1h"),
        (9e5, "250h"),
    ],
)
def test_a_budget_is_advised_as_it_is_typed(seconds, typed):
    assert _as_budget(seconds) == typed
    assert _seconds(typed) >= seconds
