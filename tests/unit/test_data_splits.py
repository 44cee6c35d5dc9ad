import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqviz.data import (
    Catalog,
    Dataset,
    Examples,
    Interactions,
    Ragged,
    known_before,
    leave_one_out,
    longest_histories,
    repeated_share,
    split_at,
    split_by_time,
    split_by_user,
    split_next_session,
    split_next_session_by_time,
)

SPLITS = [split_by_user, leave_one_out, split_by_time, split_next_session]


@st.composite
def tables(draw):
    """Up to 12 users, up to 14 events each, few items, many ties in time."""
    columns = {"user": [], "item": [], "time": [], "session": []}
    for user in range(draw(st.integers(1, 12))):
        gaps = draw(st.lists(st.sampled_from([0, 1, 5, 100]), max_size=14))
        times = np.cumsum([draw(st.integers(0, 300)), *gaps])[1:]
        columns["user"] += [user] * len(gaps)
        columns["item"] += [draw(st.integers(1, 6)) for _ in gaps]
        columns["time"] += times.tolist()
        columns["session"] += (1000 * user + np.cumsum(np.array(gaps) > 50)).tolist()
    table = pd.DataFrame(columns, dtype="int64").assign(kind="click")
    return table if len(table) else one_user(1)


def one_user(number):
    """User 0 with events on items 1, 2, ..., two to a session."""
    places = np.arange(number)
    return pd.DataFrame(
        {
            "user": 0,
            "item": places + 1,
            "time": 10 * places,
            "session": places // 2,
            "kind": "click",
        }
    )


def rows(ragged):
    return [row.tolist() for row in ragged]


@settings(max_examples=60, deadline=None)
@given(tables(), st.sampled_from(SPLITS))
def test_no_truth_comes_before_its_history(table, split):
    interactions = Interactions(table, num_items=6)
    users = interactions.table["user"].to_numpy()
    times = interactions.table["time"].to_numpy()
    items = interactions.table["item"].to_numpy()
    for part in split(interactions):
        histories = part.histories
        for row in range(len(part)):
            start, stop = histories.starts[row], histories.stops[row]
            assert stop > start
            # a prefix of the user's own events, all of it before the first truth
            assert start == interactions.offsets[part.users[row]]
            assert (users[start:stop] == part.users[row]).all()
            assert part.times[row] == times[stop]
            assert times[start:stop].max() <= part.times[row]
            truth = part.truths[row].tolist()
            assert len(set(truth)) == len(truth)
            later = items[stop : interactions.offsets[part.users[row] + 1]]
            assert truth[0] == later[0] and set(truth) <= set(later)


@settings(max_examples=40, deadline=None)
@given(tables(), st.integers(0, 5))
def test_by_user_keeps_people_apart_and_cuts_at_four_fifths(table, seed):
    interactions = Interactions(table, num_items=6)
    split = split_by_user(interactions, (0.5, 0.25, 0.25), seed=seed)
    groups = [set(part.users) for part in split]
    assert not groups[0] & groups[1] | groups[0] & groups[2] | groups[1] & groups[2]
    sequences = interactions.sequences()
    for part in split[1:]:
        assert len(part) == len(set(part.users))
        for row, user in enumerate(part.users):
            sequence = sequences[user].tolist()
            cut = len(sequence) * 4 // 5
            assert part.histories[row].tolist() == sequence[:cut]
            assert part.truths[row].tolist() == list(dict.fromkeys(sequence[cut:]))
    for user in groups[0]:
        mine = split.train.select(split.train.users == user)
        sequence = sequences[user].tolist()
        assert rows(mine.truths) == [[item] for item in sequence[1:]]
        assert mine.histories.lengths.tolist() == list(range(1, len(sequence)))


@settings(max_examples=40, deadline=None)
@given(tables())
def test_leave_one_out_takes_the_last_item_and_the_one_before(table):
    interactions = Interactions(table, num_items=6)
    sequences = rows(interactions.sequences())
    split = leave_one_out(interactions)
    for part, back in ((split.test, 1), (split.validation, 2)):
        expected = {u: s for u, s in enumerate(sequences) if len(s) > back}
        assert part.users.tolist() == list(expected)
        assert rows(part.truths) == [[s[-back]] for s in expected.values()]
        assert rows(part.histories) == [s[:-back] for s in expected.values()]
    trained = [
        (u, [s[p]]) for u, s in enumerate(sequences) for p in range(1, len(s) - 2)
    ]
    assert (
        list(zip(split.train.users, rows(split.train.truths), strict=True)) == trained
    )


@settings(max_examples=40, deadline=None)
@given(tables())
def test_by_time_one_clock_holds_for_everybody(table):
    interactions = Interactions(table, num_items=6)
    train, validation, test = split_by_time(interactions, (0.6, 0.2, 0.2))
    times = interactions.table["time"].to_numpy()
    ordered = np.sort(times)
    cuts = [ordered[int(len(times) * share)] for share in (0.6, 0.8)]
    assert (train.times < cuts[0]).all()
    assert (validation.times >= cuts[0]).all() and (validation.times < cuts[1]).all()
    assert (test.times >= cuts[1]).all()
    for part, cut in ((validation, cuts[0]), (test, cuts[1])):
        stops = part.histories.stops
        assert (times[stops - 1] < cut).all()


def test_at_moments_the_rest_of_a_time_or_its_latest_event():
    interactions = Interactions(one_user(10), num_items=10)  # item n at 10 (n - 1)
    train, validation, test = split_at(interactions, 50, 80)
    assert rows(train.truths) == [[2], [3], [4], [5]]
    assert rows(validation.histories) == [[1, 2, 3, 4, 5]]
    assert rows(validation.truths) == [[6, 7, 8]]
    assert rows(test.histories) == [[*range(1, 9)]] and rows(test.truths) == [[9, 10]]
    latest = split_at(interactions, 50, 80, latest=True)
    assert rows(latest.train.truths) == rows(train.truths)
    assert rows(latest.validation.histories) == [[*range(1, 8)]]
    assert rows(latest.validation.truths) == [[8]]
    assert rows(latest.test.histories) == [[*range(1, 10)]]
    assert rows(latest.test.truths) == [[10]]


def test_a_newcomer_is_asked_for_her_latest_event_alone():
    late = one_user(3).assign(user=1, time=[85, 87, 88], session=[90, 90, 91])
    table = pd.concat([one_user(10), late], ignore_index=True)
    interactions = Interactions(table, num_items=10)
    assert list(split_at(interactions, 50, 80).test.users) == [0]
    test = split_at(interactions, 50, 80, latest=True).test
    assert list(test.users) == [0, 1] and rows(test.histories)[1] == [1, 2]


@settings(max_examples=40, deadline=None)
@given(tables())
def test_next_session_predicts_whole_sessions(table):
    interactions = Interactions(table, num_items=6)
    split = split_next_session(interactions, (1.0, 0.0, 0.0))
    assert not len(split.validation) and not len(split.test)
    expected = []
    for user, events in interactions.table.groupby("user"):
        baskets = [list(b["item"]) for _, b in events.groupby("session")]
        for number in range(1, len(baskets)):
            history = [item for basket in baskets[:number] for item in basket]
            expected.append((user, history, list(dict.fromkeys(baskets[number]))))
    found = zip(
        split.train.users,
        rows(split.train.histories),
        rows(split.train.truths),
        strict=True,
    )
    assert list(found) == expected
    test = split_next_session(interactions, (0.0, 0.0, 1.0)).test
    last = {user: (user, history, truth) for user, history, truth in expected}
    found = zip(test.users, rows(test.histories), rows(test.truths), strict=True)
    assert list(found) == list(last.values())


@pytest.mark.parametrize("split", SPLITS)
def test_a_user_with_one_event_gives_no_example(split):
    parts = split(Interactions(one_user(1), num_items=1))
    assert [len(part) for part in parts] == [0, 0, 0]


def test_short_histories_in_leave_one_out():
    sizes = [
        [len(p) for p in leave_one_out(Interactions(one_user(n), n))] for n in (2, 3, 4)
    ]
    assert sizes == [[0, 0, 1], [0, 1, 1], [1, 1, 1]]


def test_min_history_drops_short_rows_and_zero_allows_empty_ones():
    interactions = Interactions(one_user(5), 5)
    everybody = (1.0, 0.0, 0.0)
    for minimum, number in ((0, 5), (1, 4), (3, 2), (9, 0)):
        train = split_by_user(interactions, everybody, min_history=minimum).train
        assert len(train) == number
    assert rows(leave_one_out(interactions, min_history=4).test.truths) == [[5]]
    assert len(leave_one_out(interactions, min_history=5).test) == 0


def test_users_are_dealt_out_by_the_seed_in_the_stated_shares():
    many = pd.concat(
        [
            one_user(6).assign(user=u, session=lambda t, u=u: t["session"] + 10 * u)
            for u in range(40)
        ]
    )
    interactions = Interactions(many, num_items=6)
    for split in (split_by_user, split_next_session):
        first, again, other = (split(interactions, seed=s) for s in (1, 1, 2))
        assert [len(set(part.users)) for part in first] == [32, 4, 4]
        assert first.test.users.tolist() == again.test.users.tolist()
        assert first.test.users.tolist() != other.test.users.tolist()


@pytest.mark.parametrize(
    "fractions",
    [(0.8, 0.1), (0.8, 0.1, 0.2), (1.2, -0.1, -0.1), (0.8, 0.1, float("nan"))],
)
@pytest.mark.parametrize("split", [split_by_user, split_by_time, split_next_session])
def test_fractions_must_sum_to_one(split, fractions):
    with pytest.raises(
        ValueError, match="fractions must be three shares, .* sum to 1, got"
    ):
        split(Interactions(one_user(4), 4), fractions)


def test_other_bad_arguments():
    interactions = Interactions(one_user(4), 4)
    for share in (0, 1, 1.5, float("nan")):
        with pytest.raises(
            ValueError, match="history_fraction must lie between 0 and 1"
        ):
            split_by_user(interactions, history_fraction=share)
    with pytest.raises(ValueError, match="min_history must be at least 0, got -1"):
        leave_one_out(interactions, min_history=-1)
    with pytest.raises(TypeError, match="min_history must be a whole number, got 1.5"):
        split_by_time(interactions, min_history=1.5)


def test_examples_refuse_rows_that_do_not_match():
    history, truth = Ragged.from_rows([[1], [2]]), Ragged.from_rows([[3], [4]])
    with pytest.raises(ValueError, match="must be equally long, got 1, 2, 2, 2"):
        Examples(np.array([0]), np.array([1, 2]), history, truth)
    with pytest.raises(
        ValueError, match="truths must hold at least one item .* got none in row 1"
    ):
        Examples(np.arange(2), np.arange(2), history, Ragged.from_rows([[3], []]))


def test_longest_histories_keeps_one_row_a_user():
    values = np.arange(1, 11)
    histories = Ragged(values, np.array([0, 5, 0, 5, 0]), np.array([1, 9, 3, 6, 2]))
    truths = Ragged(values, histories.stops, histories.stops + 1)
    users = np.array([7, 4, 7, 4, 7])
    kept = longest_histories(Examples(users, users, histories, truths))
    assert kept.users.tolist() == [4, 7]
    assert [row.tolist() for row in (kept.histories[0], kept.histories[1])] == [
        [6, 7, 8, 9],
        [1, 2, 3],
    ]
    assert kept.truths[1].tolist() == [4]


@settings(max_examples=60, deadline=None)
@given(tables(), st.integers(5, 300), st.integers(1, 200), st.integers(1, 200))
def test_nothing_that_is_learned_or_read_lies_after_the_moment(
    table, first, validation, test
):
    interactions = Interactions(table, num_items=6)
    second = first + validation
    split = split_next_session_by_time(interactions, first, second, second + test)
    times = interactions.table["time"].to_numpy()
    moments = (None, first), (first, second), (second, second + test)
    for part, (low, high) in zip(split, moments, strict=True):
        assert all(part.times < high)
        if low is not None:
            assert all(part.times >= low)
            assert len(np.unique(part.users)) == len(part)
            assert all(rows.max() < low for rows in part.histories.over(times))


def test_the_next_session_by_time_by_hand():
    """Sessions at 0, 20, 40, ... of two items each."""
    interactions = Interactions(one_user(10), num_items=10)
    split = split_next_session_by_time(interactions, 35, 75, 99)
    assert rows(split.train.histories) == [[1, 2]]
    assert rows(split.train.truths) == [[3, 4]]
    assert rows(split.validation.histories) == [[1, 2, 3, 4]]
    assert rows(split.validation.truths) == [[5, 6]]
    assert rows(split.test.histories) == [[1, 2, 3, 4, 5, 6, 7, 8]]
    assert rows(split.test.truths) == [[9, 10]]


def test_a_session_that_a_moment_cuts_is_neither_learned_nor_asked():
    interactions = Interactions(one_user(10), num_items=10)  # 60 and 70 are a session
    for moments in ((35, 65, 99), (65, 75, 99), (35, 55, 65)):
        split = split_next_session_by_time(interactions, *moments)
        assert [7, 8] not in [row for part in split for row in rows(part.truths)]


def test_moments_grow():
    interactions = Interactions(one_user(10), num_items=10)
    with pytest.raises(ValueError, match="first must not lie after second, got 6 and"):
        split_at(interactions, 6, 5)
    with pytest.raises(ValueError, match="first, second and end must grow, got 5, 5"):
        split_next_session_by_time(interactions, 5, 5)


def test_items_are_known_before_the_moment():
    table = pd.concat([one_user(4), one_user(4).assign(user=1, session=9, time=99)])
    catalog = pd.DataFrame(
        {"title": list("abcd"), "category": "x"}, index=np.arange(1, 5)
    )
    dataset = Dataset("d", Interactions(table, 4), Catalog(catalog))
    kept, old = known_before(dataset, 25, min_item_events=1)
    assert old.tolist() == [0, 1, 2, 3]
    assert kept.catalog.titles[1:] == ["a", "b", "c"]
    assert kept.interactions.table["item"].tolist() == [1, 2, 3, 1, 2, 3]
    later = table.assign(item=table["item"].where(table["time"] < 25, 4))
    same, _ = known_before(dataset._replace(interactions=Interactions(later, 4)), 25, 1)
    assert same.catalog.titles == kept.catalog.titles
    with pytest.raises(ValueError, match="must leave an item known before moment = 25"):
        known_before(dataset, 25, min_item_events=2)


def test_the_share_of_truths_that_the_history_holds():
    histories = Ragged.from_rows([[1, 2, 2], [4], [5, 6], []])
    truths = Ragged.from_rows([[2, 3], [4], [1, 2, 3], [9]])
    rows = np.arange(4)
    share = repeated_share(Examples(rows, rows, histories, truths))
    assert share.tolist() == [0.5, 1, 0, 0]
    alone = repeated_share(Examples(rows, rows, histories.select([3] * 4), truths))
    assert not alone.any()


def test_of_no_rows_nothing_is_left():
    none = split_by_user(Interactions(one_user(4), 4)).train.select(slice(0, 0))
    assert len(longest_histories(none)) == 0
    assert repeated_share(none).shape == (0,)


def test_a_history_of_slices_is_counted_by_its_own_row():
    histories = Ragged(np.array([1, 2, 2, 3, 9, 4]), [0, 3, 4], [3, 4, 6])
    truths = Ragged(np.array([2, 5, 1, 2, 9]), [0, 3, 4], [3, 4, 5])
    rows = np.arange(3)
    share = repeated_share(Examples(rows, rows, histories, truths))
    assert share.tolist() == pytest.approx([2 / 3, 0, 1])
