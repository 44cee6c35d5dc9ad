"""The preparation, as one expression of Ibis: any engine runs it unchanged."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
import numpy as np

from seqviz.data.logs.report import Report
from seqviz.data.logs.sources import ROW, stored

WITHOUT = {
    "user": "without a user",
    "item": "without an item",
    "time": "without a time",
}
PIECE = 1 << 20  # events that are fetched at a time
BROKEN = "with a time that cannot be read or lies in another year"


def chosen(
    table: ir.Table, roles: dict[str, str | list[str]], missing: Sequence[str]
) -> ir.Table:
    """The columns that are read: ids and words as text, the time as it is, ``tie``.

    ``tie`` orders events of one moment: their place in the source, 0 where an engine
    knows none. A time that is text has ``whole_`` beside it: the same as int64 where it
    is a whole number, so that the usual log needs no pattern.
    """
    columns = {
        role: as_text(table, column, missing)
        for role, column in roles.items()
        if role != "time"
    }
    time = table[roles["time"]]
    columns["stamp"] = time
    if time.type().is_string():
        columns["stamp"] = stamp = _present(time, missing)
        number = stamp.try_cast("int64")
        # as it is written: 12.7 and 007 are none
        written = number.cast("string") == stamp
        columns["whole_"] = written.ifelse(number, ibis.null()).cast("int64")
    tie = table[ROW] if ROW in table.columns else ibis.literal(0)
    return table.select(**columns, tie=tie.cast("int64"))


def as_text(
    table: ir.Table, column: str | list[str], missing: Sequence[str]
) -> ir.StringColumn:
    """A column as text, null where it is missing; several, joined by a bar.

    A float that is whole loses its fraction: pandas makes 17850.0 of the id 17850 where
    another row has none. One beyond 2**53 is written as its engine writes it.
    """
    if not isinstance(column, str):
        parts = [as_text(table, part, missing) for part in column]
        joined = parts[0]
        for part in parts[1:]:
            joined = joined + "|" + part
        return joined
    value = table[column]
    if value.type().is_floating():
        # floor, too, is an int64 to DuckDB
        small = (value.abs() < 2**53).ifelse(value, 0.5)
        whole = small == small.floor()
        value = value.isnan().ifelse(
            ibis.null(),
            whole.ifelse(
                whole.ifelse(small, 0.0).cast("int64").cast("string"),
                value.cast("string"),
            ),
        )
    return _present(value.cast("string"), missing)


def _present(text: ir.StringColumn, missing: Sequence[str]) -> ir.StringColumn:
    # DuckDB strips a text letter by letter: only where there is a blank at an end
    blank = text < "!"  # at its beginning
    if any(missing):
        blank |= text.right(1) <= " "
    word = blank.ifelse(text.strip(), text)
    return word.isin(list(missing)).ifelse(ibis.null(), text)


def readable(events: ir.Table, report: Report) -> ir.Table:
    """Events with a user, an item and a time; the others are counted by cause."""
    columns = ("user", "item", "stamp", "micros")
    there = events.aggregate(
        read_=events.count(), **{column: events[column].count() for column in columns}
    )
    found = there.execute().iloc[0]
    report.read = int(found["read_"])
    if any(found[column] < report.read for column in columns):
        _count_missing(events, columns, report)
    events = events.drop("stamp", *({"whole_"} & set(events.columns)))
    if not report.dropped:
        return events
    return stored(
        events.filter(*(events[c].notnull() for c in ("user", "item", "micros")))
    )


def _count_missing(events: ir.Table, columns: Sequence[str], report: Report) -> None:
    """Say how many lack one of the columns; each event has one cause, the first."""
    left, counts = ibis.literal(True), {}
    for column in columns:
        counts[column] = (left & events[column].isnull()).sum()
        left &= events[column].notnull()
    found = events.aggregate(**counts).execute().iloc[0].fillna(0)
    for column, name in zip(columns, (*WITHOUT.values(), BROKEN), strict=True):
        report.drop(name, int(found[column]))


def of_kinds(events: ir.Table, kinds: Sequence[str], report: Report) -> ir.Table:
    """Events of these kinds, of all where none is named; the others are counted.

    Raises:
        ValueError: a kind does not occur.
    """
    counts = events.group_by("kind").agg(events_=events.count()).execute()
    found = dict(zip(counts["kind"], counts["events_"], strict=True))
    unknown = [kind for kind in kinds if kind not in found]
    if unknown:
        raise ValueError(
            f"kinds must be among {', '.join(sorted(found))}, got {unknown[0]!r}"
        )
    if not kinds:
        return events
    for kind in sorted(set(found) - set(kinds)):
        report.drop(f"of kind {kind}", found[kind])
    return events.filter(events.kind.isin(list(kinds)))


def numbers(events: ir.Table, column: str) -> ir.Table:
    """Each distinct value of a column (``column``) and its number from 0 (``n_``).

    Short ones first, then by their bytes: whole numbers stand in their order.
    """
    distinct = events.select(column).distinct()
    value = distinct[column]
    order = ibis.window(order_by=[value.length(), value])
    return distinct.mutate(n_=ibis.row_number().over(order))


def fetched(
    events: ir.Table, tables: dict[str, ir.Table], placed: bool, size: int
) -> dict[str, np.ndarray]:
    """The events as arrays ``[V]``, by user, time, and place in the source.

    They come a piece at a time, so that the engine's own copy is never held whole
    beside them. Numbers that fit take four bytes, microseconds eight.

    Args:
        events: what is left.
        tables: for user, item, kind and session its numbers.
        placed: whether ``tie`` is a place in the source, no two alike; else events of
            one moment are ordered by all else that they are.
        size: V.
    """
    for column, table in tables.items():
        table = table.rename({f"{column}_n": "n_", f"{column}_key": column})
        events = events.inner_join(table, events[column] == table[f"{column}_key"])
    wanted = [f"{column}_n" for column in tables]
    last = ["tie"] if placed else wanted[1:]
    events = events.order_by(["user_n", "micros", *last]).select(*wanted, "micros")
    number = np.int32 if size < 2**31 else np.int64
    arrays = {name: np.empty(size, number) for name in wanted}
    arrays["micros"] = np.empty(size, np.int64)
    at = 0
    for batch in events.to_pyarrow_batches(chunk_size=PIECE):
        part = slice(at, at := at + len(batch))
        for name, array in arrays.items():
            array[part] = batch[name].to_numpy(zero_copy_only=False)
    return {name.removesuffix("_n"): array for name, array in arrays.items()}
