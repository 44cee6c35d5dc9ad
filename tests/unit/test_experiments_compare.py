"""Paired comparisons: equal to the textbook where it has one, honest by simulation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from seqviz.experiments import compare, holm


def _world(rng, rows, users, luck, effect=0.0):
    """Differences with a skewed part for each user and luck for each row."""
    share = luck * np.sqrt(rows / users)
    d = effect + rng.normal(0, share, (rows, 1)) + rng.normal(size=(1, users))
    return d + rng.exponential(size=(rows, users)) - 1


def test_one_row_agrees_with_the_paired_t_test():
    rng = np.random.default_rng(0)
    a, b = rng.normal(0.1, 1, 500), rng.normal(0, 1, 500)
    found = compare(a, b)
    theirs = stats.ttest_rel(a, b)
    interval = theirs.confidence_interval()
    assert found.difference == pytest.approx(a.mean() - b.mean())
    assert (found.low, found.high) == pytest.approx(tuple(interval), abs=0.006)
    assert found.p_value == pytest.approx(theirs.pvalue, abs=0.01)


@pytest.mark.parametrize(
    ("rows", "luck"), [(1, 0.0), (3, 0.0), (3, 1.0), (5, 0.0), (5, 1.0)]
)
def test_the_level_holds_where_there_is_no_difference(rows, luck):
    """300 worlds without a difference: about 5% are called one, and not far more."""
    rng = np.random.default_rng(rows)
    wrong = 0
    for number in range(300):
        d = _world(rng, rows, 100, luck)
        found = compare(d, np.zeros(100), draws=500, seed=number)
        wrong += not found.low <= 0 <= found.high
    # 5% of 300 is 15; 29 lies 3.7 standard deviations above, 2 lies 3.4 below
    assert 2 <= wrong <= 29


def test_seeds_that_differ_widen_the_interval():
    rng = np.random.default_rng(0)
    users = rng.normal(size=(1, 200))
    same = users + np.zeros((3, 1))
    apart = users + np.array([[-0.5], [0.0], [0.5]])
    narrow, wide = compare(same, users[0] * 0), compare(apart, users[0] * 0)
    assert narrow.difference == pytest.approx(wide.difference)
    assert wide.high - wide.low > 3 * (narrow.high - narrow.low)


def test_one_row_of_a_count_meets_every_seed_of_a_model():
    rng = np.random.default_rng(0)
    model, count = rng.random((3, 50)), rng.random(50)
    assert compare(model, count) == compare(model, np.stack([count] * 3))


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 60), st.integers(1, 4), st.integers(0, 2**16))
def test_exchanging_the_two_turns_the_sign(users, rows, seed):
    rng = np.random.default_rng(seed)
    a, b = rng.random((2, rows, users))
    there, back = (compare(*pair, draws=500) for pair in ((a, b), (b, a)))
    assert there.difference == pytest.approx(-back.difference)
    assert there.low <= there.difference <= there.high
    assert 0 < there.p_value <= 1


def test_a_person_with_several_columns_is_drawn_whole():
    """Doubled columns bring no news: the interval stays as wide as it was."""
    rng = np.random.default_rng(0)
    d = rng.normal(size=400)
    once = compare(d, d * 0)
    person = np.concatenate([np.arange(400)] * 2)
    doubled = compare(np.tile(d, 2), np.zeros(800), users=person)
    width, same = once.high - once.low, doubled.high - doubled.low
    assert same == pytest.approx(width, rel=0.03)
    taken_apart = compare(np.tile(d, 2), np.zeros(800))
    assert taken_apart.high - taken_apart.low < 0.8 * width


def test_a_user_without_a_value_is_left_out():
    rng = np.random.default_rng(0)
    a, b = rng.random((2, 3, 50))
    a[1, 7] = np.nan
    kept = np.arange(50) != 7
    assert compare(a, b) == compare(a[:, kept], b[:, kept])


@pytest.mark.parametrize("luck", [0.0, 0.3])
def test_the_level_holds_over_worlds_of_other_users(luck):
    rng = np.random.default_rng(1)
    wrong = 0
    for number in range(300):
        sizes = rng.integers(60, 120, 4)
        d = [rng.normal(0, luck) + rng.exponential(size=n) - 1 for n in sizes]
        found = compare(d, [x * 0 for x in d], draws=500, seed=number)
        wrong += not found.low <= 0 <= found.high
    assert 2 <= wrong <= 29


def test_a_person_with_several_columns_is_drawn_whole_in_every_world():
    rng = np.random.default_rng(0)
    d = [rng.normal(size=n) for n in (300, 400)]
    nothing = [x * 0 for x in d]
    once = compare(d, nothing)
    twice, no = ([np.repeat(x, 2) for x in parts] for parts in (d, nothing))
    person = [np.repeat(np.arange(len(x)), 2) for x in d]
    doubled = compare(twice, no, users=person)
    width, same = once.high - once.low, doubled.high - doubled.low
    assert same == pytest.approx(width, rel=0.03)
    taken_apart = compare(twice, no)
    assert taken_apart.high - taken_apart.low < 0.8 * width
    assert compare(d, nothing, users=[np.arange(len(x)) for x in d]) == once


def test_worlds_count_alike():
    found = compare([np.ones(10), np.zeros(1000)], [np.zeros(10), np.zeros(1000)])
    assert found.difference == pytest.approx(0.5)


def test_holm_by_hand():
    corrected = holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.5})
    assert corrected.to_dict() == pytest.approx(
        {"a": 0.04, "b": 0.09, "c": 0.09, "d": 0.5}
    )


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        (np.zeros(3), np.zeros(4), "same users, got 3 and 4"),
        (np.zeros((2, 3)), np.zeros((3, 3)), "same rows.*got 2 and 3"),
        (np.zeros((1, 2, 3)), np.zeros(3), r"a must be \[U\] or \[S, U\]"),
        (np.array([0, np.inf]), np.zeros(2), "a must be finite"),
        (np.zeros(1), np.zeros(1), "at least 2 users with a value, got 1"),
        (np.array([0, np.nan]), np.zeros(2), "at least 2 users with a value, got 1"),
        ([np.zeros(3)], [np.zeros(3)] * 2, "same worlds, got 1 and 2"),
    ],
)
def test_what_cannot_be_compared_is_refused(a, b, message):
    with pytest.raises(ValueError, match=message):
        compare(a, b)


def test_users_of_another_number_of_worlds_are_refused():
    worlds = [np.zeros(3)] * 2
    with pytest.raises(ValueError, match="users must hold the same worlds.*1 and 2"):
        compare(worlds, worlds, users=[np.arange(3)])
