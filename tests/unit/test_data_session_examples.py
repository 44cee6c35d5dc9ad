"""The session, what came before it by attribute, and who is asked what."""

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqviz.data import (
    Catalog,
    Dataset,
    Interactions,
    Ragged,
    SessionBatch,
    SessionExamples,
    batches,
    item_attributes,
    load_shop,
    sdm_filters,
    session_examples,
    split_session_rest,
)

DAY = 86_400
ITEMS = 9
# item, kind (1 or 2), brand (missing for even items)
ATTRIBUTES = np.array([[i, i and 1 + i % 2, i * (i % 2)] for i in range(ITEMS + 1)])


def log(rows):
    """Events from (user, item, time, session)."""
    table = pd.DataFrame(rows, columns=["user", "item", "time", "session"])
    return Interactions(table.assign(kind="click"), ITEMS)


def random_log(seed, users=4, events=60):
    rng = np.random.default_rng(seed)
    user = np.sort(rng.integers(0, users, events))
    time = rng.choice(30 * DAY // 500, events, replace=False) * 500
    order = np.lexsort((time, user))
    time = time[order]
    begins = (np.diff(user, prepend=-1) != 0) | (rng.random(events) < 0.3)
    item = rng.integers(1, ITEMS + 1, events)
    return log(list(zip(user, item, time, np.cumsum(begins), strict=True)))


def latest_values(items, column, most):
    """By hand: different values, in the order of their last appearance."""
    values = [int(ATTRIBUTES[item, column]) for item in items]
    values = [v for n, v in enumerate(values) if v and v not in values[n + 1 :]]
    return values[len(values) - min(most, len(values)) :]


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 10**6),
    st.integers(1, 5),
    st.sampled_from([None, 1, 7]),
    st.integers(1, 4),
)
def test_every_training_row_by_hand(seed, longest, days, most):
    events = random_log(seed)
    table = events.table
    middle, late = 20 * DAY, 25 * DAY
    split = split_session_rest(
        events,
        ATTRIBUTES,
        middle,
        late,
        31 * DAY,
        gap=1,
        longest=longest,
        long_days=days,
        most=most,
    )
    row = 0
    for _, session in table.groupby("session"):
        if len(session) < 2 or session["time"].max() >= middle:
            continue
        for cut in session.index[1:]:
            begin = max(session.index[0], cut - longest)
            user = table["user"][cut]
            before = table[(table["user"] == user) & (table.index < begin)]
            if days is not None:
                since = table["time"][begin] - days * DAY
                before = before[before["time"] >= since]
            train = split.train
            assert train.users[row] == user and train.times[row] == table["time"][cut]
            assert train.truths[row].tolist() == [table["item"][cut]]
            own = table["item"].iloc[begin:cut].tolist()
            assert train.sessions[row].tolist() == own
            for column, part in enumerate(train.long):
                expected = latest_values(before["item"], column, most)
                assert part[row].tolist() == expected
            row += 1
    assert row == len(split.train)


def test_a_held_out_session_shows_its_first_quarter():
    rows = [(0, 1 + n % 8, n, 0) for n in range(3)]
    rows += [(0, 1 + n, 5000 + n, 1) for n in range(8)]  # validation
    rows += [(0, 7, 9000, 2), (0, 7, 9001, 2)]  # her second there: not asked
    rows += [(0, 3, 12_000, 3), (0, 4, 12_001, 3), (0, 4, 12_002, 3)]  # test
    rows += [(1, 3, 12_000, 4), (1, 5, 12_900, 5)]  # single events: not asked
    split = split_session_rest(log(rows), ATTRIBUTES, 4000, 11_000)
    assert [len(part) for part in split] == [2, 1, 1]
    validation, test = split.validation, split.test
    assert validation.sessions[0].tolist() == [1, 2]
    assert validation.truths[0].tolist() == [3, 4, 5, 6, 7, 8]
    assert validation.histories[0].tolist() == [1, 2, 3, 1, 2]
    assert validation.long[0][0].tolist() == [1, 2, 3]
    assert test.sessions[0].tolist() == [3]  # a quarter of 3 is none, so one
    assert test.truths[0].tolist() == [4]


def test_a_session_that_a_moment_cuts_is_neither_learned_nor_asked():
    rows = [(0, 1, 0, 0), (0, 2, 1, 0), (0, 3, 10_000, 1), (0, 4, 10_001, 1)]
    split = split_session_rest(log(rows), ATTRIBUTES, 10_001, 20_000, 30_000)
    assert [len(part) for part in split] == [1, 0, 0]
    split = split_session_rest(log(rows), ATTRIBUTES, 5000, 10_001, 20_000)
    assert [len(part) for part in split] == [1, 0, 0]


def test_training_rows_may_be_thinned_evenly():
    rows = [(0, 1 + n, n, 0) for n in range(9)]
    for number, cuts in {1: [9], 2: [5, 9], 4: [3, 5, 7, 9], 50: range(2, 10)}.items():
        split = split_session_rest(
            log(rows), ATTRIBUTES, 50, 60, 70, per_session=number
        )
        assert split.train.truths.flat().tolist() == list(cuts)


def test_training_may_begin_later_than_the_log():
    rows = [(0, 1, 0, 0), (0, 2, 1, 0), (0, 3, 5000, 1), (0, 4, 5001, 1)]
    split = split_session_rest(log(rows), ATTRIBUTES, 6000, 7000, 8000, start=4000)
    assert split.train.truths.flat().tolist() == [4]
    assert split.train.long[0][0].tolist() == [1, 2]


def test_the_rest_of_a_long_session_counts_to_what_came_before():
    rows = [(0, 1 + n, n, 0) for n in range(6)]
    split = split_session_rest(log(rows), ATTRIBUTES, 50, 60, 70, longest=2)
    assert split.train.sessions[4].tolist() == [4, 5]
    assert split.train.long[0][4].tolist() == [1, 2, 3]


def test_the_same_user_in_another_order_of_rows():
    """The table is sorted by its class: the clock decides, not the order given."""
    rows = [(0, 1, 5, 0), (0, 2, 3, 0), (0, 3, 4, 0)]
    split = split_session_rest(log(rows), ATTRIBUTES, 50, 60, 70)
    assert split.train.truths.flat().tolist() == [3, 1]


def test_batches_hold_the_session_and_the_past():
    split = split_session_rest(random_log(3), ATTRIBUTES, 20 * DAY, 25 * DAY, 31 * DAY)
    for side in ("left", "right"):
        seen = 0
        for batch in batches(split.train, 4, 6, side=side):
            assert isinstance(batch, SessionBatch)
            assert batch.long_ids.shape[:2] == (len(batch.users), 3)
            for row in range(len(batch.users)):
                own = batch.session_ids[row]
                kept = split.train.sessions[seen][-6:].tolist()
                assert own[own > 0].tolist() == kept
                for column in range(3):
                    values = batch.long_ids[row, column]
                    expected = split.train.long[column][seen].tolist()
                    assert values[values > 0].tolist() == expected
                seen += 1
        assert seen == len(split.train)


def test_a_user_without_a_past_is_a_row_of_padding():
    rows = [(0, 1, 0, 0), (0, 2, 1, 0)]
    split = split_session_rest(log(rows), ATTRIBUTES, 50, 60, 70)
    (batch,) = batches(split.train, 4, 5)
    assert batch.session_ids.tolist() == [[1]]
    assert batch.long_ids.shape == (1, 3, 1) and not batch.long_ids.any()
    assert all(
        column.dtype == torch.int64 for column in batch if column is not batch[1]
    )


def test_select_takes_whole_rows():
    split = split_session_rest(random_log(5), ATTRIBUTES, 20 * DAY, 25 * DAY, 31 * DAY)
    some = split.train.select(np.array([4, 0]))
    assert isinstance(some, SessionExamples) and "(2 rows, " in repr(some)
    assert some.sessions[0].tolist() == split.train.sessions[4].tolist()
    assert some.long[1][1].tolist() == split.train.long[1][0].tolist()


def test_attributes_of_the_catalog():
    table = pd.DataFrame(
        {
            "title": ["a", "b", "c", "d", "e"],
            "category": ["x", "y", "x", "y", "z"],
            "brand": ["Q", None, "P", " ", "Q"],
            "price": [5.0, 1.0, np.nan, 2.0, 9.0],
        },
        index=np.arange(1, 6),
    )
    found = item_attributes(Catalog(table), ("category", "brand", "price"), num_bands=2)
    assert found.tolist() == [
        [0, 0, 0, 0],
        [1, 1, 2, 2],
        [2, 2, 0, 1],
        [3, 1, 1, 0],
        [4, 2, 0, 1],
        [5, 3, 2, 2],
    ]
    with pytest.raises(ValueError, match="columns must be among .*, got 'color'"):
        item_attributes(Catalog(table), ("color",))
    with pytest.raises(TypeError, match="columns must be a list of texts, got the"):
        item_attributes(Catalog(table), "brand")


def test_bands_hold_as_many_items():
    table = pd.DataFrame(
        {"title": "a", "category": "x", "price": np.arange(100.0)},
        index=np.arange(1, 101),
    )
    bands = item_attributes(Catalog(table), ["price"], num_bands=25)[1:, 1]
    assert np.bincount(bands)[1:].tolist() == [4] * 25


def test_attributes_of_the_shop():
    found = item_attributes(load_shop(num_users=3).catalog)
    assert found.shape == (241, 5) and not found[0].any()
    assert found.max(0).tolist() == [240, 12, 48, 6, 3] and found[1:].min() == 1


def dataset(events):
    table = pd.DataFrame(
        {"title": [f"item {i}" for i in range(ITEMS)], "category": "x"},
        index=np.arange(1, ITEMS + 1),
    )
    return Dataset("log", events, Catalog(table))


def test_the_published_filters_at_their_borders():
    sizes = {0: 40, 1: 41, 2: 999, 3: 1000, 4: 500}
    rows = []
    for user, size in sizes.items():
        # user 4 has most of hers before the eight days
        begin = -7 * DAY if user == 4 else 0
        for n in range(size):
            rows.append((user, 1 + n % 4, 10 * DAY + begin + n, user))
    # an item five times before the eighth day, and one four times
    rows += [(2, 5, 10 * DAY + 2000 + n, 9) for n in range(5)]
    rows += [(1, 6, 10 * DAY + 2000 + n, 8) for n in range(4)]
    rows += [(1, 6, 17 * DAY, 10), (1, 1, 18 * DAY - 1, 11)]
    events = log(rows)
    kept, start, test, end = sdm_filters(dataset(events), behaviors=(41, 1004))
    assert (start, test, end) == (10 * DAY, 17 * DAY, 18 * DAY)
    assert sorted(kept.interactions.table["user"].unique()) == [1, 2, 3]
    assert kept.catalog.num_items == 5
    kept, *_ = sdm_filters(dataset(log(rows[: sum(sizes.values())])), end=18 * DAY)
    assert sorted(kept.interactions.table["user"].unique()) == [1, 2]


def test_the_recipe_of_the_docstring_runs():
    shop = load_shop(num_users=400, seed=3)
    shop = Dataset("shop", shop.interactions.of_kind("click"), shop.catalog)
    kept, start, test, end = sdm_filters(
        shop, train_days=70, test_days=10, behaviors=(5, 999)
    )
    split = split_session_rest(
        kept.interactions,
        item_attributes(kept.catalog),
        test - 10 * DAY,
        test,
        end,
        start=start,
    )
    assert all(len(part) > 0 for part in split)
    assert (
        split.train.times.min() >= start and split.train.times.max() < test - 10 * DAY
    )
    assert split.test.times.min() >= test
    assert (split.train.sessions.lengths <= 50).all()
    assert all(part.lengths.max() <= 20 for part in split.train.long)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"second": 5}, ValueError, "start, first, second and end must grow"),
        ({"start": 90}, ValueError, "start, first, second and end must grow, got 90"),
        ({"min_session": 1}, ValueError, "min_session must be at least 2, got 1"),
        ({"shown": 1.5}, ValueError, "shown must lie in 0..1, got 1.5"),
        ({"per_session": 0}, ValueError, "per_session must be at least 1, got 0"),
        ({"longest": 0}, ValueError, "longest must be at least 1, got 0"),
        ({"most": 0}, ValueError, "most must be at least 1, got 0"),
        ({"long_days": -1}, ValueError, "long_days must be .* at least 0, got -1"),
        ({"attributes": ATTRIBUTES[:4]}, ValueError, r"attributes must be \[N \+ 1, F"),
    ],
)
def test_bad_arguments(options, error, message):
    rows = [(0, 1 + n, n, 0) for n in range(6)]
    given_ = {"attributes": ATTRIBUTES, "first": 50, "second": 60, "end": 70}
    with pytest.raises(error, match=message):
        split_session_rest(log(rows), **{**given_, **options})


def test_a_session_has_to_be_the_end_of_its_history():
    items = np.arange(1, 6)
    whole, own = Ragged(items, [0], [3]), Ragged(items, [0], [2])
    truths = Ragged.from_rows([[1]])
    with pytest.raises(ValueError, match=r"sessions must be the end .* 0..2 of 0..3"):
        SessionExamples([0], [0], whole, truths, own, (own,))
    with pytest.raises(ValueError, match="long must hold at least one attribute"):
        SessionExamples([0], [0], whole, truths, whole, ())


def test_nobody_left_says_what_was_found():
    rows = [(0, 1, 0, 0), (0, 2, 1, 0)]
    with pytest.raises(ValueError, match="behaviors must leave a user, .* count of 2"):
        sdm_filters(dataset(log(rows)))


def test_rows_can_be_asked_for_one_by_one():
    events = random_log(1)
    cuts = np.array([5, 2])
    found = session_examples(
        events,
        ATTRIBUTES,
        cuts - 1,
        cuts,
        Ragged(events.table["item"].to_numpy(), cuts, cuts + 1),
        long_days=None,
    )
    assert found.sessions.lengths.tolist() == [1, 1]
