"""The values of each user: what must hold whatever the scores."""

import numpy as np
import pytest
import torch

from seqviz.data import Examples, Ragged
from seqviz.experiments import evaluate, evaluate_each, evaluate_users
from seqviz.models import MeanPooling

N, U = 40, 60


class Fixed:
    """Scores a row by its user's number."""

    def __init__(self, table):
        self.table = table

    def scores(self, batch):
        return self.table[batch.users]


@pytest.fixture(params=range(3))
def case(request):
    """Histories of 0 to 12 items, of which T = 4 are read; 1 to 6 truths."""
    rng = np.random.default_rng(request.param)
    some = np.arange(1, N + 1)
    data = Examples(
        np.arange(U),
        np.zeros(U, np.int64),
        Ragged.from_rows([rng.choice(some, rng.integers(0, 13)) for _ in range(U)]),
        Ragged.from_rows(
            [rng.choice(some, rng.integers(1, 7), replace=False) for _ in range(U)]
        ),
    )
    return data, Fixed(torch.from_numpy(rng.normal(size=(U, N + 1))).float())


def by_hand(data, table, n, exclude_seen=False):
    """Recall, repeat and explore of every user in a plain loop."""
    rows = []
    for user in range(U):
        known, truths = set(data.histories[user]), set(data.truths[user])
        order = [i + 1 for i in table[user, 1:].argsort(descending=True).tolist()]
        if exclude_seen:
            order = [item for item in order if item not in known]
            truths -= known
        found = truths & set(order[:n])
        rows.append(
            [
                len(found & group) / len(group) if group else np.nan
                for group in (truths, truths & known, truths - known)
            ]
        )
    return np.array(rows, np.float32).T


@pytest.mark.parametrize("exclude_seen", [False, True])
@pytest.mark.parametrize("batch_size", [7, 128])
def test_a_plain_loop_over_users_finds_the_same(case, exclude_seen, batch_size):
    data, fixed = case
    values = evaluate_users(
        fixed,
        data,
        at=[3, 10],
        length=4,
        batch_size=batch_size,
        exclude_seen=exclude_seen,
    )
    for n in (3, 10):
        ours = [values[f"recall@{n}{kind}"] for kind in ("", " repeat", " explore")]
        assert all(value.dtype == np.float32 for value in ours)
        expected = by_hand(data, fixed.table, n, exclude_seen)
        np.testing.assert_allclose(ours, expected, rtol=1e-6)


def test_recall_is_the_mix_of_repeat_and_explore_weighted_by_their_truths(case):
    data, fixed = case
    values = evaluate_users(fixed, data, at=[10], length=4)
    repeats = np.array(
        [np.isin(data.truths[u], data.histories[u]).sum() for u in range(U)]
    )
    share = repeats / data.truths.lengths
    repeat, explore = (
        np.nan_to_num(values[f"recall@10 {kind}"]) for kind in ("repeat", "explore")
    )
    assert 0 < share.mean() < 1
    mix = share * repeat + (1 - share) * explore
    np.testing.assert_allclose(values["recall@10"], mix, atol=1e-6)
    for kind, none in (("repeat", share == 0), ("explore", share == 1)):
        assert (np.isnan(values[f"recall@10 {kind}"]) == none).all()


def test_users_in_another_order_have_the_same_values(case):
    data, fixed = case
    order = np.random.default_rng(9).permutation(U)
    options = {"at": [3, 10], "length": 4, "categories": np.arange(N + 1) % 5}
    values = evaluate_users(fixed, data, batch_size=16, **options)
    shuffled = evaluate_users(fixed, data.select(order), **options)
    assert values.keys() == shuffled.keys()
    for name, value in values.items():
        np.testing.assert_array_equal(value[order], shuffled[name], err_msg=name)


def test_without_seen_items_no_repeat_is_left(case):
    data, fixed = case
    values = evaluate_users(fixed, data, at=[10], length=4, exclude_seen=True)
    assert np.isnan(values["recall@10 repeat"]).all()
    np.testing.assert_array_equal(values["recall@10"], values["recall@10 explore"])
    without = [not set(data.truths[u]) - set(data.histories[u]) for u in range(U)]
    for name in ("recall@10", "ndcg@10", "hit_rate@10"):
        assert np.isnan(values[name]).tolist() == without


@pytest.mark.parametrize("exclude_seen", [False, True])
def test_evaluate_is_the_mean(case, exclude_seen):
    data, fixed = case
    options = {
        "at": [3, 10],
        "length": 4,
        "exclude_seen": exclude_seen,
        "categories": np.arange(N + 1) % 5,
    }
    means = evaluate(fixed, data, **options)
    for name, value in evaluate_users(fixed, data, **options).items():
        there = value[~np.isnan(value)]
        assert value.shape == (U,)
        if len(there):
            mean = there.astype(np.float64).mean()
            assert means.pop(name) == pytest.approx(mean, abs=1e-9)
        else:
            assert np.isnan(means.pop(name)) and name.endswith("repeat")
    left = {"coverage@3", "coverage@10"} | ({"left_out"} if exclude_seen else set())
    assert means.keys() == left


def test_a_truth_that_is_given_twice_counts_once_in_each_kind():
    data = Examples(
        np.zeros(1, int),
        np.zeros(1, int),
        Ragged.from_rows([[2, 2]]),
        Ragged.from_rows([[2, 2, 3, 3, 4]]),
    )
    scores = torch.zeros(1, N + 1)
    scores[0, [2, 3]] = torch.tensor([2.0, 1.0])
    values = evaluate_users(Fixed(scores), data, at=[2])
    assert values["recall@2"] == pytest.approx(2 / 3)
    assert values["recall@2 repeat"] == 1
    assert values["recall@2 explore"] == 0.5


def test_the_scores_of_a_recommender_are_not_written_to(case):
    data, fixed = case

    class Shared(Fixed):
        def scores(self, batch):
            return self.table[:1].expand(len(batch.users), -1)

    before = fixed.table.clone()
    evaluate_users(Shared(fixed.table), data, at=[5], exclude_seen=True)
    assert torch.equal(fixed.table, before)


@pytest.mark.parametrize("exclude_seen", [False, True])
@pytest.mark.parametrize("batch_size", [7, 128])
def test_several_in_one_pass_are_each_measured_as_alone(case, exclude_seen, batch_size):
    data, first = case
    several = [first, Fixed(first.table.flip(1)), Fixed(-first.table)]
    options = {
        "at": [3, 10],
        "length": 4,
        "exclude_seen": exclude_seen,
        "categories": np.arange(N + 1) % 5,
    }
    found = evaluate_each(several, data, batch_size=batch_size, **options)
    assert len(found) == 3
    for ours, recommender in zip(found, several, strict=True):
        alone = evaluate_users(recommender, data, **options)
        assert list(ours) == list(alone)
        for name, values in alone.items():
            np.testing.assert_array_equal(ours[name], values, name)


def test_only_the_models_that_trained_train_again(case):
    data, table = case
    training, serving = MeanPooling(N, 4), MeanPooling(N, 4).eval()
    evaluate_each([training, table, serving], data, at=[3])
    assert training.training and not serving.training


def test_nobody_to_measure(case):
    with pytest.raises(ValueError, match="recommenders must hold at least one"):
        evaluate_each([], case[0])
