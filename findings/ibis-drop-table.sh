#!/bin/sh
# What pip installs cannot drop or overwrite a table: SQLGlot 30.30.0 writes half a DROP
#
# ibis-framework 12.0.0 on DuckDB 1.5.6, Python 3.11; its requirement on SQLGlot has no
# upper end. cache() works and then prints a traceback from a finalizer as the process
# ends. With SQLGlot 30.0.0 all is well, so pin it beside ibis.
#
# Seen:
#   sqlglot 30.30.0: Parser Error: syntax error at end of input
#   sqlglot 30.0.0: dropped
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$place"
cat > "$place/drop.py" <<'PY'
import sys

import ibis
import sqlglot

con = ibis.duckdb.connect()
con.raw_sql("CREATE TABLE log AS SELECT 1 AS user")
try:
    con.drop_table("log")
    said = "dropped"
except Exception as error:
    said = str(error).strip()
print(f"sqlglot {sqlglot.__version__}: {said}")
assert (said == "dropped") == (sqlglot.__version__ == "30.0.0")
PY
"$place/bin/pip" install -qq --no-compile ibis-framework==12.0.0 duckdb==1.5.6 \
  sqlglot==30.30.0 pyarrow==26.0.1 pyarrow-hotfix==0.7 pandas==3.1.1 numpy==2.4.6 \
  rich==15.0.0 packaging==26.3
"$place/bin/python" "$place/drop.py"
"$place/bin/pip" install -qq --no-compile sqlglot==30.0.0
"$place/bin/python" "$place/drop.py"
