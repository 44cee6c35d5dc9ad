"""What the chapter defines is compared with the package and with SciPy."""

import numpy as np
import pytest
import torch
from definitions import definitions
from scipy import stats

from seqviz.checks import exercise
from seqviz.data import Examples, Ragged
from seqviz.experiments import compare

chapter = definitions("foundations/fair_tests")


@pytest.fixture
def values():
    rng = np.random.default_rng(0)
    easy = rng.random(60)
    a = easy + rng.normal(0.02, 0.2, (4, 60)) + rng.normal(0, 0.1, (4, 1))
    return a, easy


def test_pairing_is_the_error_of_the_differences(values):
    a, b = values[0][0], values[1]
    mean, error = chapter.paired(a, b)
    assert (mean, error) == pytest.approx((np.mean(a - b), stats.sem(a - b)))
    whole = chapter.apart(a, b)
    assert whole[0] == pytest.approx(mean)
    t = stats.ttest_ind(a, b, equal_var=False)
    assert whole[0] / whole[1] == pytest.approx(t.statistic)


@pytest.mark.parametrize("U", [2, 7, 60])
def test_intervals_are_those_of_the_package(values, U):
    a, b = values[0][:, :U], values[1][:U]
    one, both = compare(a[0], b, draws=200), compare(a, b, draws=200)
    np.testing.assert_allclose(chapter.over_users(a[0] - b, 200), [one.low, one.high])
    np.testing.assert_allclose(chapter.over_both(a - b, 200), [both.low, both.high])


def test_seeds_that_do_not_differ_add_nothing(values):
    d = values[0][0] - values[1]
    np.testing.assert_allclose(
        chapter.over_both(np.stack([d, d, d]), 300), chapter.over_users(d, 300)
    )


def test_without_takes_true_items_out_and_nothing_else():
    histories = Ragged.from_rows([[1, 2], [3], [4, 5]])
    truths = Ragged.from_rows([[1, 3], [2], [2, 1]])
    examples = Examples(np.arange(3), np.arange(3), histories, truths)
    allowed = np.array([False, True, False, True, True, True])
    kept, left = chapter.without(examples, allowed)
    assert left.tolist() == [True, False, True]
    assert kept.users.tolist() == [0, 2] and kept.times.tolist() == [0, 2]
    assert [kept.truths[n].tolist() for n in range(2)] == [[1, 3], [1]]
    assert [kept.histories[n].tolist() for n in range(2)] == [[1, 2], [4, 5]]


def test_the_rules_of_ties_enclose_the_mean_over_all_orders():
    reference = exercise("fair-tests/ties").reference
    scores = torch.tensor([[3.0, 1.0, 1.0, 1.0, 0.0, 0.0]])
    relevant = torch.tensor([[False, True, False, True, True, False]])
    found = []
    for _ in range(4000):
        order = torch.randperm(6)
        top = order[scores[0, order].argsort(descending=True, stable=True)][:3]
        found.append(relevant[0, top].sum() / 3)
    mean = torch.stack(found).mean().item()
    assert mean == pytest.approx(4 / 9, abs=0.02)
    assert reference(scores, relevant, torch.tensor(3)).item() == pytest.approx(4 / 9)
