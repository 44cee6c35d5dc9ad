import numpy as np
import pytest
import torch
from counting_cases import EVENTS, all_train, ask, drawn

from seqviz.models.counting import EASE


def ridge_by_hand(events, regularization):
    """Each item regressed on all others, one after the other: ``[N, N]``."""
    X = np.zeros((events.num_users, events.num_items))
    for user, item in zip(events.table["user"], events.table["item"], strict=True):
        X[user, item - 1] = 1
    weights = np.zeros((events.num_items, events.num_items))
    for item in range(events.num_items):
        others = np.arange(events.num_items) != item
        Z = X[:, others]
        gram = Z.T @ Z + regularization * np.eye(others.sum())
        weights[others, item] = np.linalg.solve(gram, Z.T @ X[:, item])
    return weights


@pytest.mark.parametrize("regularization", [0.5, 20.0])
@pytest.mark.parametrize("seed", range(3))
def test_ease_is_a_ridge_regression_of_each_item_on_the_others(seed, regularization):
    events = drawn(seed)
    model = EASE(all_train(events), events.num_items, regularization)
    weights = ridge_by_hand(events, regularization)
    torch.testing.assert_close(model.weights[1:, 1:].numpy(), weights)
    histories = [[1, 1, 2], [0, 0, 5], [9, 3, 9], [0, 0, 0]]
    expected = [sum(weights[i - 1] for i in set(h) - {0}) for h in histories[:3]]
    scores = model.scores(ask(histories))[:, 1:].numpy()
    np.testing.assert_allclose(scores[:3], expected, atol=1e-8)
    np.testing.assert_allclose(scores[3], 0, atol=1e-8)


def test_too_many_items_and_other_bad_input():
    train = all_train(EVENTS)
    with pytest.raises(
        ValueError, match="at most 20000 for EASE, got 100000: .* would take 80 GB"
    ):
        EASE(train, 100_000)
    with pytest.raises(ValueError, match="regularization must be .* above 0, got 0"):
        EASE(train, 4, regularization=0)
