import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqviz.data import Ragged, session_parallel

sessions = st.lists(st.lists(st.integers(1, 9), max_size=6), min_size=1, max_size=12)


def by_hand(rows, lanes):
    """The published rule, a lane at a time: (row, item, target, first) a lane."""
    queue = [row for row, items in enumerate(rows) if len(items) > 1]
    now = [None] * lanes
    while True:
        step = []
        for lane in range(lanes):
            if now[lane] is None and queue:
                now[lane] = (queue.pop(0), 0)
            if now[lane] is not None:
                row, place = now[lane]
                items = rows[row]
                step.append((lane, row, items[place], items[place + 1], place == 0))
                more = place + 2 < len(items)
                now[lane] = (row, place + 1) if more else None
        if not step:
            return
        yield step


@settings(max_examples=200, deadline=None)
@given(sessions, st.integers(1, 5))
def test_lanes_go_as_published(rows, lanes):
    if max(map(len, rows)) < 2:
        return
    found = [
        list(
            zip(
                *(
                    column.tolist()
                    for column in (
                        step.lanes,
                        step.rows,
                        step.item_ids,
                        step.target_ids,
                        step.first,
                    )
                ),
                strict=True,
            )
        )
        for step in session_parallel(Ragged.from_rows(rows), lanes)
    ]
    assert found == list(by_hand(rows, lanes))


@settings(max_examples=50, deadline=None)
@given(sessions, st.integers(1, 5), st.integers(0, 9))
def test_every_transition_comes_once(rows, lanes, seed):
    if max(map(len, rows)) < 2:
        return
    steps = session_parallel(Ragged.from_rows(rows), lanes, shuffle=True, seed=seed)
    for _ in range(2):
        found = [
            pair
            for step in steps
            for pair in zip(
                step.rows.tolist(),
                step.item_ids.tolist(),
                step.target_ids.tolist(),
                strict=True,
            )
        ]
        expected = [
            (row, one, other)
            for row, items in enumerate(rows)
            for one, other in zip(items[:-1], items[1:], strict=True)
        ]
        assert sorted(found) == sorted(expected)


def test_a_pass_depends_on_the_seed_and_its_number_alone():
    rows = Ragged.from_rows(np.arange(1, 61).reshape(20, 3).tolist())

    def passes(seed):
        steps = session_parallel(rows, 4, shuffle=True, seed=seed)
        return [torch.cat([step.rows for step in steps]) for _ in range(2)]

    one, again, other = passes(1), passes(1), passes(2)
    assert all(map(torch.equal, one, again))
    assert not torch.equal(*one) and not torch.equal(one[0], other[0])


def test_bad_input():
    rows = Ragged.from_rows([[3], []])
    with pytest.raises(ValueError, match="one of at least two clicks, got 2 without"):
        session_parallel(rows, 2)
    with pytest.raises(ValueError, match="lanes must be at least 1, got 0"):
        session_parallel(Ragged.from_rows([[1, 2]]), 0)
