"""The preparation of a log on a real Spark, row by row as on DuckDB.

``read_log`` takes a table of Ibis on any engine. Here Spark runs on this machine, and
the same rows lie in DuckDB. Data set, ids, titles and every count of the report must be
the same.
"""

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("pyspark", reason="make test-peers")

import ibis
from pyspark.sql import SparkSession
from pyspark.sql import types as spark_types

from seqviz.data import DataCorrupted
from seqviz.data.logs import read_log

START = 1_500_000_000
SIZE = 1_000
TYPES = {
    "O": spark_types.StringType(),
    "i": spark_types.LongType(),
    "f": spark_types.DoubleType(),
    "M": spark_types.TimestampNTZType(),
}


@pytest.fixture(scope="module")
def spark():
    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.session.timeZone": "UTC",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        # many small queries: what is compiled well would not be run often enough
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
        "spark.sql.adaptive.enabled": "false",
    }
    builder = SparkSession.builder.master("local[1]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture(scope="module")
def engines(spark):
    return ibis.duckdb.connect(), ibis.pyspark.connect(spark)


def on_both(engines, frame):
    """The same rows as a table of DuckDB and one of Spark, whose rows lie elsewhere."""
    duck, cluster = engines
    name = ibis.util.gen_name("log")
    kinds = {
        c: "O" if frame[c].dtype.kind not in "ifM" else frame[c].dtype.kind
        for c in frame
    }
    rows = [
        tuple(None if pd.isna(value) else _plain(value) for value in row)
        for row in frame.astype(object).itertuples(index=False)
    ]
    there = cluster._session.createDataFrame(
        rows[::-1],
        spark_types.StructType(
            [spark_types.StructField(c, TYPES[kinds[c]]) for c in frame]
        ),
    ).repartition(2)
    there.createOrReplaceTempView(name)
    return duck.create_table(name, frame, temp=True), cluster.table(name)


def _plain(value):
    return value.to_pydatetime() if isinstance(value, pd.Timestamp) else value


def said(report):
    return str(report).splitlines()[1:]


def assert_same(engines, frame, **options):
    """Read both; return what DuckDB makes of it."""
    here, there = (
        read_log(table, aloud=False, **options) for table in on_both(engines, frame)
    )
    pd.testing.assert_frame_equal(
        here[0].interactions.table, there[0].interactions.table
    )
    pd.testing.assert_frame_equal(here[0].catalog.table, there[0].catalog.table)
    assert here[1].user_ids.tolist() == there[1].user_ids.tolist()
    assert here[1].item_ids.tolist() == there[1].item_ids.tolist()
    assert said(here[1]) == said(there[1])
    return here


def events(seed=0, size=SIZE):
    """A log with ties, duplicates, broken rows, and items of several titles."""
    random = np.random.default_rng(seed)
    ids = np.array(
        ["7", "007", "é", "e\u0301", "", " x ", "\tNA", "NA", "😀", "ab", "AB"]
    )
    users = [f"u{n}" for n in random.zipf(1.5, size) % 200]
    items = np.where(
        random.random(size) < 0.3,
        random.choice(ids, size),
        [f"i{n}" for n in random.integers(0, 300, size)],
    )
    table = pd.DataFrame({"user": users, "item": items})
    table["time"] = START + random.integers(0, 500, size)
    table["event"] = random.choice(["view", "cart", "buy"], size, p=[0.8, 0.15, 0.05])
    table["title"] = table["item"].str.upper() + random.choice(["", " new"], size)
    table["category"] = random.choice(["a", "b", None], size)
    table = table.astype({c: object for c in table if c != "time"})
    table.loc[random.random(size) < 0.02, "user"] = None
    return table


def test_a_log_with_everything_in_it(engines):
    dataset, report = assert_same(engines, events(), missing=("", "NA"))
    assert report.dropped["without a user"] and report.dropped["without an item"]
    assert any(name.startswith("duplicates") for name in report.noted)
    assert any("several of title" in name for name in report.noted)


@pytest.mark.parametrize(
    "options",
    [
        {"duplicates": "drop"},
        {"repeats": "adjacent"},
        {"repeats": "all"},
        {"max_user_events": 80},
        {"min_user_events": 5, "min_item_events": 5},
        {"kinds": ["cart", "buy"]},
        {"since": START + 100, "until": "2017-07-14T02:46:00Z", "gap": 30},
    ],
    ids=lambda options: " ".join(options),
)
def test_cleaning(engines, options):
    _, report = assert_same(engines, events(1), **options)
    assert 0 < report.kept < report.read


TIMES = {
    "seconds": [START + 7, START + 3, START + 3],
    "nanoseconds": [(START + s) * 10**9 + 999_999_999 for s in (7, 3, 3)],
    "fractions": [START + 7.5, START + 3.25, np.nan],
    "text of numbers": [f"{START + 7}.25", f"{START + 3}", f"{START + 3:.9e}"],
    "ISO 8601": [
        "2017-07-14T02:40:07Z",
        "2017-07-14 04:40:03+02:00",
        "2017-07-13T21:40:03.5-0500",
    ],
    "dates": ["2017-07-14", None, "2017-07-14 02:40"],
    "moments": pd.to_datetime([START + 7, START + 3, START + 3], unit="s"),
    "after 2038": pd.to_datetime([3 * 10**9, START, START + 1], unit="s"),
}


@pytest.mark.parametrize("kind", TIMES)
def test_times(engines, kind):
    frame = pd.DataFrame({"user": ["u", "u", "v"], "item": list("abc")})
    assert_same(engines, frame.astype(object).assign(time=TIMES[kind]))


def test_times_in_a_form_that_is_told(engines):
    frame = pd.DataFrame({"user": list("uuv"), "item": list("abc")})
    frame["time"] = ["07/14/2017 02:40", "12/31/2016 23:59", "07/14/2017 02:41"]
    assert_same(engines, frame.astype(object), time_format="%m/%d/%Y %H:%M")


def test_ids_of_every_kind(engines):
    frame = pd.DataFrame({"item": list("abcde")}).astype(object)
    frame["time"] = START
    for ids in (
        [-5, 3, 10, 2**63 - 1, -(2**63)],
        [17850.0, 2.5, np.nan, -3.0, 2.0**52],
    ):
        assert_same(engines, frame.assign(user=ids))
    assert_same(engines, frame.assign(x=list("aab") + ["", "a"], y=3), user=["x", "y"])


def test_sessions_of_the_log(engines):
    frame = events(2)
    frame["session"] = frame["user"] + "-" + (frame["time"] // 100).astype(str)
    frame["session"] = frame["session"].mask(np.arange(len(frame)) % 7 == 0, None)
    _, report = assert_same(engines, frame.astype({"session": object}))
    assert any(name.startswith("events without a session") for name in report.noted)


@pytest.mark.parametrize(
    "times",
    [[START, 3, START], ["2017-02-30", "2017-07-14", "2017-07-14"], ["x", "y", "z"]],
    ids=["another year", "no such day", "no time"],
)
def test_what_is_broken_is_said_alike(engines, times):
    frame = pd.DataFrame({"user": list("uuv"), "item": list("abc")}).astype(object)
    errors = []
    for table in on_both(engines, frame.assign(time=times)):
        with pytest.raises(DataCorrupted) as caught:
            read_log(table, aloud=False)
        errors.append(str(caught.value))
    assert errors[0] == errors[1]


def test_a_file_that_spark_reads_is_the_file_that_duckdb_reads(engines, tmp_path):
    """A table has no order: only moments with one event each are ordered alike."""
    frame = events(3).drop_duplicates(["user", "time"])
    path = tmp_path / "log.parquet"
    frame.to_parquet(path)
    here, _ = read_log(path, aloud=False)
    there, _ = read_log(engines[1].read_parquet(str(path)), aloud=False)
    pd.testing.assert_frame_equal(here.interactions.table, there.interactions.table)
    pd.testing.assert_frame_equal(here.catalog.table, there.catalog.table)
