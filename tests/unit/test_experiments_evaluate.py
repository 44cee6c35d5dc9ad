from functools import partial

import numpy as np
import pytest
import torch
from sklearn.metrics import ndcg_score
from torchmetrics.functional.retrieval import (
    retrieval_hit_rate,
    retrieval_normalized_dcg,
    retrieval_recall,
)

from seqviz.data import Examples, Ragged
from seqviz.experiments import (
    evaluate,
    recall_by_category,
    recommend,
)
from seqviz.metrics.lists import coverage, diversity, ndcg

N = 40


def examples(rows, histories=None, truths=None, seed=0):
    """``rows`` examples with one to six distinct truths each."""
    rng = np.random.default_rng(seed)
    truths = truths or [
        rng.permutation(np.arange(1, N + 1))[: rng.integers(1, 7)] for _ in range(rows)
    ]
    histories = histories or [rng.integers(1, N + 1, size=5) for _ in range(rows)]
    return Examples(
        np.arange(rows),
        np.zeros(rows, np.int64),
        Ragged.from_rows(histories),
        Ragged.from_rows(truths),
    )


class Fixed:
    """Scores a row by its user's number."""

    def __init__(self, table):
        self.table = table

    def scores(self, batch):
        return self.table[batch.users]


@pytest.fixture
def case():
    torch.manual_seed(0)
    return examples(25), Fixed(torch.randn(25, N + 1))


@pytest.mark.parametrize("n", [1, 5, 20])
def test_agrees_with_torchmetrics_and_scikit_learn(case, n):
    data, fixed = case
    result = evaluate(fixed, data, at=[n], batch_size=7)
    relevant = torch.zeros(len(data), N + 1, dtype=torch.bool)
    for row in range(len(data)):
        relevant[row, torch.from_numpy(data.truths[row])] = True
    # torchmetrics' recall leaves out what scores 0 or less:
    # findings/torchmetrics-retrieval.sh
    positive = fixed.table[:, 1:].exp()
    pairs = list(zip(positive, relevant[:, 1:], strict=True))
    theirs = {
        f"recall@{n}": retrieval_recall,
        f"hit_rate@{n}": retrieval_hit_rate,
        f"ndcg@{n}": retrieval_normalized_dcg,
    }
    for name, metric in theirs.items():
        expected = np.mean([float(metric(p, t, top_k=n)) for p, t in pairs])
        assert result[name] == pytest.approx(expected, abs=1e-6), name
    sklearn = ndcg_score(relevant[:, 1:].float(), fixed.table[:, 1:], k=n)
    assert result[f"ndcg@{n}"] == pytest.approx(sklearn, abs=1e-6)


def test_ndcg_divides_by_the_truths_that_exist():
    """One hit at rank 1 of five truths is .339, not 1 (ComiRec issues 6, 21, 25)."""
    hits = torch.tensor([[True, False, False, False, False]])
    assert float(ndcg(hits, torch.tensor([5]))) == pytest.approx(0.339, abs=5e-4)
    assert float(ndcg(hits, torch.tensor([1]))) == 1


def test_repeated_truths_count_once():
    data = Examples(
        np.zeros(1, int),
        np.zeros(1, int),
        Ragged.from_rows([[1]]),
        Ragged.from_rows([[2, 2, 3]]),
    )
    scores = torch.zeros(1, N + 1)
    scores[0, 2] = 1
    assert evaluate(Fixed(scores), data, at=[1])["recall@1"] == 0.5


def test_diversity_equals_the_pairwise_loop():
    torch.manual_seed(0)
    lists = torch.randint(0, 6, (30, 12))
    for row, value in zip(lists, diversity(lists), strict=True):
        pairs = [(a != b) for i, a in enumerate(row) for b in row[i + 1 :]]
        assert float(value) == pytest.approx(float(torch.stack(pairs).float().mean()))
    assert float(diversity(torch.tensor([[3]]))) == 0


def test_diversity_and_coverage_enter_the_table(case):
    data, fixed = case
    result = evaluate(fixed, data, at=[3], categories=np.arange(N + 1))
    assert result["diversity@3"] == 1
    lists = fixed.table[:, 1:].topk(3).indices + 1
    assert (
        result["coverage@3"]
        == coverage(lists, N)
        == len(set(lists.flatten().tolist())) / N
    )


def test_recall_by_category_tells_the_main_from_the_minor_and_the_new():
    categories = np.array([0, 1, 1, 1, 2, 2, 3])
    data = Examples(
        np.zeros(1, int),
        np.zeros(1, int),
        Ragged.from_rows([[1, 2, 4]]),
        Ragged.from_rows([[3, 1, 5, 6]]),
    )
    scores = torch.tensor([[0.0, 0, 0, 9, 0, 8, 0]])
    result = recall_by_category(Fixed(scores), data, categories, n=2)
    assert result == {
        "main": 0.5,
        "minor": 1.0,
        "new": 0.0,
        "main_share": 0.5,
        "minor_share": 0.25,
        "new_share": 0.25,
    }


def test_padding_is_never_recommended(case):
    data, fixed = case
    fixed.table[:, 0] = 1e9
    assert evaluate(fixed, data, at=[N])[f"recall@{N}"] == 1


def test_exclude_seen(case):
    data, fixed = case
    from seqviz.data import batches

    (batch,) = batches(data, 100, 5)
    for ids in (batch.item_ids, batch.item_ids.int()):
        new = recommend(fixed, batch, 30, seen=ids)
        for row in range(len(data)):
            assert not set(new[row].tolist()) & set(batch.item_ids[row].tolist())
    with pytest.raises(ValueError, match="items left to recommend"):
        recommend(fixed, batch, N, seen=batch.item_ids)
    with pytest.raises(ValueError, match=rf"seen must lie in 0\.\.{N}, got"):
        recommend(fixed, batch, 3, seen=batch.item_ids + N)
    for seen in (batch.item_ids[:-1], batch.item_ids[:, 0]):
        with pytest.raises(ValueError, match=rf"\[B, S\] with B = {len(data)}, got"):
            recommend(fixed, batch, 3, seen=seen)


def test_exclude_seen_knows_the_whole_history():
    """Item 1 was cut off, 2 is within the last T; both were bought before."""
    histories, truths = [[1, 2, 3], [1, 2, 3], [1, 2, 3]], [[1, 4], [2], [5]]
    data = examples(3, histories=histories, truths=truths)
    scores = torch.zeros(3, N + 1)
    scores[:, 1:6] = torch.tensor([9.0, 8.0, 7.0, 6.0, 5.0])  # 1, 2, 3, 4, 5
    found = evaluate(Fixed(scores), data, at=[1, 2], length=2, exclude_seen=True)
    # the first list is [4, 5] for everybody: row 0 finds its only new truth at once,
    # row 1 has none, row 2 finds 5 in second place
    assert found["left_out"] == 1
    assert found["recall@1"] == pytest.approx(1 / 2)
    assert found["recall@2"] == found["hit_rate@2"] == 1
    assert found["coverage@2"] == pytest.approx(2 / N)
    whole = evaluate(Fixed(scores), data, at=[1], length=2)
    assert "left_out" not in whole and whole["recall@1"] == pytest.approx(0.5 / 3)


def test_nothing_but_repeats_is_an_error():
    data = examples(2, histories=[[1, 2], [3]], truths=[[1], [3]])
    with pytest.raises(ValueError, match="not in its history, got none in 2 rows"):
        evaluate(Fixed(torch.rand(2, N + 1)), data, at=[3], exclude_seen=True)


def test_categories_are_compared_with_the_catalog(case):
    data, fixed = case
    for wrong in (np.ones(N), np.ones(N + 2)):
        with pytest.raises(ValueError, match=rf"categories must .*\[{N + 1}\], got"):
            evaluate(fixed, data, at=[3], categories=wrong.astype(int))
        with pytest.raises(ValueError, match=rf"categories must .*\[{N + 1}\], got"):
            recall_by_category(fixed, data, wrong.astype(int), n=3)


def test_an_empty_history_is_evaluated():
    data = examples(3, histories=[[], [1], []])
    assert 0 <= evaluate(Fixed(torch.randn(3, N + 1)), data, at=[5])["recall@5"] <= 1


def test_bad_input(case):
    data, fixed = case
    with pytest.raises(
        ValueError, match="examples must hold at least one row, got none"
    ):
        evaluate(fixed, data.select(slice(0, 0)))
    with pytest.raises(ValueError, match=rf"n must lie in 1..{N}.*got 50"):
        evaluate(fixed, data, at=[50])


class Stops(torch.nn.Module):
    """A model on another device that tells how it was asked and gives up."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.empty(1, device="meta"))

    def scores(self, batch):
        self.seen = batch.item_ids.device.type, self.training
        raise InterruptedError


@pytest.mark.parametrize("training", [True, False])
def test_a_model_is_asked_on_its_device_in_eval_mode_and_keeps_its_mode(case, training):
    data, _ = case
    for ask in (evaluate, partial(recall_by_category, categories=np.zeros(N + 1))):
        model = Stops().train(training)
        with pytest.raises(InterruptedError):
            ask(model, data)
        assert model.seen == ("meta", False)
        assert model.training == training


def test_scores_that_are_not_numbers_are_an_error(case):
    data, fixed = case
    fixed.table[3, 7] = float("nan")
    with pytest.raises(ValueError, match="scores must be numbers, got NaN"):
        evaluate(fixed, data, at=[5])
