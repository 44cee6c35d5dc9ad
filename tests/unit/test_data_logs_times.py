"""Units, zones, order and ties: what a log calls a time."""

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("duckdb", reason="the extra logs is not installed")

from seqviz.data import DataCorrupted
from seqviz.data.logs import read_log

SECONDS = [1_500_000_007, 1_500_000_003, 1_500_000_003]


def log(times):
    return pd.DataFrame(
        {"user": "u", "item": list("abcdefgh"[: len(times)]), "time": times}
    )


def read(times, **options):
    return read_log(log(times), aloud=False, **options)


def items(dataset, report):
    return "".join(report.item_ids[dataset.interactions.table["item"]])


@pytest.mark.parametrize(
    ("times", "said"),
    [
        (SECONDS, "times are seconds since 1970"),
        ([t * 1000 + 999 for t in SECONDS], "times are milliseconds"),
        ([t * 10**6 + 999_999 for t in SECONDS], "times are microseconds"),
        ([t * 10**9 + 999_999_999 for t in SECONDS], "times are nanoseconds"),
        ([f"{t}.75" for t in SECONDS], "times are seconds"),
        ([f"{t:.9e}" for t in SECONDS], "times are seconds"),
        (np.array(SECONDS) + 0.5, "times are seconds"),
        (pd.to_datetime(SECONDS, unit="s"), "no zone and are taken as UTC"),
        (
            pd.to_datetime(SECONDS, unit="s", utc=True).tz_convert("Asia/Tokyo"),
            "from 2017",
        ),
        (
            [
                "2017-07-14T02:40:07Z",
                "2017-07-14 04:40:03+02:00",
                "2017-07-13T21:40:03.5-0500",
            ],
            "times are ISO 8601",
        ),
        (
            ["2017-07-14T02:40:07", "2017-07-14 02:40:03", "2017-07-14 02:40:03 UTC"],
            "2 times have no zone",
        ),
    ],
)
def test_every_unit_means_the_same(times, said):
    dataset, report = read(times)
    assert dataset.interactions.table["time"].tolist() == sorted(SECONDS)
    assert items(dataset, report) == "bca"  # a tie keeps the order of the source
    assert any(said in remark for remark in report.remarks), report.remarks


def test_within_a_second_the_fraction_decides():
    dataset, report = read(["2017-07-14T02:40:03.9Z", "2017-07-14T02:40:03.10Z"])
    assert items(dataset, report) == "ba"
    dataset, report = read([1_500_000_003_900, 1_500_000_003_100])
    assert items(dataset, report) == "ba"
    dataset, report = read(["1500000003.75", "1500000003.6"])
    assert items(dataset, report) == "ba"


def test_far_ends_of_the_calendar():
    dataset, _ = read(["1960-01-01T00:00:00.5Z", "2040-01-02T03:04:05Z"])
    assert dataset.interactions.table["time"].tolist() == [-315_619_200, 2_209_086_245]
    dataset, _ = read(
        ["1960-01-01T00:00:00.5Z", "2040-01-02"], since="1960-01-01", until=0
    )
    assert dataset.interactions.table["time"].tolist() == [-315_619_200]


@pytest.mark.parametrize(
    ("times", "message"),
    [
        ([1_500_000_003, 1_500_000_003_000], r"row 1, .*'1500000003000'.* in one unit"),
        ([1, 2, 3], r"1 to 3, of 3 numbers none in any unit; give time_unit"),
        ([20140407, 20140408], "give .* time_format where these are dates such as"),
        (
            ["1500000003", "soon"],
            r"row 1, column time \('soon'\): .* 1 numbers and 0 ISO",
        ),
        (["2017-07-14", "14/07/2017"], r"row 1, column time \('14/07/2017'\)"),
        (
            ["2017-02-28", "2017-02-30"],
            r"row 1, .*'2017-02-30'.* a day and an hour that",
        ),
        ([True, False], "time must be numbers, text or dates, got boolean"),
    ],
)
def test_what_cannot_be_told_is_an_error(times, message):
    with pytest.raises(DataCorrupted, match=message):
        read(times)


def test_broken_ones_are_left_out_when_asked():
    many = pd.DataFrame(
        {"user": "u", "item": "a", "time": [str(1_500_000_000 + k) for k in range(60)]}
    )
    many.loc[[7, 9], "time"] = ["soon", "-2134949234"]
    with pytest.raises(DataCorrupted, match=r"row 7, column time \('soon'\)"):
        read_log(many, aloud=False)
    dataset, report = read_log(many, aloud=False, broken="drop")
    assert report.dropped == {
        "with a time that cannot be read or lies in another year": 2
    }
    assert len(dataset.interactions) == 58
    many.loc[:10, "time"] = "soon"  # more than 5 in 100
    with pytest.raises(DataCorrupted, match="49 numbers and 0 ISO times of 60"):
        read_log(many, aloud=False, broken="drop")


def test_a_unit_and_a_format_that_are_told():
    dataset, report = read([1, 2, 3], time_unit="D")
    assert dataset.interactions.table["time"].tolist() == [86_400, 172_800, 259_200]
    assert "times are days since 1970, as told" in report.remarks
    dataset, _ = read(["1.5", "2"], time_unit="D")
    assert dataset.interactions.table["time"].tolist() == [129_600, 172_800]
    form = "%m/%d/%Y %H:%M"
    dataset, _ = read(["12/1/2010 8:26", "2/1/2010 8:26"], time_format=form)
    assert dataset.interactions.table["time"].tolist() == [1_265_012_760, 1_291_191_960]
    with pytest.raises(DataCorrupted, match=r"row 1, .*got '13/1/2010 8:26'"):
        read(["12/1/2010 8:26", "13/1/2010 8:26"], time_format=form)
    with pytest.raises(
        ValueError, match="time_unit must be one of ns, us, .*, got 'x'"
    ):
        read(SECONDS, time_unit="x")
    for since in ("x", "05/06/2020", "2020-02-30", True):
        message = f"since must be unix seconds, .*, got {since!r}"
        with pytest.raises(ValueError, match=message):
            read(SECONDS, since=since)
    with pytest.raises(ValueError, match="since must lie in .*, got 1500000007000"):
        read(SECONDS, since=SECONDS[0] * 1000)
