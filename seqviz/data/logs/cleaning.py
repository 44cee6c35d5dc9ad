"""Cleaning that is asked for: each step leaves events out and counts them."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from seqviz.arguments import require_choice, require_whole
from seqviz.data.logs.report import Report
from seqviz.data.logs.sources import stored

REPEATS = ("keep", "adjacent", "all")


@dataclass(frozen=True)
class Cleaning:
    """What is left out, in this order; the defaults leave out nothing.

    Attributes:
        since, until: microseconds; events before, and from there on.
        duplicates: "drop" keeps one of several equal events (user, item, time, kind,
            session).
        max_user_events: users with more are dropped (bots, wholesalers).
        repeats: "adjacent" drops an item right after itself, "all" every event of a
            user and an item but the first.
        min_user_events, min_item_events: users and items with fewer are dropped, again
            and again until both hold at once.
    """

    since: int | None = None
    until: int | None = None
    duplicates: str = "keep"
    max_user_events: int | None = None
    repeats: str = "keep"
    min_user_events: int = 1
    min_item_events: int = 1

    def __post_init__(self) -> None:
        require_choice(("keep", "drop"), duplicates=self.duplicates)
        require_choice(REPEATS, repeats=self.repeats)
        if self.max_user_events is not None:
            require_whole(max_user_events=self.max_user_events)
        require_whole(
            min_user_events=self.min_user_events, min_item_events=self.min_item_events
        )


def clean(events: ir.Table, asked: Cleaning, report: Report) -> ir.Table:
    """``events`` (user, item, micros, kind, session, tie) without what is left out."""
    steps = [
        ("before since", _since, asked.since is not None),
        ("at or after until", _until, asked.until is not None),
        ("duplicates", _distinct, asked.duplicates == "drop"),
        (
            f"of users with more than {asked.max_user_events or 0:,} events",
            _no_bots,
            asked.max_user_events is not None,
        ),
        (f"repeats ({asked.repeats})", _no_repeats, asked.repeats != "keep"),
    ]
    for cause, step, wanted in steps:
        if wanted:
            events = _counted(cause, events, step(events, asked), report)
    return _core(events, asked, report)


def _counted(cause: str, before: ir.Table, after: ir.Table, report: Report) -> ir.Table:
    after = stored(after)
    report.drop(cause, count(before) - count(after))
    return after


def count(table: ir.Table) -> int:
    """How many rows it has."""
    return int(table.count().execute())


def _since(events: ir.Table, asked: Cleaning) -> ir.Table:
    return events.filter(events.micros >= asked.since)


def _until(events: ir.Table, asked: Cleaning) -> ir.Table:
    return events.filter(events.micros < asked.until)


def _distinct(events: ir.Table, asked: Cleaning) -> ir.Table:
    keys = [column for column in events.columns if column != "tie"]
    return events.group_by(keys).agg(tie=events.tie.min()).select(events.columns)


def _no_bots(events: ir.Table, asked: Cleaning) -> ir.Table:
    return _at_least(events, "user", None, asked.max_user_events)


def _no_repeats(events: ir.Table, asked: Cleaning) -> ir.Table:
    # all that tells events apart: a table of an engine has no order of its own
    last = ["session"] * ("session" in events.columns)
    order = ["micros", "tie", "item", "kind", *last]
    if asked.repeats == "adjacent":
        one_user = ibis.window(group_by="user", order_by=order)
        before = events.item.lag().over(one_user)
        kept = events.mutate(keep_=before.isnull() | (before != events.item))
    else:
        pair = ibis.window(group_by=["user", "item"], order_by=order)
        kept = events.mutate(keep_=ibis.row_number().over(pair) == 0)
    return kept.filter(kept.keep_).drop("keep_")


def _core(events: ir.Table, asked: Cleaning, report: Report) -> ir.Table:
    least = {"item": asked.min_item_events, "user": asked.min_user_events}
    least = {column: minimum for column, minimum in least.items() if minimum > 1}
    before = -1
    while (left := count(events)) != before:
        before = left
        for column, minimum in least.items():
            events = _counted(
                f"of {column}s with fewer than {minimum:,} events",
                events,
                _at_least(events, column, minimum),
                report,
            )
    return events


def _at_least(
    events: ir.Table, column: str, low: int | None, high: int | None = None
) -> ir.Table:
    counts = events.group_by(column).agg(events_=events.count())
    if low is not None:
        counts = counts.filter(counts.events_ >= low)
    if high is not None:
        counts = counts.filter(counts.events_ <= high)
    return events.semi_join(counts, column)
