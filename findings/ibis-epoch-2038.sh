#!/bin/sh
# epoch_seconds() of a time after January 2038 is -2147483648, without a word
#
# ibis-framework 12.0.0 on DuckDB 1.5.6, Python 3.11. The result is declared as int32;
# DuckDB's own epoch() gives the right number. An expiry date, or a clock set wrong, thus
# becomes the year 1901.
#
# Seen:
#   int32 [2147483647, -2147483648]
#   duckdb [2147483647.0, 2208988800.0]
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$place"
"$place/bin/pip" install -qq --no-compile ibis-framework==12.0.0 duckdb==1.5.6 \
  sqlglot==30.0.0 pyarrow==26.0.1 pyarrow-hotfix==0.7 pandas==3.1.1 numpy==2.4.6 \
  rich==15.0.0 packaging==26.3
"$place/bin/python" - <<'PY'
import ibis

con = ibis.duckdb.connect()
con.raw_sql(
    "CREATE TABLE log AS SELECT unnest([TIMESTAMP '2038-01-19 03:14:07', "
    "TIMESTAMP '2040-01-01 00:00:00']) AS time"
)
seconds = con.table("log").time.epoch_seconds()
print(seconds.type(), list(seconds.execute()))
own = [row[0] for row in con.raw_sql("SELECT epoch(time) FROM log").fetchall()]
print("duckdb", own)
assert str(seconds.type()) == "int32"
assert list(seconds.execute()) == [2**31 - 1, -(2**31)]
assert own == [2**31 - 1, 2_208_988_800]
PY
