import pytest
import torch
from counting_cases import EVENTS, all_train, ask

from seqviz.models.counting import ItemKNN, neighbors


def knn_by_hand(events, history, include_self):
    """Sum of cosines, item by item."""
    of = {i: set(events.table["user"][events.table["item"] == i]) for i in range(1, 5)}

    def cosine(a, b):
        if a == b:
            return float(include_self)
        return len(of[a] & of[b]) / (len(of[a]) * len(of[b])) ** 0.5

    return [sum(cosine(h, i) for h in set(history)) for i in range(1, 5)]


@pytest.mark.parametrize("include_self", [False, True])
@pytest.mark.parametrize("block", [1, 2, 1024])
def test_item_knn_is_the_cosine_of_the_user_columns(monkeypatch, block, include_self):
    monkeypatch.setattr(neighbors, "BLOCK", block)
    histories = [[1, 1], [2, 3], [4, 2]]
    model = ItemKNN(all_train(EVENTS), 4, include_self=include_self)
    expected = [knn_by_hand(EVENTS, history, include_self) for history in histories]
    torch.testing.assert_close(
        model.scores(ask(histories))[:, 1:],
        torch.tensor(expected, dtype=torch.float64),
        atol=1e-8,
        rtol=0,
    )


@pytest.mark.parametrize("include_self, kept", [(False, [1]), (True, [1, 2])])
def test_item_knn_keeps_the_nearest_others(include_self, kept):
    """``kept`` are columns, one under the ids: item 3 has item 2 as its nearest."""
    model = ItemKNN(all_train(EVENTS), 4, neighbors=1, include_self=include_self)
    scores = model.scores(ask([[3]]))
    assert (scores[0, 1:] > 1e-6).nonzero().flatten().tolist() == kept


@pytest.mark.parametrize("strongest", [1, 2, 9])
def test_only_the_strongest_votes_of_the_history_count(strongest):
    histories = [[1, 1, 0, 0], [2, 3, 0, 0], [4, 2, 3, 2], [0, 0, 0, 0]]
    train = all_train(EVENTS)
    model = ItemKNN(train, 4, include_self=True, strongest=strongest)
    alone = ItemKNN(train, 4, include_self=True)
    for history, found in zip(histories, model.scores(ask(histories)), strict=True):
        votes = torch.zeros(9, 5, dtype=torch.float64)
        for place, item in enumerate(set(history) - {0}):
            votes[place] = alone.scores(ask([[item]]))[0]
        expected = votes.topk(strongest, dim=0).values.mean(0)
        torch.testing.assert_close(found[1:], expected[1:], atol=1e-8, rtol=0)


def test_an_item_that_nobody_had_votes_for_itself():
    model = ItemKNN(all_train(EVENTS), 6, include_self=True)
    assert model.scores(ask([[6]])).argmax() == 6


def test_bad_input():
    train = all_train(EVENTS)
    with pytest.raises(
        ValueError, match=r"items of train must lie in 1\.\.2, got 1\.\.4"
    ):
        ItemKNN(train, 2)
    with pytest.raises(ValueError, match="neighbors must be at least 1"):
        ItemKNN(train, 4, neighbors=0)
    with pytest.raises(ValueError, match="strongest must be at least 1"):
        ItemKNN(train, 4, strongest=0)
