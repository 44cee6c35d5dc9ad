"""The engine that reads a log: its share of the memory, and that it gives it back."""

import pytest

pytest.importorskip("duckdb", reason="the extra logs is not installed")

import duckdb
import ibis

from seqviz.data.logs.sources import LEAST, engine, mebibytes, stored


def setting(con, name):
    return con.raw_sql(f"SELECT current_setting('{name}')").fetchone()[0]


def test_it_takes_a_part_of_what_duckdb_would(tmp_path):
    con = engine(tmp_path)
    usual = mebibytes(ibis.duckdb.connect())
    assert LEAST <= mebibytes(con) <= max(usual / 4, LEAST)


def test_a_table_larger_than_its_memory_goes_to_the_folder(tmp_path):
    con = engine(tmp_path)
    con.raw_sql("SET memory_limit = '40 MiB'")
    con.raw_sql("SET threads = 1")
    held = stored(con.sql("SELECT range AS number, uuid() AS text FROM range(3000000)"))
    assert held.count().execute() == 3_000_000
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) > 2**20


def test_what_is_held_is_given_back(tmp_path):
    con = engine(tmp_path)
    held = stored(con.sql("SELECT 1 AS number"))
    assert held.count().execute() == 1
    con.forget()
    with pytest.raises(duckdb.CatalogException):
        held.count().execute()


def test_one_thread_for_rows_in_order_and_then_as_before(tmp_path):
    con = engine(tmp_path)
    before = setting(con, "threads")
    stored(con.sql("SELECT 1 AS number"), in_order=True)
    assert setting(con, "threads") == before
