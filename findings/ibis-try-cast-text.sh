#!/bin/sh
# One try_cast of text to int64: DuckDB rounds "….75" up and reads "0x10", Polars has null
#
# ibis-framework 12.0.0 on DuckDB 1.5.6 and Polars 2.1.0, Python 3.11. Whoever asks "is
# this text a whole number?" by try_cast loses the fraction of a time on DuckDB, without a
# word, and two events of one second change places. Polars refuses even "1e3" and spaces.
# DuckDB says that it rounds between numbers (docs: data_types/typecasting); that its text
# does so, too, stands in its issue 23680. Ask by a pattern, "^[+-]?\d+$", before the cast.
#
# Seen:
#   text ['42', '1700000000.75', '2.5', '0x10', '1e3', ' 7 ']
#   duckdb [42, 1700000001, 3, 16, 1000, 7]
#   polars [42, None, None, None, None, None]
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$place"
"$place/bin/pip" install -qq --no-compile ibis-framework==12.0.0 duckdb==1.5.6 \
  polars==2.1.0 sqlglot==30.0.0 pyarrow==26.0.1 pyarrow-hotfix==0.7 pandas==3.1.1 \
  numpy==2.4.6 rich==15.0.0 packaging==26.3
"$place/bin/python" - <<'PY'
import ibis
import pandas as pd

TEXTS = ["42", "1700000000.75", "2.5", "0x10", "1e3", " 7 "]
WANTED = {
    "duckdb": [42, 1700000001, 3, 16, 1000, 7],
    "polars": [42, None, None, None, None, None],
}
print("text", TEXTS)
for name, wanted in WANTED.items():
    engine = getattr(ibis, name).connect()
    table = engine.create_table("events", pd.DataFrame({"text": TEXTS}))
    number = table.text.try_cast("int64").name("number")
    found = table.select(number).to_pyarrow()["number"].to_pylist()
    print(name, found)
    assert found == wanted
PY
