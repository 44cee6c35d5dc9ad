import numpy as np
import pytest
from counting_cases import DAY, EVENTS, all_train, ask, drawn, table

from seqviz.data import (
    Examples,
    Interactions,
    Ragged,
    split_by_user,
    split_next_session,
    split_next_session_by_time,
)
from seqviz.models.counting import TIFUKNN

SETTINGS = {"groups": 3, "within_decay": 0.8, "group_decay": 0.6, "alpha": 0.7}


def vector_by_hand(baskets, num_items, groups, within_decay, group_decay):
    """The paper's two sums, basket by basket; groups as equal as can be."""
    vector = np.zeros(num_items + 1)
    if not baskets:
        return vector
    count = min(len(baskets), groups)
    sizes = [len(baskets) // count] * count
    for group in range(len(baskets) % count):
        sizes[-1 - group] += 1
    rest = list(baskets)
    for group, size in enumerate(sizes, start=1):
        own, rest = rest[:size], rest[size:]
        for place, basket in enumerate(own, start=1):
            weight = within_decay ** (size - place) / size
            weight *= group_decay ** (count - group) / count
            for item in set(basket):
                vector[item] += weight
    return vector


def baskets_of(events, user, before=np.inf):
    """Her sessions before a moment, oldest first, each a list of items."""
    own = events.table[(events.table["user"] == user) & (events.table["time"] < before)]
    return [group["item"].tolist() for _, group in own.groupby("session")]


def scores_by_hand(events, users, vectors, user, day, neighbors, alpha, **decays):
    own = vector_by_hand(
        baskets_of(events, user, day * DAY), events.num_items, **decays
    )
    others = [vectors[v] for v in users if v != user]
    others.sort(key=lambda v: np.linalg.norm(own - v))
    mean = np.mean(others[:neighbors], axis=0)
    return alpha * own + (1 - alpha) * mean


@pytest.mark.parametrize("neighbors", [1, 3, 100])
@pytest.mark.parametrize("split", [split_by_user, split_next_session])
@pytest.mark.parametrize("seed", range(3))
def test_tifu_knn_by_plain_loops(split, seed, neighbors):
    """With settings of which no two users are equally near."""
    events = drawn(seed, users=10, events=150)
    train = split(events, fractions=(0.7, 0.1, 0.2)).train
    users = np.unique(train.users)
    assert 3 < len(users) < 10
    decays = {k: v for k, v in SETTINGS.items() if k != "alpha"}
    vectors = {
        user: vector_by_hand(baskets_of(events, user), 9, **decays) for user in users
    }
    asked = np.arange(10)
    days = np.array([0, 1, 5, 9, 12, 15, 20, 25, 30, 99])
    model = TIFUKNN(events, train, neighbors=neighbors, **SETTINGS)
    scores = model.scores(ask([[1]] * 10, days, asked.tolist())).numpy()
    for user, day in zip(asked, days, strict=True):
        if day == 0:
            continue  # without a basket: its own test
        expected = scores_by_hand(
            events, users, vectors, user, day, neighbors, **SETTINGS
        )
        np.testing.assert_allclose(scores[user, 1:], expected[1:], atol=1e-8)


def test_after_a_causal_cut_no_vector_holds_what_came_later():
    """A person may be asked about who also trains: her later sessions stay unseen."""
    events = drawn(1, users=10, events=200)
    split = split_next_session_by_time(events, 15 * DAY, 22 * DAY)
    assert np.isin(split.test.users, split.train.users).any()
    frame = events.table
    late = frame["time"] >= 22 * DAY
    other = Interactions(frame.assign(item=frame["item"].mask(late, 1)), 9)
    batch = ask([[1]] * len(split.test), 22, split.test.users.tolist())
    scores = [TIFUKNN(e, split.train).scores(batch) for e in (events, other)]
    assert (scores[0] == scores[1]).all()


def test_the_latest_groups_are_the_larger_ones():
    """Eight sessions in three groups: 2, 3 and 3 of them."""
    events = table(*((0, day, day) for day in range(1, 9)), (1, 9, 1), num_items=9)
    train = all_train(events)
    model = TIFUKNN(events, train.select(train.users == 0), **SETTINGS | {"alpha": 1})
    scores = model.scores(ask([[1]], 50))[0, 1:9].numpy()
    w, g = 0.8, 0.6
    expected = [
        *(g**2 / 3 * w**i / 2 for i in (1, 0)),
        *(g / 3 * w**i / 3 for i in (2, 1, 0)),
        *(1 / 3 * w**i / 3 for i in (2, 1, 0)),
    ]
    np.testing.assert_allclose(scores, expected, atol=1e-8)


def test_it_sees_nothing_of_the_user_from_the_moment_on():
    events = drawn(0, users=8)
    frame = events.table
    train = split_by_user(events, fractions=(0.5, 0.25, 0.25)).train
    held_out = np.setdiff1d(np.arange(8), train.users)
    late = frame["user"].isin(held_out) & (frame["time"] >= 15 * DAY)
    assert late.any()
    # the same number of rows: train points into the table
    other = Interactions(frame.assign(item=frame["item"].mask(late, 1)), 9)
    assert not other.table["item"].equals(frame["item"])
    batch = ask([[1]] * len(held_out), 15, held_out.tolist())
    scores = [TIFUKNN(table, train).scores(batch) for table in (events, other)]
    assert (scores[0] == scores[1]).all()


def test_a_session_that_has_begun_counts_as_far_as_it_went():
    frame = EVENTS.table.assign(session=EVENTS.table["user"])  # one each
    events = Interactions(frame, 4)
    model = TIFUKNN(events, all_train(events), alpha=1)
    scores = model.scores(ask([[1]], 4, [1]))  # user 1: item 2 on day 3, 4 on day 4
    np.testing.assert_allclose(scores[0, 1:], [0, 1, 0, 0], atol=1e-8)


def test_a_user_is_not_her_own_neighbor():
    events = table((0, 1, 1), (0, 1, 2), (1, 2, 1), (1, 2, 2), num_items=2)
    train = all_train(events)
    scores = TIFUKNN(events, train, alpha=0).scores(ask([[1], [2]], 9))
    assert scores.argmax(1).tolist() == [2, 1]
    alone = TIFUKNN(events, train.select(train.users == 0), alpha=0.5)
    assert alone.scores(ask([[1]], 9)).argmax() == 1
    np.testing.assert_allclose(alone.scores(ask([[1]], 0))[0, 1:], 0, atol=1e-8)


def test_a_user_without_a_basket_is_a_zero_vector():
    """Her neighbors are the shortest vectors."""
    events = table((0, 1, 1), (0, 2, 1), (1, 3, 1), (1, 3, 2), (2, 4, 9))
    train = all_train(events)
    model = TIFUKNN(events, train, neighbors=1, alpha=0.4)
    scores = model.scores(ask([[0]], 1, [2]))
    np.testing.assert_allclose(
        scores[0, 1:], 0.6 * model.vectors.toarray()[1, 1:], atol=1e-8
    )


def test_bad_input():
    train = all_train(EVENTS)
    rows = Ragged.from_rows([[1], [2]])
    with pytest.raises(ValueError, match="train must be cut from interactions"):
        TIFUKNN(EVENTS, Examples([0, 1], [5, 5], rows, rows))
    with pytest.raises(ValueError, match="train must be cut from interactions"):
        TIFUKNN(drawn(0), train)
    with pytest.raises(ValueError, match="train must hold at least one row, got none"):
        TIFUKNN(EVENTS, train.select(slice(0, 0)))
    with pytest.raises(ValueError, match=r"alpha must lie in 0\.\.1, got 2"):
        TIFUKNN(EVENTS, train, alpha=2)
    with pytest.raises(ValueError, match="groups must be at least 1, got 0"):
        TIFUKNN(EVENTS, train, groups=0)
    with pytest.raises(ValueError, match=r"users must lie in 0\.\.2, got 7\.\.7"):
        TIFUKNN(EVENTS, train).scores(ask([[1]], 5, [7]))
