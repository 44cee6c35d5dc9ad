import math

import pytest
import torch

from seqviz.metrics.lists import category_entropy, intra_list_distance


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
    assert intra_list_distance(torch.zeros(1, 4, 3)).tolist() == [1]
