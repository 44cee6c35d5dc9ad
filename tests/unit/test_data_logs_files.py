"""Files as they are found: packed, in pieces, in another encoding, broken."""

import bz2
import gzip
import lzma
import zipfile

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("duckdb", reason="the extra logs is not installed")

import pyarrow as pa
import pyarrow.parquet as pq

from seqviz.data import DataCorrupted, DataNotFound
from seqviz.data.logs import read_log

TEXT = "user_id,item_id,time\n" + "".join(
    f"u{k % 7},i{k * 37 % 101},{1_500_000_000 + k}\n" for k in range(500)
)


def read(path, **options):
    return read_log(path, aloud=False, **options)


def same(one, two):
    pd.testing.assert_frame_equal(one[0].interactions.table, two[0].interactions.table)
    assert one[1].item_ids.tolist() == two[1].item_ids.tolist()
    assert one[1].user_ids.tolist() == two[1].user_ids.tolist()


def test_one_log_in_every_form(tmp_path):
    (tmp_path / "a.csv").write_text(TEXT)
    plain = read(tmp_path / "a.csv")
    frame = pd.read_csv(tmp_path / "a.csv")
    for name, pack in (("gz", gzip), ("bz2", bz2), ("xz", lzma)):
        path = tmp_path / f"a.csv.{name}"
        path.write_bytes(pack.compress(TEXT.encode()))
        same(read(path), plain)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("in/a.csv", TEXT)
    same(read(tmp_path / "a.zip"), plain)
    (tmp_path / "bom.csv").write_text(
        TEXT.replace("\n", "\r\n"), "utf-8-sig", newline=""
    )
    same(read(tmp_path / "bom.csv"), plain)
    frame.to_csv(tmp_path / "a.dat", sep="\t", index=False)
    same(read(tmp_path / "a.dat"), plain)
    frame.to_json(tmp_path / "a.json", orient="records", lines=True)
    same(read(tmp_path / "a.json"), plain)
    frame.to_parquet(tmp_path / "a.parquet")
    same(read(tmp_path / "a.parquet"), plain)
    same(read(frame), plain)
    same(read(pa.Table.from_pandas(frame)), plain)
    lines = TEXT.splitlines(keepends=True)
    (tmp_path / "part-1.csv").write_text("".join(lines[:200]))
    (tmp_path / "part-2.csv").write_text(lines[0] + "".join(lines[200:]))
    same(read(str(tmp_path / "part-*.csv")), plain)
    # no header: by number
    (tmp_path / "b.csv").write_text("".join(lines[1:]))
    same(read(tmp_path / "b.csv", user=0, item=np.int64(1), time=2), plain)


def test_latin_1(tmp_path):
    text = "user,item,time\nZoë,café,1500000000\n"
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(
        DataCorrupted,
        match="a.csv, line 2: byte 0xeb is not UTF-8; give encoding='latin-1'",
    ):
        read(path)
    _, report = read(path, encoding="latin-1")
    assert report.user_ids.tolist() == ["Zoë"]
    path.write_bytes(
        (text + "x,y,1500000000\n" * 80 + "é,y,1500000000\n").encode("latin-1")
    )
    path.write_bytes(
        b"user,item,time\n" + b"x,y,1500000000\n" * 80 + b"\xe9,y,1500000000\n"
    )
    for name in ("a.csv", "a.csv.gz"):  # beyond the lines that are looked at first
        (tmp_path / "a.csv.gz").write_bytes(gzip.compress(path.read_bytes()))
        with pytest.raises(DataCorrupted, match=f"{name}, line 82: byte 0xe9 is not"):
            read(tmp_path / name)
    with pytest.raises(ValueError, match="encoding must be one that Python knows"):
        read(path, encoding="latin1000")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("u1,i1", "a.csv, line 82 has 2 fields, expected 3; correct or remove"),
        ("u1,i1,1500000000,7", "line 82 has 4 fields, expected 3"),
        ('u1,"i1,1500000000', "line 82: a quote that does not close"),
        ('u1,"i"1,1500000000', "line 82: a quote that does not close"),
        ("u1,i1,soon", r"line 82, column time \('soon'\): time must be numbers or ISO"),
        ('"u\n1",i1,soon', r"line 82, column time \('soon'\)"),
    ],
)
def test_a_broken_line_is_named(tmp_path, line, message):
    path = tmp_path / "a.csv"
    rows = ["u2,i2,1500000000"] * 80
    path.write_text(
        "\n".join(["user,item,time", *rows, line, "u3,i3,1500000001"]) + "\n"
    )
    with pytest.raises(DataCorrupted, match=message):
        read(path)
    # the same in the second of two files, and near its beginning
    other = tmp_path / "b.csv"
    other.write_text(
        "\n".join(["user,item,time", *rows[:9], "", line, *rows[:5]]) + "\n"
    )
    path.write_text("user,item,time\nu,i,1500000000\n")
    with pytest.raises(
        DataCorrupted, match=message.replace("82", "12").replace("a.csv", "b.csv")
    ):
        read([path, other])


def test_a_broken_json_line_is_named(tmp_path):
    path = tmp_path / "a.jsonl"
    row = '{"user": "a", "item": "b", "time": 1500000000}\n'
    path.write_text(row * 60 + '{"user": "a", "item": \n' + row)
    with pytest.raises(DataCorrupted, match="a.jsonl, line 61: not a JSON object"):
        read(path)
    path.write_text(row + "\n" + row.replace("1500000000", '"soon"'))
    with pytest.raises(DataCorrupted, match="a.jsonl, line 3, column time"):
        read(path)
    path.write_text(f"[{row}]")
    with pytest.raises(DataCorrupted, match="line 1: a JSON list; write one object"):
        read(path)


def test_cut_short(tmp_path):
    packed = gzip.compress(TEXT.encode())
    for content in (
        packed[: len(packed) // 2],
        packed[:-1],
        packed[:-6] + b"\0" + packed[-5:],
    ):
        (tmp_path / "a.csv.gz").write_bytes(content)
        with pytest.raises(DataCorrupted, match="a.csv.gz is damaged or cut short"):
            read(tmp_path / "a.csv.gz")
    pq.write_table(
        pa.table({"user": ["a"], "item": ["b"], "time": [1_500_000_000]}),
        tmp_path / "a.parquet",
    )
    whole = (tmp_path / "a.parquet").read_bytes()
    (tmp_path / "a.parquet").write_bytes(whole[:-10])
    with pytest.raises(DataCorrupted, match="a.parquet is damaged or cut short"):
        read(tmp_path / "a.parquet")
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04abc")
    with pytest.raises(DataCorrupted, match="a.zip is damaged or cut short"):
        read(tmp_path / "a.zip")


def test_what_is_not_a_log(tmp_path):
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(DataCorrupted, match="empty.csv is empty"):
        read(tmp_path / "empty.csv")
    with pytest.raises(DataNotFound, match="there is no file .*b.csv"):
        read(tmp_path / "b.csv")
    with pytest.raises(DataNotFound, match="no file fits"):
        read(tmp_path / "b-*.csv")
    with pytest.raises(ValueError, match="source must be a file .* with empty.csv"):
        read(tmp_path)
    with pytest.raises(TypeError, match="source must be a path, .*, got int"):
        read(3)
    with pytest.raises(TypeError, match="source must have one type in each column"):
        read(pd.DataFrame({"user": [1, "a"], "item": "b", "time": 1_500_000_000}))
    month = pd.PeriodIndex(["2026-01", "2026-02"], freq="M")
    with pytest.raises(TypeError, match="source must have columns of numbers, text or"):
        read(pd.DataFrame({"user": "a", "item": "b", "time": month}))
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.csv", TEXT)
        archive.writestr("b.csv", TEXT)
    with pytest.raises(
        DataCorrupted, match="a.zip must hold one file, got a.csv, b.csv"
    ):
        read(tmp_path / "a.zip")
    (tmp_path / "one.csv").write_text("user,item,time\nu,i,1500000000\n")
    (tmp_path / "two.csv").write_text("item,user,time\ni,u,1500000000\n")
    with pytest.raises(
        ValueError, match="files of one form, got one.csv with user, item"
    ):
        read([tmp_path / "one.csv", tmp_path / "two.csv"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "user,customer_id,item,time\nu,c,i,1500000000\n",
            "user must be given .* user and customer_id alike",
        ),
        (
            "who,what,when\nu,i,1500000000\n",
            "user, item and time must be given .* who, what, when; say user=",
        ),
        ("u,1\ni,2\n", "user, item and time must be given"),
        (
            "a;b,c\nd;e,f\n",
            "separator must be given .* ',' .2 fields. and ';' .2 fields. alike",
        ),
        ("word\nword\n", "separator must be given .*, got none that parts"),
    ],
)
def test_what_could_be_meant_in_two_ways(tmp_path, text, message):
    path = tmp_path / "a.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        read(path)


def test_a_column_that_is_not_there(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("user,item,time\nu,i,1500000000\n")
    with pytest.raises(
        ValueError,
        match="user must be a column of .*, got 'usr'; there are user, item, time",
    ):
        read(path, user="usr")
    with pytest.raises(ValueError, match="item must be a column from 0 to 2 .*, got 3"):
        read(path, item=3)
