import numpy as np
import pytest
import torch
from counting_cases import EVENTS, all_train, ask, drawn, ranking

from seqviz.models.counting import CategoryShare, MostPopular


@pytest.mark.parametrize("seed", range(3))
def test_category_share_by_a_plain_loop(seed):
    events = drawn(seed)
    categories = np.array([0, 7, 7, 2, 2, 2, 9, 9, 0, 7])  # an item may have 0 too
    items = events.table["item"].tolist()
    histories = [[0, 1, 3, 3], [6, 6, 6, 8], [4, 4, 5, 1]]
    expected = []
    for history in histories:
        real = [item for item in history if item]
        row = []
        for item in range(1, 10):
            alike = [i for i in range(1, 10) if categories[i] == categories[item]]
            share = sum(i in alike for i in real) / len(real)
            row.append(share * items.count(item) / sum(map(items.count, alike)))
        expected.append(row)
    scores = CategoryShare(all_train(events), categories, 9).scores(ask(histories))
    np.testing.assert_allclose(scores[:, 1:], expected, atol=1e-8)


def test_an_empty_history_is_given_what_is_popular():
    train, empty = all_train(EVENTS), ask([[0, 0]])
    share = CategoryShare(train, np.array([0, 1, 1, 2, 3]), 4).scores(empty)
    assert ranking(share) == ranking(MostPopular(train, 4).scores(empty))


def test_a_category_without_a_training_event():
    model = CategoryShare(all_train(EVENTS), np.array([0, 1, 1, 1, 1, 2]), 5)
    scores = model.scores(ask([[5], [0]]))
    assert ranking(scores) == [[1, 2, 3, 4, 5], [2, 1, 3, 4, 5]]
    assert not scores.isnan().any()


def test_bad_input():
    train = all_train(EVENTS)
    with pytest.raises(
        ValueError, match=r"categories must have shape \[N \+ 1\] = \[5\], got \[4\]"
    ):
        CategoryShare(train, np.zeros(4, int), 4)
    with pytest.raises(TypeError, match="categories must be whole numbers"):
        CategoryShare(train, torch.zeros(5).numpy(), 4)
