"""Anyone's log: read, checked, counted, numbered. Needs the extra ``logs``.

It is not imported with ``seqviz.data``, so that the book does not pay for the engine.
"""

from importlib.util import find_spec

if not (find_spec("ibis") and find_spec("duckdb")):
    raise ImportError(
        "seqviz.data.logs needs ibis-framework and duckdb: install the extra logs of "
        "seqviz-book from the checkout, pip install '.[logs]'"
    )

from seqviz.data.logs.call import read_log
from seqviz.data.logs.report import Report

__all__ = ["Report", "read_log"]
