"""The preparation, as one expression of Ibis: any engine runs it unchanged."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
import numpy as np

from seqviz.data.logs.report import Report
from seqviz.data.logs.sources import ROW

WITHOUT = {
    "user": "without a user",
    "item": "without an item",
    "time": "without a time",
}
BROKEN = "with a time that cannot be read or lies in another year"


def chosen(
    table: ir.Table, roles: dict[str, str | list[str]], missing: Sequence[str]
) -> ir.Table:
    """The columns that are read: ids and words as text, the time as it is, ``tie``.

    ``tie`` orders events of one moment: their place in the source, 0 where an engine
    knows none.
    """
    columns = {
        role: as_text(table, column, missing)
        for role, column in roles.items()
        if role != "time"
    }
    time = table[roles["time"]]
    columns["stamp"] = _present(time, missing) if time.type().is_string() else time
    tie = table[ROW] if ROW in table.columns else ibis.literal(0)
    return table.select(**columns, tie=tie.cast("int64"))


def as_text(
    table: ir.Table, column: str | list[str], missing: Sequence[str]
) -> ir.StringColumn:
    """A column as text, null where it is missing; several, joined by a bar.

    A float that is whole loses its fraction: pandas makes 17850.0 of the id 17850 where
    another row has none.
    """
    if not isinstance(column, str):
        parts = [as_text(table, part, missing) for part in column]
        joined = parts[0]
        for part in parts[1:]:
            joined = joined + "|" + part
        return joined
    value = table[column]
    if value.type().is_floating():
        whole = (value == value.floor()) & (value.abs() < 2**53)
        value = value.isnan().ifelse(
            ibis.null(),
            whole.ifelse(
                whole.ifelse(value, 0.0).cast("int64").cast("string"),
                value.cast("string"),
            ),
        )
    return _present(value.cast("string"), missing)


def _present(text: ir.StringColumn, missing: Sequence[str]) -> ir.StringColumn:
    return text.strip().isin(list(missing)).ifelse(ibis.null(), text)


def readable(events: ir.Table, report: Report) -> ir.Table:
    """Events with a user, an item and a time; the others are counted by cause."""
    cause = ibis.cases(
        (events.user.isnull(), WITHOUT["user"]),
        (events.item.isnull(), WITHOUT["item"]),
        (events.stamp.isnull(), WITHOUT["time"]),
        (events.micros.isnull(), BROKEN),
        else_="",
    )
    events = events.mutate(cause_=cause)
    counts = events.group_by("cause_").agg(events_=events.count()).execute()
    found = dict(zip(counts["cause_"], counts["events_"], strict=True))
    report.read = int(sum(found.values()))
    for name in (*WITHOUT.values(), BROKEN):
        report.drop(name, found.get(name, 0))
    return events.filter(events.cause_ == "").drop("cause_", "stamp")


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


def fetched(events: ir.Table, tables: dict[str, ir.Table]) -> dict[str, np.ndarray]:
    """The events as int64 arrays ``[V]``, by user, time, and place in the source.

    Args:
        events: what is left.
        tables: for user, item, kind and session its numbers.
    """
    for column, table in tables.items():
        table = table.rename({f"{column}_n": "n_", f"{column}_key": column})
        events = events.inner_join(table, events[column] == table[f"{column}_key"])
    wanted = [f"{column}_n" for column in tables]
    events = events.order_by(["user_n", "micros", "tie", "item_n", "kind_n"])
    arrow = events.select(*wanted, "micros").to_pyarrow()
    return {
        name.removesuffix("_n"): arrow[name].to_numpy().astype(np.int64, copy=False)
        for name in arrow.column_names
    }
