import numpy as np
import pytest
import torch

from seqviz.baselines import ItemKNN, MostPopular, RecentPopularity
from seqviz.data import Batch, Examples, Ragged

DAY = 86_400


def events(rows):
    """Examples from (user, day, truths); histories play no part here."""
    users, days, truths = zip(*rows, strict=True)
    return Examples(
        np.array(users),
        np.array(days) * DAY,
        Ragged.from_rows([[] for _ in rows]),
        Ragged.from_rows(truths),
    )


def ask(item_ids, day=0):
    ids = torch.tensor(item_ids)
    size = len(ids)
    return Batch(
        ids,
        ids != 0,
        ids[:, 0],
        ids[:, :1],
        torch.arange(size),
        torch.full((size,), day * DAY),
    )


TRAIN = events([(0, 1, [1, 2]), (1, 3, [2]), (2, 5, [3, 2]), (0, 9, [1])])


def test_most_popular_counts():
    scores = MostPopular(TRAIN, 4).scores(ask([[1], [0]]))
    assert scores.tolist() == [[0, 2, 3, 1, 0]] * 2


@pytest.mark.parametrize(
    "day, expected",
    [
        (0, [0, 0, 0, 0, 0]),
        (1, [0, 0, 0, 0, 0]),  # nothing of the day itself
        (2, [0, 1, 1, 0, 0]),
        (6, [0, 0, 2, 1, 0]),  # days 3, 4 and 5
        (10, [0, 1, 0, 0, 0]),
        (100, [0, 0, 0, 0, 0]),
    ],
)
def test_recent_popularity_looks_back_and_never_ahead(day, expected):
    scores = RecentPopularity(TRAIN, 4, days=3).scores(ask([[1]], day))
    assert scores.tolist() == [expected]


def test_item_knn_is_the_cosine_of_the_user_columns():
    # users of 1: {0}, of 2: {0, 1, 2}, of 3: {2}
    scores = ItemKNN(TRAIN, 4).scores(ask([[1, 1], [2, 3], [0, 0]]))
    half = 3**-0.5
    expected = [[0, 0, half, 0, 0], [0, half, half, half, 0], [0, 0, 0, 0, 0]]
    torch.testing.assert_close(scores, torch.tensor(expected))


def test_item_knn_keeps_the_nearest():
    scores = ItemKNN(TRAIN, 4, neighbors=1).scores(ask([[3]]))
    assert scores.argmax() == 2 and (scores > 0).sum() == 1


def test_bad_input():
    with pytest.raises(ValueError, match="train is empty"):
        MostPopular(TRAIN.select(slice(0, 0)), 4)
    with pytest.raises(ValueError, match=r"ids 1..3, but num_items is 2"):
        ItemKNN(TRAIN, 2)
    with pytest.raises(ValueError, match="days must be at least 1"):
        RecentPopularity(TRAIN, 4, days=0)
    with pytest.raises(ValueError, match="neighbors must be at least 1"):
        ItemKNN(TRAIN, 4, neighbors=0)
