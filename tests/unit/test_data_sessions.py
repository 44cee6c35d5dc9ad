"""The published rules, at each of their borders."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqviz.data import split_sessions


def numbers(*args, **options):
    return split_sessions(*args, **options).tolist()


def one(times, ids=None, **options):
    return numbers([0] * len(times), times, ids, **options)


def test_under_ten_minutes_is_the_same_session_and_ten_minutes_is_not():
    assert one([0, 599]) == [0, 0]
    assert one([0, 600]) == [0, 1]
    assert one([0, 599, 1198, 1798]) == [0, 0, 0, 1]
    assert one([0, 60], gap=60) == [0, 1]


def test_one_id_is_one_session_however_long_the_gap():
    assert one([0, 5000, 9000], [4, 4, 4]) == [0, 0, 0]
    assert one([0, 5000, 9000], [4, 4, 5]) == [0, 0, 1]


def test_two_ids_with_a_short_gap_are_one_session():
    assert one([0, 100, 5000], [4, 5, 5]) == [0, 0, 0]
    assert one([0, 599], [4, 5]) == [0, 0]
    assert one([0, 600], [4, 5]) == [0, 1]


def test_an_id_that_comes_back_takes_in_what_lies_between():
    assert one([0, 1000, 2000, 3000], [4, 5, 4, 6]) == [0, 0, 0, 1]


def test_two_users_may_have_the_same_id_and_the_same_minute():
    assert numbers([0, 1, 0], [0, 1, 2], [7, 7, 7]) == [0, 1, 0]


@pytest.mark.parametrize(
    ("size", "expected"),
    [(50, [50]), (51, [1, 50]), (100, [50, 50]), (120, [20, 50, 50])],
)
def test_the_latest_fifty_and_the_rest_before(size, expected):
    found = split_sessions(np.zeros(size, int), np.arange(size))
    assert np.bincount(found).tolist() == expected
    assert (np.diff(found) >= 0).all()


def test_a_session_of_one_event_each():
    assert one([0, 1, 2], longest=1) == [0, 1, 2]


def test_each_session_is_counted_from_its_own_end():
    times = [0, 1, 2, 1000, 1001, 1002]
    assert one(times, longest=2) == [0, 1, 1, 2, 3, 3]


def test_clocks_out_of_order_and_ties():
    assert one([700, 0, 650]) == [1, 0, 1]
    assert one([5, 5, 5]) == [0, 0, 0]
    # of one second, the order in which they came
    assert one([5, 5, 5], longest=2) == [0, 1, 1]


def test_no_event_and_one_event():
    assert numbers([], []) == []
    assert numbers([], [], []) == []
    assert one([9]) == [0]


events = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 3000), st.integers(0, 4)),
    max_size=30,
)


def by_hand(rows, gap, longest):
    """The rules, one event at a time."""
    found = [None] * len(rows)
    number = -1
    for user in sorted({row[0] for row in rows}):
        mine = [i for i, row in enumerate(rows) if row[0] == user]
        mine.sort(key=lambda i: rows[i][1])
        groups = [[mine[0]]]
        for n, i in enumerate(mine[1:], 1):
            near = rows[i][1] - rows[mine[n - 1]][1] < gap
            before = {rows[j][2] for j in mine[:n]}
            if near or before & {rows[j][2] for j in mine[n:]}:
                groups[-1].append(i)
            else:
                groups.append([i])
        for group in groups:
            rest = len(group) % longest or longest
            for start in range(rest - longest, len(group), longest):
                number += 1
                for i in group[max(start, 0) : start + longest]:
                    found[i] = number
    return found


@given(events, st.integers(1, 900), st.integers(1, 6))
def test_equals_the_rules_by_hand(rows, gap, longest):
    columns = [[row[c] for row in rows] for c in range(3)]
    found = numbers(*columns, gap=gap, longest=longest)
    assert found == by_hand(rows, gap, longest)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        (([0], [1, 2]), {}, ValueError, "users, times must be equally long, got 1, 2"),
        (([0], [1], [1, 2]), {}, ValueError, "users, session_ids must be equally long"),
        (([0], [0.5]), {}, TypeError, "times must be whole numbers, got float64"),
        (([0], [1], [np.nan]), {}, TypeError, "session_ids must be whole numbers"),
        (([0], [2 * 10**12]), {}, ValueError, "times must be unix seconds.*millisec"),
        (([0], [1]), {"gap": 0}, ValueError, "gap must be at least 1, got 0"),
        (([0], [1]), {"longest": 0}, ValueError, "longest must be at least 1, got 0"),
        (([0], [1]), {"gap": 1.5}, TypeError, "gap must be a whole number, got 1.5"),
    ],
)
def test_bad_arguments(arguments, options, error, message):
    with pytest.raises(error, match=message):
        split_sessions(*arguments, **options)
