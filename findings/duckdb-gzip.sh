#!/bin/sh
# Half a gzip file is read as if it were whole, without a word; its checksum is not looked at
#
# duckdb 1.5.6, Python 3.11. 200,000 rows in a .csv.gz. With its checksum changed, or its
# last eight bytes gone, all rows come and no error. Where the writer flushes from time to
# time, as services that log do, a file cut at such a place gives the rows before it:
# here half. Python's gzip module raises for all three.
#
# Seen:
#   whole 200000
#   checksum wrong 200000
#   no end 200000
#   half 100000
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$place"
"$place/bin/pip" install -qq --no-compile duckdb==1.5.6
cd "$place"
"$place/bin/python" - <<'PY'
import gzip
import zlib

import duckdb

ROWS, FLUSHED = 200_000, 1000
writer = zlib.compressobj(wbits=31)
parts = [writer.compress(b"user,item\n")]
for first in range(0, ROWS, FLUSHED):
    lines = "".join(f"{k},{k * 7}\n" for k in range(first, first + FLUSHED))
    parts.append(writer.compress(lines.encode()) + writer.flush(zlib.Z_SYNC_FLUSH))
parts.append(writer.flush())
whole = b"".join(parts)
wrong = bytearray(whole)
wrong[-6] ^= 255
half = b"".join(parts[: 1 + ROWS // FLUSHED // 2])
for name, content, rows in (
    ("whole", whole, ROWS),
    ("checksum wrong", bytes(wrong), ROWS),
    ("no end", whole[:-8], ROWS),
    ("half", half, ROWS // 2),
):
    with open("a.csv.gz", "wb") as file:
        file.write(content)
    query = "SELECT count(*) FROM read_csv('a.csv.gz', header = true)"
    (count,) = duckdb.sql(query).fetchone()
    print(name, count)
    assert count == rows
    try:
        gzip.decompress(content)
        assert name == "whole"
    except (EOFError, gzip.BadGzipFile):
        assert name != "whole"
PY
