import math

import pytest
import torch

from seqviz.metrics.lists import (
    category_entropy,
    coverage,
    diversity,
    intra_list_distance,
    ndcg,
    recall,
)


def test_entropy_of_known_lists():
    lists = torch.tensor([[1, 1, 1, 1], [1, 2, 3, 4], [0, 0, 5, 5]])
    expected = [0.0, math.log(4), math.log(2)]
    assert category_entropy(lists).tolist() == pytest.approx(expected)


def test_distance_equals_the_pairs():
    torch.manual_seed(0)
    vectors = torch.randn(6, 9, 4)
    for row, mean in zip(vectors, intra_list_distance(vectors).tolist(), strict=True):
        pairs = [
            1 - float(torch.cosine_similarity(row[i], row[j], dim=0))
            for i in range(9)
            for j in range(i)
        ]
        assert mean == pytest.approx(sum(pairs) / len(pairs), abs=1e-6)


def test_copies_are_at_no_distance_and_one_item_has_no_pair():
    assert intra_list_distance(torch.ones(2, 5, 3)).tolist() == pytest.approx(
        [0, 0], abs=1e-6
    )
    assert intra_list_distance(torch.ones(2, 1, 3)).tolist() == [0, 0]
    for dtype in (torch.float16, torch.float32, torch.float64):
        zeros = torch.zeros(1, 4, 3, dtype=dtype)
        assert intra_list_distance(zeros).tolist() == [1]


def test_an_empty_place_covers_no_item():
    assert coverage(torch.tensor([[1, 2, 0], [2, 0, 0]]), num_items=4) == 0.5


def test_nobody_has_no_list():
    empty = torch.zeros(0, 4, dtype=torch.long)
    assert diversity(empty).shape == category_entropy(empty).shape == (0,)
    assert recall(empty.bool(), empty[:, 0]).shape == (0,)
    assert ndcg(empty.bool(), empty[:, 0]).shape == (0,)


@pytest.mark.parametrize("metric", [diversity, category_entropy])
def test_categories_that_are_none(metric):
    with pytest.raises(ValueError, match="categories must be at least 0, got -1"):
        metric(torch.tensor([[1, -1]]))
    with pytest.raises(ValueError, match=r"categories must be \[B, N\] .*got \[1, 0\]"):
        metric(torch.zeros(1, 0, dtype=torch.long))
    with pytest.raises(TypeError, match="categories must be whole numbers"):
        metric(torch.ones(1, 2))
    assert metric(torch.tensor([[1, 2]], dtype=torch.int32)).shape == (1,)


@pytest.mark.parametrize("metric", [recall, ndcg])
def test_hits_and_truths_that_cannot_be(metric):
    hits = torch.tensor([[True, False], [True, True]])
    assert metric(hits, torch.tensor([1, 2])).tolist() == [1, 1]
    with pytest.raises(
        ValueError, match="num_truths must be at least 1, got 0 in row 1"
    ):
        metric(hits, torch.tensor([1, 0]))
    with pytest.raises(ValueError, match="at most num_truths, got 2 of 1 in row 1"):
        metric(hits, torch.tensor([1, 1]))
    with pytest.raises(ValueError, match=r"got \[2, 2\] and \[3\]"):
        metric(hits, torch.ones(3))
    with pytest.raises(TypeError, match="hits must be bool"):
        metric(hits.float(), torch.ones(2))
