import numpy as np
import pandas as pd
import pytest
import torch

from seqviz.data import (
    Batch,
    Examples,
    Interactions,
    Ragged,
    split_by_user,
    split_next_session,
)
from seqviz.models import counting as baselines
from seqviz.models.counting import (
    ItemKNN,
    MostPopular,
    RecentPopularity,
)

DAY = 86_400


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


def ranking(scores):
    """Ids from best to worst, without the padding."""
    assert (scores[:, 0] == -torch.inf).all()
    return (scores.argsort(1, descending=True)[:, :-1]).tolist()


def table(*rows):
    """Interactions over 4 items from (user, item, day), one session a user and day."""
    frame = pd.DataFrame(rows, columns=["user", "item", "day"])
    frame["time"] = frame.pop("day") * DAY
    frame["session"] = frame.groupby(["user", "time"]).ngroup()
    return Interactions(frame.assign(kind="click"), num_items=4)


EVENTS = table(
    (0, 1, 1), (0, 2, 1), (0, 1, 9), (1, 2, 3), (1, 4, 4), (2, 3, 5), (2, 2, 6)
)  # fmt: skip


@pytest.mark.parametrize("split", [split_by_user, split_next_session])
def test_every_training_event_counts_the_first_too(split):
    train = split(EVENTS, fractions=(1, 0, 0)).train
    users, items = baselines._events(train, 4)
    assert sorted(zip(users, items, strict=True)) == sorted(
        zip(EVENTS.table["user"], EVENTS.table["item"], strict=True)
    )


def test_most_popular_counts_and_breaks_ties_by_id():
    train = split_by_user(EVENTS, fractions=(1, 0, 0)).train
    scores = MostPopular(train, 4).scores(ask([[1], [0]]))
    assert ranking(scores) == [[2, 1, 3, 4]] * 2


@pytest.mark.parametrize(
    "day, expected",
    [
        (0, [1, 2, 3, 4]),  # nothing happened yet
        (1, [1, 2, 3, 4]),  # nothing of the day itself
        (2, [1, 2, 3, 4]),
        (6, [2, 3, 4, 1]),  # days 3, 4 and 5
        (10, [1, 2, 3, 4]),
        (100, [1, 2, 3, 4]),
    ],
)
def test_recent_popularity_looks_back_and_never_ahead(day, expected):
    scores = RecentPopularity(EVENTS, days=3).scores(ask([[1]], day))
    assert ranking(scores) == [expected]


def knn_by_hand(events, history):
    """Sum of cosines, item by item."""
    of = {i: set(events.table["user"][events.table["item"] == i]) for i in range(1, 5)}

    def cosine(a, b):
        return len(of[a] & of[b]) / (len(of[a]) * len(of[b])) ** 0.5

    return [sum(cosine(h, i) for h in set(history) if h != i) for i in range(1, 5)]


@pytest.mark.parametrize("block", [1, 2, 1024])
def test_item_knn_is_the_cosine_of_the_user_columns(monkeypatch, block):
    monkeypatch.setattr(baselines, "BLOCK", block)
    train = split_by_user(EVENTS, fractions=(1, 0, 0)).train
    histories = [[1, 1], [2, 3], [4, 2]]
    scores = ItemKNN(train, 4).scores(ask(histories))[:, 1:]
    expected = [knn_by_hand(EVENTS, history) for history in histories]
    torch.testing.assert_close(
        scores, torch.tensor(expected, dtype=torch.float64), atol=1e-8, rtol=0
    )


def test_item_knn_keeps_the_nearest():
    train = split_by_user(EVENTS, fractions=(1, 0, 0)).train
    scores = ItemKNN(train, 4, neighbors=1).scores(ask([[3]]))
    assert (scores[0, 1:] > 1e-6).nonzero().flatten().tolist() == [1]


def test_bad_input():
    train = split_by_user(EVENTS, fractions=(1, 0, 0)).train
    empty = Examples(
        np.zeros(0, int), np.zeros(0, int), Ragged.from_rows([]), Ragged.from_rows([])
    )
    with pytest.raises(ValueError, match="train must hold at least one row, got none"):
        MostPopular(empty, 4)
    with pytest.raises(
        ValueError, match=r"items of train must lie in 1\.\.2, got 1\.\.4"
    ):
        ItemKNN(train, 2)
    with pytest.raises(ValueError, match="days must be at least 1"):
        RecentPopularity(EVENTS, days=0)
    with pytest.raises(ValueError, match="neighbors must be at least 1"):
        ItemKNN(train, 4, neighbors=0)


def test_recent_popularity_holds_the_days_that_occur():
    """One event at the beginning of time, one today: two days, not twenty thousand."""
    rng = np.random.default_rng(0)
    times = np.concatenate([[0], 1_700_000_000 + rng.integers(0, 20 * DAY, 60)])
    table = pd.DataFrame(
        {
            "user": 0,
            "item": rng.integers(1, 6, 61),
            "time": times,
            "session": 0,
            "kind": "click",
        }
    )
    events = Interactions(table, 5)
    recent = RecentPopularity(events, days=4)
    assert len(recent.before) == 1 + len(np.unique(times // DAY))
    items, days = events.table["item"].to_numpy(), events.table["time"] // DAY
    for day in np.unique(days).tolist() + [3, 19_000, 30_000]:
        inside = items[((days < day) & (days >= day - 4)).to_numpy()]
        expected = np.bincount(inside, minlength=6)[1:]
        scores = recent.scores(ask([[1]], day))[0, 1:].numpy()
        assert np.array_equal(np.ceil(scores), expected)


def test_one_long_history_costs_no_more_than_its_length(monkeypatch):
    def never(*_):
        raise AssertionError("padded to the longest history of all")

    rows = Ragged.from_rows([[1], [2, 3], [4] * 50])
    assert rows.flat().tolist() == [1, 2, 3] + [4] * 50
    assert rows.select(np.array([1, 0])).flat().tolist() == [2, 3, 1]
    assert Ragged.from_rows([[], []]).flat().tolist() == []
    train = split_by_user(EVENTS, fractions=(1, 0, 0)).train
    monkeypatch.setattr(Ragged, "pad", never)
    MostPopular(train, 4)
