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
        (catalog_table(index=[1, 2, 2]), "item id 2 stands twice"),
        (catalog_table(index=[0, 1, 2]), "must be 1, 2, ..., 3"),
        (catalog_table(index=[1, 3, 2]), "must be 1, 2, ..., 3"),
        (catalog_table(index=[1.0, 2.0, np.nan]), "must be 1, 2, ..., 3"),
        (catalog_table(title=["tent", None, "mug"]), "item 2 has an empty title"),
        (catalog_table(category=["b", "a", " "]), "item 3 has an empty category"),
        (catalog_table().drop(columns="category"), "no column category"),
        (catalog_table().iloc[:0], "catalog is empty"),
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
    with pytest.raises(ValueError, match="'view': expected one of cart, click"):
        interactions.of_kind("view")
    with pytest.raises(ValueError, match="name a kind"):
        interactions.of_kind()


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"item": [1, 4, 2]}, ValueError, "item 4 in row 1: expected 1 to 3"),
        ({"item": [1, 0, 2]}, ValueError, r"item 0 in row 1.*0 is padding"),
        ({"item": [1, -2, 2]}, ValueError, "item -2 in row 1"),
        ({"user": [0, 0, -1]}, ValueError, "user -1 in row 2"),
        ({"user": [0, 0, np.nan]}, ValueError, "'user' is empty .NaN. in row 2"),
        ({"item": [1, np.nan, 2]}, ValueError, "'item' is empty .NaN. in row 1"),
        ({"time": [1, None, 2]}, ValueError, "'time' is empty .NaN. in row 1"),
        ({"kind": ["click", None, "click"]}, ValueError, "'kind' is empty"),
        ({"time": [1.5, 2.0, 3.0]}, TypeError, "'time' holds float64"),
        ({"item": ["1", "2", "3"]}, TypeError, "'item' holds"),
        ({"session": [1, 0, 2]}, ValueError, "session 0 of user 0 follows session 1"),
        ({"session": [0, 1, 1]}, ValueError, "session 1 belongs to several users"),
    ],
)
def test_bad_events(changes, error, message):
    with pytest.raises(error, match=message):
        Interactions(events(**changes), num_items=3)


def test_missing_column_empty_table_and_bad_sizes():
    with pytest.raises(ValueError, match="no column session, kind"):
        Interactions(events().drop(columns=["session", "kind"]), num_items=3)
    with pytest.raises(ValueError, match="no event left"):
        Interactions(events().iloc[:0], num_items=3)
    with pytest.raises(ValueError, match="user 1 in row 2.*num_users"):
        Interactions(events(), num_items=3, num_users=1)
    with pytest.raises(TypeError, match="num_items is 3.0"):
        Interactions(events(), num_items=3.0)
    with pytest.raises(TypeError, match="expected a DataFrame"):
        Interactions([1, 2], num_items=3)


def test_columns_of_different_length_never_become_a_table():
    with pytest.raises(ValueError, match="same length"):
        events(item=[1, 2])
