"""From whatever a log calls a time to microseconds since 1970, UTC.

The rule, in full:

1. A column of dates and times (Parquet, frames) is taken as it is; without a zone it is
   UTC.
2. Text is one of two things, and the same in every row. Either all are numbers, or all
   are ISO 8601 (``2014-04-07T10:51:09.277Z``, ``2014-04-07 12:51:09+02:00``,
   ``2014-04-07``), where a time without a zone is UTC. Other text needs
   ``time_format``, as for ``datetime.strptime``.
3. Numbers count seconds, milliseconds, microseconds or nanoseconds since 1970: the unit
   in which **every** one of them lies in the years 1990 to 2099. At most one does, for
   these ranges do not overlap. Where none does ``time_unit`` must be given, and then
   any number counts.
4. What cannot be read, and a number out of these years, is an error that names the
   first. With ``broken="drop"`` it is left out and counted, as long as one rule reads
   at least 95 of 100.

Events are ordered to the microsecond; the table's ``time`` is the second it lies in.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir
import pandas as pd

from seqviz.arguments import LATEST

if TYPE_CHECKING:
    from seqviz.data.logs.report import Report

#: Microseconds of a unit, and how it is called.
UNITS = {
    "ns": (0.001, "nanoseconds"),
    "us": (1, "microseconds"),
    "ms": (10**3, "milliseconds"),
    "s": (10**6, "seconds"),
    "m": (60 * 10**6, "minutes"),
    "h": (3600 * 10**6, "hours"),
    "D": (86_400 * 10**6, "days"),
}
GUESSED = ("s", "ms", "us", "ns")
FIRST, LAST = 631_152_000, 4_102_444_800  # 1990 and 2100, in seconds
MOST_BROKEN = 0.05
ISO = (
    r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?"
    r"( ?(Z|UTC|[+-]\d{2}(:?\d{2})?))?)?$"
)
WHOLE = r"^[+-]?\d+$"
NUMBER = r"^[+-]?\d+(\.\d*)?([eE][+-]?\d+)?$"
#: Days first or months first: only a format can tell.
OTHER = r"^\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}\b|^[A-Za-z]{3},? "


class TimesUnclear(ValueError):
    """The times are not of one kind; ``bad`` are the events that stand out."""

    def __init__(self, message: str, remedy: str, bad: ir.Table | None = None):
        super().__init__(f"{message}; {remedy}")
        self.bad = bad


def looks_like_a_time(text: str) -> bool:
    """Whether a field is a number or a date rather than a column's name."""
    return any(re.match(pattern, text) for pattern in (NUMBER, ISO, OTHER))


def microseconds(
    table: ir.Table,
    column: ir.Column,
    report: Report,
    unit: str | None = None,
    form: str | None = None,
    broken: str = "error",
) -> ir.Table:
    """``table`` with ``micros``, int64, null where the time is missing or broken.

    Args:
        table: the events.
        column: their times, null where missing.
        report: told how the times were understood.
        unit: of numbers, one of ``UNITS``; None: by rule 3.
        form: of text, as for ``datetime.strptime``.
        broken: "error" or "drop".

    Raises:
        TimesUnclear: the rule gives no answer.
    """
    kind = column.type()
    if kind.is_timestamp() or kind.is_date():
        zone = getattr(kind, "timezone", None)
        if zone is None:
            report.say("times have no zone and are taken as UTC")
            moment = column.cast("timestamp(6)")
        else:
            moment = column.cast("timestamp('UTC', 6)").cast("timestamp(6)")
        return table.mutate(micros=_since_1970(moment))
    if kind.is_numeric():
        return _numbers(table, column, report, unit, broken)
    if not kind.is_string():
        raise TimesUnclear(
            f"time must be numbers, text or dates, got {kind}", "convert the column"
        )
    if form is not None:
        return _formatted(table, column, report, form, broken)
    if "whole_" in table.columns and _all_whole(table, column):
        return _numbers(table, table.whole_, report, unit, broken)
    is_number, is_iso = column.re_search(NUMBER), column.re_search(ISO)
    counts = table.aggregate(
        all=column.count(), number=is_number.sum(), iso=is_iso.sum()
    ).execute()
    total, numbers, iso = (int(counts[name].fillna(0)[0]) for name in counts)
    if _enough(numbers, total, broken):
        return _numbers(table, column, report, unit, broken)
    if _enough(iso, total, broken):
        return _iso(table, column, report, broken)
    most = is_number if numbers >= iso else is_iso
    raise TimesUnclear(
        f"time must be numbers or ISO 8601 in every row, got {numbers:,} numbers and "
        f"{iso:,} ISO times of {total:,}",
        "give time_format, such as '%m/%d/%Y %H:%M', or broken='drop' where a few rows "
        "are broken",
        table.filter(~most if max(numbers, iso) else column.notnull()),
    )


def _all_whole(table: ir.Table, column: ir.StringColumn) -> bool:
    """Whether every time that is there is a whole number as it is written."""
    counts = table.aggregate(all=column.count(), whole=table.whole_.count()).execute()
    return int(counts["all"][0]) == int(counts["whole"][0])


def _enough(count: int, total: int, broken: str) -> bool:
    if broken == "drop":
        return count >= (1 - MOST_BROKEN) * total
    return count == total


def _since_1970(moment: ir.TimestampColumn) -> ir.IntegerColumn:
    # not epoch_seconds: it ends in 2038 (findings/ibis-epoch-2038.sh)
    return moment.delta(ibis.timestamp("1970-01-01 00:00:00"), unit="microsecond").cast(
        "int64"
    )


def _numbers(
    table: ir.Table, column: ir.Column, report: Report, unit: str | None, broken: str
) -> ir.Table:
    if column.type().is_integer():
        return _whole_numbers(table, column.cast("int64"), report, unit, broken)
    if column.type().is_string():
        # DuckDB would round a fraction
        whole = column.re_search(WHOLE).ifelse(column, ibis.null()).try_cast("int64")
        real = column.re_search(NUMBER).ifelse(column, ibis.null()).try_cast("float64")
    else:
        whole = ibis.null()
        real = column.cast("float64")
        real = (real.isnan() | real.isinf()).ifelse(ibis.null(), real)
    table = table.mutate(number_=whole.cast("int64"), real_=real)
    unit, inside = _decided(table, report, unit, broken)
    scale = UNITS[unit][0]
    # a number too large for the product is out of range and given up below
    fits = table.real_.abs() < 9.2e18 / scale
    whole = _scaled(fits.ifelse(table.number_, ibis.null()), unit)
    real = (table.real_ * scale).floor()
    exact = ibis.coalesce(whole, inside.ifelse(real, ibis.null()).cast("int64"))
    return table.mutate(micros=inside.ifelse(exact, ibis.null())).drop(
        "number_", "real_"
    )


def _whole_numbers(
    table: ir.Table,
    number: ir.IntegerColumn,
    report: Report,
    unit: str | None,
    broken: str,
) -> ir.Table:
    """The usual log, whose numbers need neither a pattern nor a fraction."""
    table = table.mutate(number_=number, real_=number.cast("float64"))
    unit, inside = _decided(table, report, unit, broken)
    micros = _scaled(inside.ifelse(table.number_, ibis.null()), unit)
    return table.mutate(micros=micros).drop("number_", "real_")


def _decided(
    table: ir.Table, report: Report, unit: str | None, broken: str
) -> tuple[str, ir.BooleanColumn]:
    """The unit of ``real_``, and which of them it brings into its range."""
    if unit is not None:
        inside = table.real_.abs() < LATEST * 10**6 / UNITS[unit][0]
        _told(table, inside, unit, broken, report)
        return unit, inside
    unit = _unit(table, broken)
    report.say(
        f"times are {UNITS[unit][1]} since 1970: in that unit they lie in the "
        "years 1990 to 2099"
    )
    return unit, _in_these_years(table.real_, unit)


def _scaled(number: ir.IntegerColumn, unit: str) -> ir.IntegerColumn:
    """Whole numbers of a unit as microseconds, nanoseconds rounded down."""
    if unit == "ns":
        rest = ((number % 1000) + 1000) % 1000
        return ((number - rest) / 1000).round().cast("int64")
    return number * int(UNITS[unit][0])


def _told(
    table: ir.Table, inside: ir.BooleanColumn, unit: str, broken: str, report: Report
) -> None:
    """Hold a unit that was told against the numbers."""
    others = [other for other in GUESSED if other != unit]
    counts = table.aggregate(
        all=table.real_.count(),
        inside=inside.sum(),
        **{other: _in_these_years(table.real_, other).sum() for other in others},
    ).execute()
    found = counts.iloc[0].fillna(0).astype(int)
    outside = found["all"] - found["inside"]
    if not _enough(found["inside"], found["all"], broken):
        raise TimesUnclear(
            f"time must lie before the year 5138, got {outside:,} of "
            f"{found['all']:,} that as {UNITS[unit][1]} do not",
            "correct time_unit, or give broken='drop' where a few are broken",
            table.filter(~inside),
        )
    report.say(f"times are {UNITS[unit][1]} since 1970, as told")
    for other in others:
        if found["all"] and found[other] == found["all"]:
            report.say(
                f"IN {UNITS[other][1].upper()} all of them would lie in the years 1990 "
                "to 2099: make sure of time_unit"
            )


def _in_these_years(real: ir.FloatingColumn, unit: str) -> ir.BooleanColumn:
    low, high = _these_years(unit)
    return (real >= low) & (real < high)


def _these_years(unit: str) -> tuple[float, float]:
    """1990 and 2100 in a unit since 1970."""
    low, high = (end * 10**6 / UNITS[unit][0] for end in (FIRST, LAST))
    return low, high


def _unit(table: ir.Table, broken: str) -> str:
    real = table.real_
    ends = table.aggregate(low=real.min(), high=real.max()).execute().iloc[0]
    for unit in GUESSED if ends.notna().all() else ():
        low, high = _these_years(unit)
        if low <= ends["low"] and ends["high"] < high:  # then so are all between
            return unit
    inside = {unit: _in_these_years(real, unit) for unit in GUESSED}
    counts = table.aggregate(
        all=real.count(),
        low=real.min(),
        high=real.max(),
        **{unit: condition.sum() for unit, condition in inside.items()},
    ).execute()
    first = counts.iloc[0].fillna(0)
    for unit in GUESSED:
        if _enough(int(first[unit]), int(first["all"]), broken):
            return unit
    found = [f"{int(first[u]):,} {UNITS[u][1]}" for u in GUESSED if first[u]]
    likely = max(GUESSED, key=lambda unit: first[unit])
    raise TimesUnclear(
        "time must be in one unit, every one in the years 1990 to 2099, got "
        f"{first['low']:.15g} to {first['high']:.15g}, of {int(first['all']):,} "
        f"numbers {' and '.join(found) or 'none in any unit'}",
        "give time_unit (s, ms, us, ns, m, h or D), or time_format where these are "
        "dates such as 20140407, or broken='drop' where a few are broken",
        table.filter(~inside[likely] if found else real.notnull()),
    )


def _iso(
    table: ir.Table, column: ir.StringColumn, report: Report, broken: str
) -> ir.Table:
    good = column.re_search(ISO)
    moment = column.substr(0, 19).replace("T", " ")
    # a day or a minute alone; cut before a zone that came early
    moment = moment.re_extract(r"^(\d{4}-\d{2}-\d{2}( \d{2}:\d{2}(:\d{2})?)?)", 1)
    moment = good.ifelse(moment, ibis.null()).try_cast("timestamp(6)")
    fraction = column.re_extract(r"\.(\d+)", 1)
    fraction = (fraction + "000000").substr(0, 6).cast("int64")
    zone = column.re_extract(r"\d{2}:\d{2}.*([+-]\d{2}:?\d{0,2})$", 1)
    sign = zone.startswith("-").ifelse(-1, 1)
    hours = zone.substr(1, 2).nullif("").try_cast("int64").fill_null(0)
    minutes = zone.re_extract(r"^...:?(\d{2})$", 1).nullif("").try_cast("int64")
    ahead = sign * (hours * 60 + minutes.fill_null(0)) * 60 * 10**6
    table = table.mutate(micros=_since_1970(moment) + fraction - ahead)
    counts = table.aggregate(
        all=column.count(),
        read=table.micros.count(),
        bare=(~column.re_search(r"(Z|UTC|:.*[+-]\d{2}:?\d{0,2})$")).sum(),
    ).execute()
    total, read, bare = (int(counts[name].fillna(0)[0]) for name in counts)
    if not _enough(read, total, broken):
        raise TimesUnclear(
            f"time must be a day and an hour that exist, got {total - read:,} that do "
            f"not of {total:,}",
            "correct them, or give broken='drop'",
            table.filter(table.stamp.notnull() & table.micros.isnull()),
        )
    report.say("times are ISO 8601")
    if bare:
        report.say(f"{bare:,} times have no zone and are taken as UTC")
    return table


def _formatted(
    table: ir.Table, column: ir.StringColumn, report: Report, form: str, broken: str
) -> ir.Table:
    # the distinct times: an engine's own strptime stops at the first that fails
    words = table.select(said_=column).distinct().filter(lambda t: t.said_.notnull())
    said = words.execute()["said_"].astype(str)
    read = pd.to_datetime(said, format=form, errors="coerce", utc=True)
    if not _enough(int(read.notna().sum()), len(read), broken):
        wrong = str(said[read.isna()].min())
        raise TimesUnclear(
            f"time must be written as time_format = {form!r}, got {wrong!r}",
            "correct time_format, or give broken='drop' where a few rows are broken",
            table.filter(column == wrong),
        )
    good = read.notna()
    micros = read[good].dt.tz_localize(None).astype("datetime64[us]").astype("int64")
    known = ibis.memtable(
        pd.DataFrame({"said_": said[good].to_numpy(), "micros": micros.to_numpy()}),
        schema={"said_": "string", "micros": "int64"},
    )
    report.say(f"times are written {form} and taken as UTC where they name no zone")
    joined = table.mutate(said_=column).left_join(known, "said_")
    return joined.drop("said_", *(c for c in joined.columns if c == "said__right"))
