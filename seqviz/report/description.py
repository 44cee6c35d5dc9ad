"""What a log is like: sizes, lengths, repeats, sessions, drift, popularity."""

from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np

from seqviz.data import Interactions
from seqviz.report.reading import Log

SHARES = (0.01, 0.1)  # of the items, for the concentration
TOP = 100  # items, for the drift, or a fifth of a small catalog
FEWEST_TOP = 10  # under which a drift says nothing
WEEKS = 60  # most bars of the chart


class Description(NamedTuple):
    """A log in numbers.

    Attributes:
        rows: what is counted, and its value in words.
        events: how many in each stretch of time ``[W]``.
        begins: unix seconds where each stretch begins ``[W]``.
        popularity: events of each item, the most frequent first ``[N]``.
        repeats: share of events whose item their user had before.
        news: share of the events after the second cut whose item was not known before
            the first.
        moved: share of the most frequent items of the last tenth that were not among as
            many of the first 80%; 0 where there are too few items to say.
        sessions: users and sessions.
        history: median length of a test history.
    """

    rows: list[tuple[str, str]]
    events: np.ndarray
    begins: np.ndarray
    popularity: np.ndarray
    repeats: float
    news: float
    moved: float
    sessions: tuple[int, int]
    history: float


def describe(log: Log) -> Description:
    """Count what a reader wants to know before she believes a table."""
    table = log.whole.interactions.table
    users, items, times = (table[c].to_numpy() for c in ("user", "item", "time"))
    first, second, end = log.moments
    lengths = np.bincount(users)
    lengths = lengths[lengths > 0]
    popularity = np.sort(np.bincount(items))[::-1]
    popularity = popularity[popularity > 0]
    repeats = repeated(log.whole.interactions).mean()
    late = times >= second
    kept = np.bincount(log.task.interactions.table["time"] >= second, minlength=2)[1]
    news = 1 - kept / max(late.sum(), 1)
    top = min(TOP, len(popularity) // 5)
    moved = _moved(items[times < first], items[late], top)
    sessions = len(np.unique(table["session"]))
    lowest, middle, highest = np.quantile(lengths, (0.1, 0.5, 0.9))
    history = float(np.median(log.task.split.test.histories.lengths))
    rows = [
        ("users", f"{len(lengths):,}"),
        ("items", f"{len(popularity):,}"),
        ("events", f"{len(table):,}, {day(times.min())} to {day(end)}"),
        ("events of a user", f"{middle:.0f} (a tenth has {lowest:.0f} or fewer, "
                             f"a tenth {highest:.0f} or more)"),
        ("events whose item the user had before", f"{repeats:.0%}"),
        ("sessions", _sessions(len(lengths), sessions, len(table))),
        ("the most frequent 1% of the items", _concentration(popularity, SHARES[0])),
        ("the most frequent 10% of the items", _concentration(popularity, SHARES[1])),
    ]  # fmt: skip
    if top >= FEWEST_TOP:
        words = (
            f"of the {top} most frequent items of the last tenth, {moved:.0%} were not "
            f"among the {top} most frequent before the first cut"
        )
        rows.append(("drift", words))
    begins, events = _over_time(times)
    sizes = (len(lengths), sessions)
    return Description(
        rows, events, begins, popularity, float(repeats), float(news), moved, sizes,
        history,
    )  # fmt: skip


def repeated(interactions: Interactions) -> np.ndarray:
    """Whether the user of each event had its item before: bool ``[V]``."""
    users, items = (interactions.table[c].to_numpy() for c in ("user", "item"))
    order = np.lexsort((items, users))  # stable: the earliest first
    again = np.zeros(len(users), bool)
    same = (np.diff(users[order]) == 0) & (np.diff(items[order]) == 0)
    again[order[1:]] = same
    return again


def how_cut(log: Log) -> list[str]:
    """Say in sentences how the log was cut, and who was asked."""
    first, second, end = log.moments
    split, N = log.task.split, log.task.catalog.num_items
    asked = "the item that she took last, after all before it" if log.latest else (
        "the items that she took from there on"
    )  # fmt: skip
    says = [
        f"Everything before {moment(first)} trains; the time up to {moment(second)} "
        f"chooses settings; the time up to {moment(end)} is the test. A user who acts "
        f"in one of the two is asked for {asked}. Nothing from after a moment is known "
        "before it.",
        f"{N:,} of {log.whole.catalog.num_items:,} items were frequent enough before "
        "the first moment and can be recommended; an item from later cannot, and takes "
        "no part.",
    ]
    if log.latest:
        says.append(
            "Hardly anybody has events on both sides of a moment, so the latest event "
            "is asked, and histories may reach past the moment."
        )
    counts = []
    for part in ("validation", "test"):
        found, every = len(getattr(split, part)), log.asked[part]
        drawn = f", drawn from {every:,}" if every > found else ""
        counts.append(f"{found:,} users{drawn}")
    says.append(f"Settings are chosen on {counts[0]}; the test asks {counts[1]}.")
    return says


def day(seconds: int) -> str:
    """Return "2011-12-09" of unix seconds, in UTC."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%d")


def moment(seconds: int) -> str:
    """Return "2011-12-09 12:50 UTC" of unix seconds."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%d %H:%M UTC")


def _sessions(users: int, sessions: int, events: int) -> str:
    if sessions == users:
        return "none named: a user's events are one"
    return f"{sessions:,}, {events / sessions:.1f} events each in the mean"


def _concentration(popularity: np.ndarray, share: float) -> str:
    few = max(1, round(share * len(popularity)))
    return f"{popularity[:few].sum() / popularity.sum():.0%} of the events"


def _moved(early: np.ndarray, late: np.ndarray, top: int) -> float:
    if not len(late) or top < FEWEST_TOP:
        return 0.0
    tops = []
    for items in (early, late):
        counts = np.bincount(items)
        order = np.argsort(-counts, kind="stable")[:top]
        tops.append(set(order[counts[order] > 0].tolist()))
    return len(tops[1] - tops[0]) / len(tops[1])


def _over_time(times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The events in equal stretches: weeks, or fewer and longer ones."""
    span = int(times.max() - times.min()) + 1
    count = int(np.clip(span // (7 * 86_400), 12, WEEKS))
    ends = np.linspace(times.min(), times.max() + 1, count + 1)
    return ends[:-1], np.histogram(times, ends)[0]
