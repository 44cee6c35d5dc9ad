import dataclasses

import numpy as np
import pandas as pd
import pytest

from seqviz.data import Catalog, Interactions


def catalog_table(**changes):
    columns = {"title": ["tent", "stove", "mug"], "category": ["b", "a", "b"]}
    index = changes.pop("index", [1, 2, 3])
    return pd.DataFrame(columns | changes, index=index)


def events(**changes):
    columns = {
        "user": [0, 0, 1],
        "item": [1, 2, 3],
        "time": [10, 20, 5],
        "session": [0, 1, 2],
        "kind": ["click", "cart", "click"],
    }
    return pd.DataFrame(columns | changes)


def test_catalog_numbers_its_categories_from_one():
    catalog = Catalog(catalog_table())
    assert catalog.num_items == len(catalog) == 3
    assert catalog.titles == ["", "tent", "stove", "mug"]
    assert catalog.category_names == ["a", "b"]
    assert catalog.category_ids.tolist() == [0, 2, 1, 2]
    assert catalog.category_ids.dtype == np.int64


def test_catalog_keeps_its_own_copy():
    table = catalog_table()
    catalog = Catalog(table)
    table.loc[1, "title"] = "changed"
    assert catalog.titles[1] == "tent"
    with pytest.raises(dataclasses.FrozenInstanceError):
        catalog.table = table


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            catalog_table(index=[1, 2, 2]),
            "index must hold each item id once, got 2 twice",
        ),
        (catalog_table(index=[0, 1, 2]), "must be 1, 2, ..., 3"),
        (catalog_table(index=[1, 3, 2]), "must be 1, 2, ..., 3"),
        (catalog_table(index=[1.0, 2.0, np.nan]), "must be 1, 2, ..., 3"),
        (
            catalog_table(title=["tent", None, "mug"]),
            "title must be given for every item, got none for item 2",
        ),
        (
            catalog_table(category=["b", "a", " "]),
            "category must be given for every item, got none for item 3",
        ),
        (
            catalog_table().drop(columns="category"),
            "must have the columns title, category, got title",
        ),
        (catalog_table().iloc[:0], "table must have at least one item"),
    ],
)
def test_bad_catalog(table, message):
    with pytest.raises(ValueError, match=message):
        Catalog(table)


def test_interactions_are_sorted_and_keep_ties_in_the_given_order():
    table = events(
        user=[1, 0, 0],
        time=[5, 20, 20],
        session=[1, 0, 0],
        item=[3, 2, 1],
        note=[7, 8, 9],
    )
    interactions = Interactions(table, num_items=3)
    assert interactions.table["item"].tolist() == [2, 1, 3]
    assert interactions.table["note"].tolist() == [8, 9, 7]
    assert interactions.table.index.tolist() == [0, 1, 2]
    assert table["item"].tolist() == [3, 2, 1]  # the given table is left alone


def test_unsorted_times_are_put_in_order():
    table = events(user=[0, 0, 0], time=[30, 10, 20], session=[2, 0, 1])
    assert Interactions(table, 3).table["time"].tolist() == [10, 20, 30]


def test_users_without_events_have_empty_sequences():
    interactions = Interactions(events(user=[0, 0, 3]), num_items=3, num_users=5)
    assert interactions.num_users == 5
    assert interactions.offsets.tolist() == [0, 2, 2, 2, 3, 3]
    assert [row.tolist() for row in interactions.sequences()] == [
        [1, 2],
        [],
        [],
        [3],
        [],
    ]


def test_of_kind_keeps_the_user_numbers():
    interactions = Interactions(events(), num_items=3)
    assert interactions.kinds == {"click": 2, "cart": 1}
    carts = interactions.of_kind("cart")
    assert (len(carts), carts.num_users, carts.kinds) == (1, 2, {"cart": 1})
    assert len(interactions.of_kind("cart", "click")) == 3
    with pytest.raises(ValueError, match="kinds must be among cart, click, got 'view'"):
        interactions.of_kind("view")
    with pytest.raises(ValueError, match="kinds must name one of"):
        interactions.of_kind()


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"item": [1, 4, 2]}, ValueError, r"item must lie in 1..3 .*got 4 in row 1"),
        ({"item": [1, 0, 2]}, ValueError, r"item .*0 is padding.*got 0 in row 1"),
        ({"item": [1, -2, 2]}, ValueError, "item must .*got -2 in row 1"),
        ({"user": [0, 0, -1]}, ValueError, "user must .*got -1 in row 2"),
        (
            {"user": [0, 0, np.nan]},
            ValueError,
            "user must be given in every row, got NaN in row 2",
        ),
        (
            {"item": [1, np.nan, 2]},
            ValueError,
            "item must be given in every row, got NaN in row 1",
        ),
        (
            {"time": [1, None, 2]},
            ValueError,
            "time must be given in every row, got NaN in row 1",
        ),
        (
            {"kind": ["click", None, "click"]},
            ValueError,
            "kind must be given in every row, got NaN in row 1",
        ),
        (
            {"time": [1.5, 2.0, 3.0]},
            TypeError,
            "time must be whole numbers, got float64; they hold fractions",
        ),
        (
            {"item": ["1", "2", "3"]},
            TypeError,
            r"item must be .*; number them: pd.factorize\(.*\)\[0\] \+ 1",
        ),
        (
            {"session": [1, 0, 2]},
            ValueError,
            "session must not fall .* got 0 after 1 for user 0",
        ),
        (
            {"session": [0, 1, 1]},
            ValueError,
            "session must be .* got 1 for several users",
        ),
    ],
)
def test_bad_events(changes, error, message):
    with pytest.raises(error, match=message):
        Interactions(events(**changes), num_items=3)


def test_missing_column_empty_table_and_bad_sizes():
    with pytest.raises(ValueError, match="there is no session, kind"):
        Interactions(events().drop(columns=["session", "kind"]), num_items=3)
    with pytest.raises(ValueError, match="table must have at least one event"):
        Interactions(events().iloc[:0], num_items=3)
    with pytest.raises(
        ValueError, match="user must lie in 0..0, got 1 in row 2.*num_users"
    ):
        Interactions(events(), num_items=3, num_users=1)
    with pytest.raises(TypeError, match="num_items must be a whole number, got 3.0"):
        Interactions(events(), num_items=3.0)
    with pytest.raises(TypeError, match="table must be a DataFrame, got"):
        Interactions([1, 2], num_items=3)


def test_columns_of_different_length_never_become_a_table():
    with pytest.raises(ValueError, match="same length"):
        events(item=[1, 2])


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "Asia/Tokyo"])
def test_the_advice_for_dates_gives_seconds(unit, zone):
    dates = pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-03"]).as_unit(unit)
    table = events(time=dates.tz_localize(zone))
    with pytest.raises(
        TypeError, match="time must be whole numbers, got datetime64"
    ) as e:
        Interactions(table, 3)
    advice = str(e.value).split("seconds are ")[1]
    table["time"] = eval(advice)
    found = Interactions(table, 3).table.sort_values("item")["time"]
    start = pd.Timestamp("2024-01-01", tz=zone).timestamp()
    assert found.tolist() == [start + day * 86_400 for day in range(3)]


def test_the_advice_for_text_is_right():
    table = events(
        time=["2024-01-01", "2024-01-02", "2024-01-03"], item=["c", "a", "b"]
    )
    for column in ("item", "time"):
        with pytest.raises(TypeError, match=f"{column} must be whole numbers") as e:
            Interactions(table, 3)
        table[column] = eval(str(e.value).split(": ", 1)[1], {"pd": pd, "table": table})
    found = Interactions(table, 3).table
    assert sorted(found["item"]) == [1, 2, 3]
    assert found["time"].min() == 1_704_067_200


def test_the_advice_for_floats_does_not_cut_off():
    with pytest.raises(TypeError, match=r'.astype."int64". keeps every value'):
        Interactions(events(user=[0.0, 0.0, 1.0]), 3)
    with pytest.raises(TypeError, match="they hold fractions"):
        Interactions(events(time=[0.5, 1.0, 2.0]), 3)


def test_whole_numbers_of_pandas_and_arrow_are_taken():
    for dtype in ("Int64", "UInt16", "int32"):
        table = events().astype({"user": dtype, "item": dtype})
        assert Interactions(table, 3).table["item"].dtype == np.int64


def test_a_time_in_another_unit_is_refused():
    table = events(time=[1_700_000_000_000, 1_700_000_000_001, 1_700_000_000_002])
    with pytest.raises(ValueError, match="time must be unix seconds.*milliseconds"):
        Interactions(table, 3)


def test_user_ids_that_are_no_numbering_are_refused():
    hashed = events(user=[7, 7, 987_654_321_012])
    with pytest.raises(ValueError, match="user must be numbered from 0, got 987654321"):
        Interactions(hashed, 3)
    assert Interactions(events(user=[7, 7, 5000]), 3).num_users == 5001
