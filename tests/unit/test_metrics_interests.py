import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from seqviz.metrics.interests import agreement, matched_share, purity, recovery

TRUTH = np.array([0, 0, 0, 1, 1, 2])


def test_a_perfect_reading_under_other_names():
    found = np.array([7, 7, 7, 3, 3, 5])
    assert adjusted_rand_score(TRUTH, found) == 1
    assert purity(found, TRUTH) == matched_share(found, TRUTH) == 1


def test_one_group_explains_the_largest_interest_only():
    found = np.zeros(6, int)
    assert purity(found, TRUTH) == matched_share(found, TRUTH) == 0.5


def test_splitting_an_interest_keeps_purity_and_costs_the_match():
    found = np.array([0, 0, 1, 2, 2, 3])
    assert purity(found, TRUTH) == 1
    assert matched_share(found, TRUTH) == pytest.approx(5 / 6)


def test_names_are_given_anew_for_each_user():
    found = np.array([0, 1, 1, 0])
    truth = np.array([0, 1, 0, 1])
    users = np.array([5, 5, 9, 9])
    assert recovery(found, truth, users) == {"purity": 1.0, "matched": 1.0}
    assert recovery(found, truth, np.zeros(4, int))["matched"] == 0.5


def test_users_need_not_stand_together_and_count_by_clicks():
    found = np.array([0, 0, 0, 0, 0])
    truth = np.array([0, 0, 1, 0, 0])
    users = np.array([1, 2, 1, 2, 2])
    assert recovery(found, truth, users)["purity"] == pytest.approx(4 / 5)


def test_agreement_is_adjusted_user_by_user():
    """One reader scores 0, other names for the same groups 1, one cause nothing."""
    truth = np.array([[0, 0, 1, 1, 2], [0, 0, 1, 1, 2], [4, 4, 4, 9, 9]])
    found = np.array([[3, 3, 3, 3, 3], [2, 2, 0, 0, 1], [0, 1, 0, 1, 0]])
    known = np.array([[1] * 5, [1] * 5, [1, 1, 1, 0, 0]], bool)
    for values in agreement(found, truth, known).values():
        assert values[0] == pytest.approx(0)
        assert values[1] == pytest.approx(1)
        assert np.isnan(values[2])


def test_lengths_must_agree():
    with pytest.raises(ValueError, match="found, truth must be equally long, got 6, 5"):
        purity(TRUTH, TRUTH[:-1])
    with pytest.raises(
        ValueError, match="found must hold at least one click, got none"
    ):
        purity(TRUTH[:0], TRUTH[:0])
