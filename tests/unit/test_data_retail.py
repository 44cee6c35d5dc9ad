import os

import pandas as pd
import pytest

from seqviz.data import DataCorrupted, DataNotFound, load_online_retail
from seqviz.data.retail import category_of

HEADER = (
    "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
)
LINES = """\
2,10003,GARDEN HOSE,1,12/2/2010 9:00,4.00,7,France
2,10001,RED MUG,1,12/2/2010 9:00,2.50,7,France
1,10001,RED MUG ,6,12/1/2010 8:27,2.50,7,France
1,10002A,"LAMP, BRASS",1,12/1/2010 8:26,9.00,7,France
1,10001,RED MUG,2,12/1/2010 8:27,2.50,7,France
C3,10001,RED MUG,-6,12/3/2010 8:26,2.50,7,France
4,10001,MUG RED,1,12/4/2010 8:26,3.50,5,France
5,10001,RED MUG,1,12/5/2010 8:26,2.50,,France
6,10001,RED MUG,0,12/5/2010 8:26,2.50,5,France
7,10001,FREE MUG,1,12/5/2010 8:26,0,5,France
8,POST,POSTAGE,1,12/5/2010 8:26,5,5,France
8,23444,NEXT DAY CARRIAGE,1,12/5/2010 8:26,5,5,France
9,10002a,lower,1,12/5/2010 8:26,5,5,France
10,10003,,1,12/6/2010 8:26,3.00,5,France"""


def write(tmp_path, lines=LINES, header=HEADER):
    path = tmp_path / "retail.csv"
    path.write_text(header + "\n" + lines + "\n", "utf-8")
    return path


def test_the_recipe_line_by_line(tmp_path):
    name, interactions, catalog = load_online_retail(1, 1, path=write(tmp_path))
    assert name == "online retail"
    items = catalog.table
    assert items["raw_id"].tolist() == ["10001", "10002A", "10003"]
    assert items["title"].tolist() == ["Red mug", "Lamp, brass", "Garden hose"]
    assert items["category"].tolist() == [
        "tea-and-tableware",
        "candles-and-lighting",
        "garden",
    ]
    assert items["price"].tolist() == [2.5, 9.0, 3.5]
    events = interactions.table
    # customer 5 is user 0; customer 7 has two invoices, lines in the file's order
    assert events["user"].tolist() == [0, 0, 1, 1, 1, 1]
    assert events["item"].tolist() == [1, 3, 1, 2, 3, 1]
    assert events["session"].tolist() == [0, 1, 2, 2, 3, 3]
    assert events["quantity"].tolist() == [1, 1, 6, 1, 1, 1]
    first = int(pd.Timestamp("2010-12-01 08:26").timestamp())
    assert events["time"].tolist()[2:4] == [first, first]
    assert interactions.kinds == {"purchase": 6}


def test_filters_repeat_until_both_hold(tmp_path):
    # item 10002 falls when customer 2 goes, and customer 3 with it
    lines = "\n".join(
        f"{n},{code},THING,1,12/1/2010 8:{n:02},1,{customer},France"
        for n, (customer, code) in enumerate(
            [
                (1, 10001),
                (1, 10003),
                (4, 10001),
                (4, 10003),
                (2, 10002),
                (3, 10002),
                (3, 10001),
            ],
            10,
        )
    )
    found = load_online_retail(2, 2, path=write(tmp_path, lines))
    assert found.interactions.num_users == 2 and found.catalog.num_items == 2
    assert len(found.interactions) == 4


def test_nothing_left(tmp_path):
    path = write(tmp_path)
    with pytest.raises(ValueError, match="must leave an event, got 9 and 1"):
        load_online_retail(9, 1, path=path)
    with pytest.raises(ValueError, match="min_item_events must be at least 1, got 0"):
        load_online_retail(1, 0, path=path)
    with pytest.raises(
        ValueError, match="path must hold a purchase of a known customer"
    ):
        load_online_retail(1, 1, path=write(tmp_path, LINES.splitlines()[5]))


GOOD = "1,10001,RED MUG,6,12/1/2010 8:26,2.50,7,France"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("1,10001,RED MUG,6,2010-12-01,2.50,7,France", "line 3: InvoiceDate is '2010-"),
        ("1,10001,RED MUG,6,13/1/2010 8:26,2.50,7,France", "line 3: InvoiceDate"),
        ("1,10001,RED MUG,6,,2.50,7,France", "line 3: InvoiceDate"),
        (
            "1,10001,RED MUG,six,12/1/2010 8:26,2.5,7,France",
            "line 3: Quantity is 'six'",
        ),
        (
            "1,10001,RED MUG,6,12/1/2010 8:26,cheap,7,France",
            "line 3: UnitPrice is 'che",
        ),
        (
            "1,10001,RED MUG,6,12/1/2010 8:26,2.5,Ann,France",
            "line 3: CustomerID is 'Ann",
        ),
        ("1,10001,RED MUG,,12/1/2010 8:26,2.50,7,France", "line 3: Quantity is empty"),
        (",10001,RED MUG,6,12/1/2010 8:26,2.50,7,France", "line 3: InvoiceNo is empty"),
        ("1,,RED MUG,6,12/1/2010 8:26,2.50,7,France", "line 3: StockCode is empty"),
        ("1,10001,RED", "line 3: Quantity is empty"),
        ("", "line 3: Quantity is empty"),
        (GOOD + ",more", "line 3"),
    ],
)
def test_a_bad_line_is_named(tmp_path, line, message):
    path = write(tmp_path, f"{GOOD}\n{line}\n{GOOD}")
    with pytest.raises(DataCorrupted, match=message) as caught:
        load_online_retail(1, 1, path=path)
    assert str(path) in str(caught.value)


def test_other_files(tmp_path):
    with pytest.raises(DataNotFound, match="absent.csv does not exist"):
        load_online_retail(path=tmp_path / "absent.csv")
    wrong = write(tmp_path, header=HEADER.replace("InvoiceDate", "Date"))
    with pytest.raises(DataCorrupted, match="line 1: there is no column InvoiceDate"):
        load_online_retail(path=wrong)
    wrong.write_text("")
    with pytest.raises(DataCorrupted, match="no table of comma-separated"):
        load_online_retail(path=wrong)
    wrong.write_bytes((HEADER + "\n" + GOOD).encode() + b"\xff\xfe")
    with pytest.raises(DataCorrupted, match="no table of comma-separated UTF-8"):
        load_online_retail(path=wrong)


def test_categories_take_the_first_rule_that_matches():
    titles = pd.Series(
        ["Christmas mug", "EGG CUP", "BOX OF EGGS", "QWERTY", "tote bag"]
    )
    assert category_of(titles).tolist() == [
        "christmas",
        "tea-and-tableware",
        "easter",
        "other",
        "bags",
    ]


real = pytest.mark.skipif(
    not os.environ.get("SEQVIZ_DATA"), reason="SEQVIZ_DATA names no folder of real data"
)


@real
def test_published_file_counts():
    _, interactions, catalog = load_online_retail(1, 1)
    table = interactions.table
    assert len(interactions) == 386_247
    assert (interactions.num_users, catalog.num_items) == (4_334, 3_658)
    assert table["session"].nunique() == 18_402
    assert table.groupby("session").size().median() == 15
    other = catalog.table["category"] == "other"
    assert round(100 * (1 - other.mean()), 1) == 96.7
    assert round(100 * (1 - other.loc[table["item"]].mean()), 1) == 99.2
    assert round(table.duplicated(["user", "item"]).mean(), 2) == 0.31
    frequent = table[table.groupby("item")["item"].transform("size") >= 5]
    events = frequent["user"].value_counts()
    assert [(events >= n).sum() for n in (5, 10, 20)] == [4_104, 3_748, 3_090]


@real
def test_published_file_with_the_default_filter():
    _, interactions, catalog = load_online_retail()
    assert len(interactions) == 384_673
    assert (interactions.num_users, catalog.num_items) == (4_104, 3_178)
    for column in ("user", "item"):
        assert interactions.table[column].value_counts().min() >= 5
