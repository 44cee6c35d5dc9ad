#!/bin/sh
# floor() of a float column is an int64 on DuckDB, so a large float raises
#
# ibis-framework 12.0.0 on DuckDB 1.5.6, Python 3.11. DuckDB's own floor() of a DOUBLE is
# a DOUBLE and takes any size; ibis writes a cast to BIGINT around it. Whoever asks
# `x.floor() == x` of a column, "are these whole numbers?", meets the error at the first
# id beyond 2**63, far from where it was asked. Compare `x % 1` with 0 instead.
#
# Seen:
#   int64
#   small: [1, -2]
#   large: ConversionException
#   duckdb: -1e+20
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$place"
"$place/bin/pip" install -qq --no-compile ibis-framework==12.0.0 duckdb==1.5.6 \
  sqlglot==30.0.0 pyarrow==26.0.1 pyarrow-hotfix==0.7 pandas==3.1.1 numpy==2.4.6 \
  rich==15.0.0 packaging==26.3
"$place/bin/python" - <<'PY'
import duckdb
import ibis

con = ibis.duckdb.connect()
con.raw_sql("CREATE TABLE small AS SELECT unnest([1.5::DOUBLE, -1.5]) AS x")
con.raw_sql("CREATE TABLE large AS SELECT -1e20::DOUBLE AS x")
print(con.table("small").x.floor().type())
small = con.table("small").x.floor().execute().tolist()
print("small:", small)
try:
    con.table("large").x.floor().execute()
    said = "no error"
except duckdb.ConversionException as error:
    said = type(error).__name__
print("large:", said)
own = con.raw_sql("SELECT floor(x) FROM large").fetchone()[0]
print("duckdb:", own)
assert small == [1, -2] and said == "ConversionException" and own == -1e20
PY
