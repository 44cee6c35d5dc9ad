import pytest
import torch

from seqviz.retrieval.exact import top_columns, top_items


@pytest.mark.parametrize("columns", [10, 500, 4003])
@pytest.mark.parametrize("n", [1, 7])
def test_equals_topk(columns, n):
    torch.manual_seed(0)
    scores = torch.randn(9, columns)
    values, ids = top_columns(scores, n, group=8)
    expected = scores.topk(n, dim=1)
    assert torch.equal(values, expected.values) and torch.equal(ids, expected.indices)


def test_the_best_may_crowd_in_one_group():
    scores = torch.zeros(1, 4000)
    scores[0, 64:71] = torch.arange(7.0) + 1
    assert top_columns(scores, 7, group=8)[1].tolist() == [list(range(70, 63, -1))]


def test_never_returns_the_padding():
    torch.manual_seed(0)
    query, items = torch.randn(5, 4), torch.randn(21, 4)
    items[0] = 100 * query[0]
    scores, ids = top_items(query, items, 20, chunk=2)
    assert ids.min() == 1
    torch.testing.assert_close(scores, (query @ items.T).gather(1, ids))


@pytest.mark.parametrize("n", [0, 21])
def test_n_out_of_range(n):
    with pytest.raises(ValueError, match=f"n must lie in 1..20, got {n}"):
        top_items(torch.zeros(2, 4), torch.zeros(21, 4), n)


def test_shapes_are_named():
    with pytest.raises(ValueError, match=r"got \[4\] and \[21, 4\]"):
        top_items(torch.zeros(4), torch.zeros(21, 4), 1)
