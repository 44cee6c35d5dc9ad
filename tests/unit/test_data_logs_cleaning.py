"""What is left out, what is kept, and that every event is counted."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("duckdb", reason="the extra logs is not installed")

import ibis

from seqviz.data import split_sessions
from seqviz.data.cleaning import keep_frequent
from seqviz.data.logs import read_log

START = 1_500_000_000


def frame(rows, columns=("user", "item", "time")):
    return pd.DataFrame(rows, columns=list(columns))


def read(source, **options):
    return read_log(source, aloud=False, **options)


def events(result):
    dataset, report = result
    table = dataset.interactions.table
    return list(
        zip(
            report.user_ids[table["user"]],
            report.item_ids[table["item"]],
            (table["time"] - START).tolist(),
            strict=True,
        )
    )


def test_missing_values_are_counted_once_each():
    rows = [("u", "i", START), (None, "i", START), ("u", "", START), ("u", "i", None)]
    rows += [(None, None, None), (" ", "i", START), ("NA", "i", START)]
    dataset, report = read(frame(rows))
    assert report.dropped == {
        "without a user": 3,
        "without an item": 1,
        "without a time": 1,
    }
    assert report.user_ids.tolist() == ["u", "NA"]  # somebody may be called so
    assert report.read == report.kept + sum(report.dropped.values()) == 7
    _, report = read(frame(rows), missing=("", "NA"))
    assert report.user_ids.tolist() == ["u"]
    assert "7  events read" in str(report)
    assert "4  - without a user" in str(report)
    with pytest.raises(ValueError, match="got none of 1: 1 without a user"):
        read(frame([(None, "i", START)]))


@pytest.mark.parametrize("missing", [("",), ("", "NA")])
def test_blanks_at_the_ends_do_not_hide_what_is_missing(missing):
    blanks = ["", " ", "\t", " \n\v", "NA", "NA ", " NA", "\tNA\v\f", "N A", " x ", "!"]
    _, report = read(frame([(one, "i", START) for one in blanks]), missing=missing)
    kept = [one for one in blanks if one.strip() not in missing]
    assert sorted(report.user_ids) == sorted(kept)
    assert report.dropped == {"without a user": len(blanks) - len(kept)}


def test_duplicates_are_found_wherever_they_stand_in_their_moment():
    rows = [
        ("u", item, START, session)
        for item, session in zip("xyxyz", "11122", strict=True)
    ]
    rows += [("u", "x", START + 1, "2"), ("v", "x", START + 1, "3")]
    table = frame(rows, ("user", "item", "time", "session"))
    name = "duplicates, kept (duplicates='drop' leaves them out)"
    assert read(table)[1].noted[name] == 1  # x in session 1; the two y differ
    assert read(table.drop(columns="session"))[1].noted[name] == 2
    assert name not in read(table.drop_duplicates("time"))[1].noted


def test_a_log_without_a_row(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("user,item,time\n")
    for source in (path, frame([("u", "i", START)]).iloc[:0]):
        with pytest.raises(ValueError, match="names its columns .user, item, time"):
            read(source)


def test_ids_of_every_kind_stand_in_their_order():
    big = 2**63 - 1
    for ids in (
        [-5, 3, 10, big],
        ["-5", "3", "10", str(big)],
        ["3", "10", "007", "é "],
    ):
        table = frame([(one, one, START) for one in ids])
        dataset, report = read(table)
        assert sorted(report.user_ids) == sorted(map(str, ids))
        assert report.item_ids[1:].tolist() == report.user_ids.tolist()
        assert dataset.catalog.titles[1:] == report.user_ids.tolist()
    assert report.noted["ids with a blank at an end, kept as they are"] == 2
    _, report = read(frame([(17850.0, 2.5, START), (np.nan, 3.0, START)]))
    assert (report.user_ids.tolist(), report.item_ids[1:].tolist()) == (
        ["17850"],
        ["2.5"],
    )
    _, report = read(frame([(-1e20, 0.5, START), (3.0, np.inf, START)]))
    assert report.user_ids.tolist() == ["3", "-1e+20"]
    assert report.item_ids[1:].tolist() == ["0.5", "inf"]
    two = frame(
        [("a", "b", "i", START), ("a", None, "i", START)], ("x", "y", "item", "time")
    )
    _, report = read(two, user=["x", "y"])
    assert report.user_ids.tolist() == ["a|b"]
    assert report.dropped == {"without a user": 1}


def test_the_k_core_is_the_one_of_pandas():
    random = np.random.default_rng(0)
    table = frame(
        {
            "user": random.integers(0, 40, 400).astype(str),
            "item": random.zipf(1.5, 400).astype(str),
            "time": START + np.arange(400),
        }
    )
    expected = keep_frequent(table, "user", "item", 7, 4)
    result = read(table, min_user_events=7, min_item_events=4)
    assert Counter(events(result)) == Counter(
        zip(expected["user"], expected["item"], expected["time"] - START, strict=True)
    )
    assert sum(result[1].dropped.values()) == 400 - len(expected)
    assert len(result[1].dropped) == 2
    with pytest.raises(ValueError, match="must have an event to keep, got none of 400"):
        read(table, min_user_events=500)


def test_each_cleaning_counts():
    rows = [("a", item, START + at) for at, item in enumerate("xxyxy")]
    rows += [("b", "x", START + 9)] * 2 + [("b", "y", START + 20)]
    table = frame(rows)
    assert len(events(read(table))) == 8
    noted = read(table)[1].noted
    assert noted["duplicates, kept (duplicates='drop' leaves them out)"] == 1
    for asked, cause, left in (
        ({"duplicates": "drop"}, {"duplicates": 1}, 7),
        ({"repeats": "adjacent"}, {"repeats (adjacent)": 2}, 6),
        ({"repeats": "all"}, {"repeats (all)": 4}, 4),
        ({"max_user_events": 3}, {"of users with more than 3 events": 5}, 3),
        ({"since": START + 2}, {"before since": 2}, 6),
        ({"since": np.int32(START + 2)}, {"before since": 2}, 6),
        ({"since": START + 1.5}, {"before since": 2}, 6),
        ({"since": pd.Timestamp(START + 2, unit="s")}, {"before since": 2}, 6),
        ({"until": "2017-07-14T02:40:20+00:00"}, {"at or after until": 1}, 7),
    ):
        result = read(table, **asked)
        assert (result[1].dropped, len(events(result))) == (cause, left)
    assert events(read(table, repeats="all"))[:2] == [("a", "x", 0), ("a", "y", 2)]
    for wrong in ({"repeats": "x"}, {"duplicates": "x"}, {"broken": "x"}):
        with pytest.raises(ValueError, match="must be one of .*, got 'x'"):
            read(table, **wrong)
    with pytest.raises(ValueError, match="max_user_events must be at least 1, got 0"):
        read(table, max_user_events=0)


def test_kinds():
    table = frame(
        [("u", "i", START, "view"), ("u", "i", START, "buy"), ("u", "i", START, None)],
        ("user", "item", "time", "action"),
    )
    dataset, _ = read(table)
    assert dataset.interactions.kinds == {"view": 1, "buy": 1, "unknown": 1}
    dataset, report = read(table, kinds=["view"])
    assert report.dropped == {"of kind buy": 1, "of kind unknown": 1}
    shown = table.assign(action=[0, 1, 0]).rename(columns={"action": "click"})
    assert any("EVERY ROW COUNTS" in said for said in read(shown)[1].remarks)
    assert read(shown, kind="click", kinds=["1"])[1].dropped == {"of kind 0": 2}
    with pytest.raises(
        ValueError, match="kinds must be among buy, unknown, view, got 'x'"
    ):
        read(table, kinds=["x"])
    for name in ("kinds", "missing"):
        with pytest.raises(TypeError, match=f"{name} must be a list of texts, got"):
            read(table, **{name: "view"})


def test_sessions():
    rows = [
        ("u", "a", START, "s"),
        ("u", "b", START + 5, "s"),
        ("u", "c", START + 9, "t"),
    ]
    rows += [("v", "a", START + 1, "s")]
    columns = ("user", "item", "time", "session")
    dataset, _ = read(frame(rows, columns))
    assert dataset.interactions.table["session"].tolist() == [0, 0, 1, 2]
    bare = [None, "s", " ", "t", None]
    more = [("w", "a", START + at, one) for at, one in enumerate(bare)]
    dataset, report = read(frame([*rows, *more], columns))
    assert dataset.interactions.table["session"].tolist() == [0, 0, 1, 2, 3, 4, 4, 5, 5]
    assert report.noted["events without a session, put to the event before"] == 3
    mixed = frame([*rows, ("u", "d", START + 11, "s")], columns)
    with pytest.raises(ValueError, match="session must end before .* of user 'u' that"):
        read(mixed)
    dataset, report = read(mixed, gap=2)
    table = dataset.interactions.table
    assert table["session"].tolist() == [0, 0, 0, 0, 1]
    alone = mixed.drop(columns="session")
    dataset, report = read(alone)
    assert dataset.interactions.table["session"].tolist() == [0, 0, 0, 0, 1]
    assert any("names no sessions" in remark for remark in report.remarks)
    dataset, _ = read(alone, gap=4, longest=2)
    table = dataset.interactions.table
    expected = split_sessions(table["user"], table["time"], gap=4, longest=2)
    assert table["session"].tolist() == expected.tolist()
    assert len(set(expected)) > 2


def test_a_catalog_beside():
    log = frame([("u", "1", START), ("u", "2", START), ("u", "3", START)])
    items = pd.DataFrame(
        {
            "item": [1, 2, 2, 2, 9],
            "name_of": ["One", "Two", "Dos", "Two", "Nine"],
            "category": ["x", "y", "y", "y", None],
        }
    )
    with pytest.raises(
        ValueError, match="title or category must be given for the frame"
    ):
        read(log, items=items[["item", "name_of"]])
    dataset, report = read(log, items=items, title="name_of")
    assert dataset.catalog.titles == ["", "One", "Two", "3"]
    assert dataset.catalog.table["category"].tolist() == ["x", "y", "unknown"]
    assert report.noted["items without a title in the frame"] == 1
    assert report.noted["events of items without a title in the frame"] == 1
    assert (
        report.noted[
            "items with several of title in the frame: the most frequent is taken"
        ]
        == 1
    )


LOGS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "", "ü"]),
        st.sampled_from(["1", "2", "10", ""]),
        st.integers(START, START + 3),
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=12)
@given(LOGS)
def test_a_loop_over_the_events_agrees(rows):
    good = [row for row in rows if row[0] and row[1]]
    if not good:
        with pytest.raises(ValueError, match="the log must have an event to keep"):
            read(frame(rows))
        return
    result = read(frame(rows))
    users = sorted({user for user, _, _ in good}, key=lambda u: (len(u), u.encode()))
    expected = []
    for user in users:  # sorted() is stable: ties stay as they came
        hers = [row for row in good if row[0] == user]
        expected += sorted(hers, key=lambda row: row[2])
    assert events(result) == [(u, i, t - START) for u, i, t in expected]
    assert result[1].read == len(rows)
    assert sum(result[1].dropped.values()) == len(rows) - len(good)


def test_another_engine_gets_the_same_expression():
    """A table of the caller's own engine: here a second DuckDB, in peers Spark."""
    random = np.random.default_rng(1)
    table = frame(
        {
            "user": random.integers(0, 9, 200).astype(str),
            "item": random.integers(0, 30, 200).astype(str),
            "time": START + random.permutation(200),
        }
    )
    theirs = ibis.duckdb.connect()
    lent = theirs.create_table("theirs", table)
    options = {"min_item_events": 6, "repeats": "adjacent", "gap": 10}
    mine = read(table, **options)
    result = read(lent, **options)
    assert events(result) == events(mine)
    assert result[1].dropped == mine[1].dropped
    assert theirs.list_tables() == ["theirs"]


@pytest.mark.parametrize("repeats", ["keep", "adjacent", "all"])
def test_a_table_without_an_order_is_read_alike_however_its_rows_lie(repeats):
    """Equal moments, items and kinds: no engine may decide which comes first."""
    columns = ("user", "item", "time", "kind", "session")
    rows = [("u", "i", START, kind, "s") for kind in "cab"]
    rows += [("u", "j", START, "a", "s"), ("v", "i", START, "a", "t")]
    rows += [("v", "i", START, "a", "r"), ("v", "j", START + 1, "b", "t")]
    found = []
    for order in (rows, rows[::-1]):
        table = ibis.duckdb.connect().create_table("log", frame(order, columns))
        dataset, report = read(table, repeats=repeats)
        found.append((dataset.interactions.table, str(report)))
    pd.testing.assert_frame_equal(found[0][0], found[1][0])
    assert found[0][1] == found[1][1]
