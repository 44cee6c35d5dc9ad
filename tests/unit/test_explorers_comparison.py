"""The comparison explorer: its draws, its intervals, its errors."""

import numpy as np
import pytest
import torch
from scipy import stats
from traitlets import TraitError

from seqviz.experiments import compare
from seqviz.explorers import ComparisonExplorer
from seqviz.explorers.comparison.intervals import interval, picks, students, uniforms

rng = np.random.default_rng(0)
USERS = 400
VALUES = {
    "a": rng.random((3, USERS)) + 0.1,
    "b": rng.random(USERS),
    "c": rng.random((3, USERS)),
}


def explorer(**changes):
    return ComparisonExplorer(**{"values": VALUES, **changes})


def test_the_draws_are_those_of_the_generator():
    first = uniforms(0, 4)
    np.testing.assert_array_equal(first, uniforms(0, 100)[:4])  # by place alone
    assert not np.isin(uniforms(1, 1000), uniforms(2, 1000)).any()
    assert stats.kstest(uniforms(0, 20_000), "uniform").pvalue > 0.01
    pairs = uniforms(0, 20_000)
    assert abs(np.corrcoef(pairs[:-1], pairs[1:])[0, 1]) < 0.03


@pytest.mark.parametrize("freedom", [1, 2, 7])
def test_students_t(freedom):
    drawn = students(freedom, 20_000)
    assert stats.kstest(drawn, stats.t(freedom).cdf).pvalue > 0.01


def test_users_are_drawn_with_replacement():
    picked = picks(50)
    assert picked.shape == (1000, 50)
    assert picked.min() == 0 and picked.max() == 49
    distinct = np.mean([len(np.unique(row)) for row in picked])
    assert abs(distinct / 50 - (1 - (1 - 1 / 50) ** 50)) < 0.01


def test_the_interval_is_that_of_compare():
    a, b = VALUES["a"], VALUES["b"]
    student = stats.t.ppf(0.975, 2)
    for rows, over in ((1, "users"), (3, "users and seeds")):
        mean, low, high = interval((a - b)[:rows], over, student, picks(USERS))
        found = compare(a[:rows], b)
        assert mean == pytest.approx(found.difference)
        width = found.high - found.low
        assert low == pytest.approx(found.low, abs=0.06 * width)
        assert high == pytest.approx(found.high, abs=0.06 * width)


def test_an_interval_over_seeds_is_student_s():
    d = VALUES["a"] - VALUES["c"]
    rows = d.mean(1)
    ends = stats.t.interval(0.95, 2, rows.mean(), stats.sem(rows))
    mean, low, high = interval(d, "seeds", stats.t.ppf(0.975, 2), picks(2))
    np.testing.assert_allclose((low, high), ends)
    one = interval(d[:1], "seeds", 0.0, picks(2))
    assert one == (d[0].mean(),) * 3


def test_the_tests_ask_users_of_their_own():
    figure = explorer(num_users=50, over="seeds")
    *tests, everybody = figure.tests()
    means = np.array([mean for mean, _, _ in tests])
    d = (VALUES["a"] - VALUES["b"])[0]
    assert len(tests) == 8 and len(np.unique(means)) == 8
    assert means.mean() == pytest.approx(d.mean(), abs=1e-6)  # 8 × 50 are all
    assert everybody[0] == pytest.approx((VALUES["a"] - VALUES["b"]).mean(), abs=1e-6)


def test_the_words_count_the_winners():
    figure = explorer(values={"good": np.ones(200), "bad": np.zeros(200)})
    assert figure.words() == (
        "10 users, 1 seed: of 8 tests 8 for good, 0 for bad, 0 cannot tell. All 200 "
        "users: good, +1.000 (+1.000 to +1.000)."
    )
    figure.first, figure.second = 1, 0
    assert "0 for bad, 8 for good" in figure.words()
    same = explorer(values={"one": np.ones(200), "two": np.ones(200)})
    assert "8 cannot tell. All 200 users: no winner, 0.000" in same.words()


def test_tensors_are_taken():
    values = {"a": torch.ones(160), "b": torch.zeros(2, 160)}
    assert explorer(values=values).student == [0.0, pytest.approx(12.706, abs=1e-3)]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"values": [1, 2]}, "values must be a mapping"),
        ({"values": {"a": np.ones(200)}}, "values must hold 2 recommenders or more"),
        ({"values": {"a": np.ones(200), "b": np.ones(199)}}, "the same users"),
        ({"values": {"a": np.ones(9), "b": np.ones(9)}}, "120 users or more, got 9"),
        (
            {"values": {"a": np.ones((2, 200)), "b": np.ones((3, 200))}},
            r"the same number of rows where there are several, got \[2, 3\]",
        ),
        ({"values": {"a": np.ones((13, 200)), "b": np.ones(200)}}, "up to 12 rows"),
        ({"values": {"a": np.full(200, np.nan), "b": np.ones(200)}}, "finite"),
        ({"values": {"a": np.ones(200), "b": ["x"] * 200}}, "must hold numbers"),
        ({"first": "z"}, "first must be one of a, b, c, got 'z'"),
        ({"second": "a"}, "second must be another one than first, got 'a'"),
        ({"num_users": 12}, "num_users must be one of 10, 15, 20, 30, 50, got 12"),
        ({"num_seeds": 4}, "num_seeds must lie in 1 to 3, got 4"),
        ({"over": "items"}, "over must be one of seeds, users, users and seeds"),
        ({"title": ""}, "title"),
    ],
)
def test_bad_input_names_the_argument(changes, words):
    with pytest.raises((TypeError, ValueError, TraitError), match=words):
        explorer(**changes)


def test_traits_out_of_range_are_refused():
    figure = explorer()
    changes = {"num_users": 11, "num_seeds": 0, "first": 3, "second": -1, "over": "x"}
    for name, value in changes.items():
        with pytest.raises(TraitError, match=name):
            setattr(figure, name, value)


def test_the_still_figure_is_of_the_same_numbers():
    figure = explorer()
    drawn = figure.still()
    assert drawn.count("<circle") == 9
    assert "all 400" in drawn and figure.words() in drawn
