import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqviz.data import Ragged

rows_of_ids = st.lists(st.lists(st.integers(1, 50), max_size=9), max_size=7)


@given(rows_of_ids, st.integers(1, 12), st.sampled_from(["left", "right"]))
def test_padding_then_masking_gives_the_last_entries_back(rows, length, side):
    ids, mask = Ragged.from_rows(rows).pad(length, side)
    assert ids.shape == mask.shape == (len(rows), length)
    assert ids.dtype == np.int64 and mask.dtype == bool
    assert not ids[~mask].any()
    for row, row_ids, row_mask in zip(rows, ids, mask, strict=True):
        assert row_ids[row_mask].tolist() == row[-length:]
        ordered = row_mask if side == "left" else row_mask[::-1]
        assert (np.diff(ordered.astype(int)) >= 0).all()  # the real ones lie together


@given(rows_of_ids, st.integers(1, 12))
def test_what_lies_before_a_row_is_not_read(rows, length):
    own = Ragged.from_rows(rows)
    before = np.full(12, 99)
    behind = Ragged(np.append(before, own.values), own.starts + 12, own.stops + 12)
    for ours, expected in zip(behind.pad(length), own.pad(length), strict=True):
        assert ours.dtype == expected.dtype
        np.testing.assert_array_equal(ours, expected)


@given(rows_of_ids, st.data())
def test_select_takes_whole_rows(rows, data):
    ragged = Ragged.from_rows(rows)
    picks = st.lists(st.integers(0, len(rows) - 1), max_size=5) if rows else st.just([])
    chosen = np.array(data.draw(picks), dtype=int)
    selected = ragged.select(chosen)
    assert [row.tolist() for row in selected] == [rows[i] for i in chosen]
    assert selected.lengths.tolist() == [len(rows[i]) for i in chosen]


def test_rows_may_overlap_and_read_another_column():
    prefixes = Ragged(np.array([4, 5, 6]), np.zeros(3, int), np.array([1, 2, 3]))
    assert [row.tolist() for row in prefixes] == [[4], [4, 5], [4, 5, 6]]
    causes = prefixes.over(np.array([0, -1, 1]))
    assert causes[2].tolist() == [0, -1, 1]
    with pytest.raises(ValueError, match="values must be a column .* 3 entries, got 2"):
        prefixes.over(np.array([1, 2]))


def test_left_and_right_by_hand():
    ragged = Ragged.from_rows([[1, 2, 3, 4], [], [5]])
    assert ragged.pad(3)[0].tolist() == [[2, 3, 4], [0, 0, 0], [0, 0, 5]]
    assert ragged.pad(3, "right")[0].tolist() == [[2, 3, 4], [0, 0, 0], [5, 0, 0]]


def test_all_rows_empty_and_no_row():
    ids, mask = Ragged.from_rows([[], []]).pad(2)
    assert ids.tolist() == [[0, 0], [0, 0]] and not mask.any()
    assert Ragged.from_rows([]).pad(2)[0].shape == (0, 2)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"length": 0}, ValueError, "length must be at least 1, got 0"),
        ({"length": -3}, ValueError, "length must be at least 1, got -3"),
        ({"length": 2.0}, TypeError, "length must be a whole number, got 2.0"),
        (
            {"length": 2, "side": "middle"},
            ValueError,
            "side must be one of left, right, got 'middle'",
        ),
    ],
)
def test_bad_padding(arguments, error, message):
    with pytest.raises(error, match=message):
        Ragged.from_rows([[1]]).pad(**arguments)


@pytest.mark.parametrize(
    ("values", "starts", "stops", "error", "message"),
    [
        (
            [1, 2],
            [0],
            [1, 2],
            ValueError,
            "starts, stops must be equally long, got 1, 2",
        ),
        ([1, 2], [0], [3], ValueError, "starts and stops must .* got 0 and 3 in row 0"),
        (
            [1, 2],
            [0, 2],
            [1, 1],
            ValueError,
            "starts and stops must .* got 2 and 1 in row 1",
        ),
        (
            [1, 2],
            [-1],
            [1],
            ValueError,
            "starts and stops must .* got -1 and 1 in row 0",
        ),
        ([1.5, 2], [0], [1], TypeError, "values must be whole numbers, got float64"),
        ([np.nan], [0], [1], TypeError, "values must be whole numbers, got float64"),
        ([[1, 2]], [0], [1], ValueError, "values must have one dimension, got shape"),
    ],
)
def test_bad_rows(values, starts, stops, error, message):
    with pytest.raises(error, match=message):
        Ragged(np.array(values), np.array(starts), np.array(stops))
