"""The one call: a log in, a data set and a report out."""

from __future__ import annotations

import math
import re
import tempfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from numbers import Real
from pathlib import Path

import duckdb
import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from seqviz.arguments import (
    LATEST,
    require_choice,
    require_number,
    require_texts,
    require_whole,
)
from seqviz.data.download import DataCorrupted
from seqviz.data.logs.cleaning import Cleaning, clean, count
from seqviz.data.logs.events import (
    as_text,
    chosen,
    fetched,
    numbers,
    of_kinds,
    readable,
)
from seqviz.data.logs.layouts import NO_LAYOUT, ItemFile, Layout, recognized
from seqviz.data.logs.report import Report
from seqviz.data.logs.roles import ROLES, Column, find_roles, listing, plain_name
from seqviz.data.logs.shape import Shape
from seqviz.data.logs.sources import (
    ROW,
    Engine,
    Source,
    engine,
    open_source,
    reading_error,
    stored,
)
from seqviz.data.logs.times import ISO, UNITS, TimesUnclear, microseconds
from seqviz.data.logs.titles import TEXTS, catalog, is_utf8
from seqviz.data.sessions import split_sessions
from seqviz.data.tables import Dataset, Interactions

#: What columns are called that tell a click from what was only shown.
LABELS = ("click", "clicked", "isclick", "clk", "label")
Moment = float | str | date


def read_log(
    source: object,
    *,
    user: Column | None = None,
    item: Column | None = None,
    time: Column | None = None,
    kind: Column | None = None,
    session: Column | None = None,
    title: Column | None = None,
    category: Column | None = None,
    items: object | None = None,
    layout: str | None = None,
    name: str | None = None,
    separator: str | None = None,
    quote: str | None = None,
    header: bool | None = None,
    encoding: str = "utf-8",
    missing: Sequence[str] = ("",),
    time_unit: str | None = None,
    time_format: str | None = None,
    broken: str = "error",
    kinds: Sequence[str] | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    duplicates: str = "keep",
    max_user_events: int | None = None,
    repeats: str = "keep",
    min_user_events: int = 1,
    min_item_events: int = 1,
    gap: int | None = None,
    longest: int = 50,
    aloud: bool = True,
) -> tuple[Dataset, Report]:
    """Reads a log of anyone's: who did something to what, and when.

    What the file is, is read off its first lines: a published layout that is recognized
    (``seqviz.data.logs.layouts``), else columns by their usual names. What was decided
    is said aloud, and what could be meant in two ways is an error that says which
    argument to give.

    Kept: every event with a user, an item and a time that can be read. An event without
    one of the three is left out and counted. An event whose time cannot be read is an
    error, see ``broken``. Equal events, users with one event and items that ``items``
    does not know are kept and noted, and an event without a session, which goes with
    its user's event before. Everything else is left out only when asked for.

    Times: numbers in the unit in which all of them lie in the years 1990 to 2099, ISO
    8601, or ``time_format``; the rule in full stands in ``seqviz.data.logs.times``.
    Events of one user are ordered to the microsecond, then as in the source (in a table
    of an engine, which has no order: by item, kind and session).

    Args:
        source: a path (CSV, TSV, fields between ``::``, JSON lines, Parquet; packed or
            not as gz, bz2, xz, or a zip of one file), a pattern such as
            ``"day-*.csv"``, a list of paths, a frame (pandas, Polars, Arrow), or a
            table of Ibis, whose engine then does the preparation.
        user, item, time, kind, session, title, category: columns, by name, or by number
            from 0. Several columns, in a list, make one id together. Without a kind
            every event is of one kind; without a session a user has one.
        items: where titles and categories stand, in any of the forms of ``source``, the
            column of its items being ``item``'s or a usual name. Left out, the layout's
            own file if it lies beside the log.
        layout: the name of a known layout, or "none" not to look for one.
        name: of the data set; left out, that of the file.
        separator, quote, header: of text files, where their first lines mislead.
        encoding: of text files, such as "latin-1".
        missing: the words that stand for no value.
        time_unit: of numbers: s, ms, us, ns, m, h, D.
        time_format: of text, as for ``datetime.strptime``, such as "%m/%d/%Y %H:%M".
        broken: "error", or "drop" to leave out and count up to 5 in 100 events whose
            time cannot be read or does not lie in the years 1990 to 2099.
        kinds: those that are kept; left out, all (of MIND and Open Bandit the clicks).
        since, until: the window of time; unix seconds, a date, or ISO text.
        duplicates: "keep", or "drop" for one of several equal events.
        max_user_events: users with more are left out (bots).
        repeats: "keep", "adjacent" (an item right after itself is left out) or "all"
            (only a user's first event of an item stays).
        min_user_events, min_item_events: fewest, until both hold ("k-core").
        gap: seconds that end a session, and
        longest: most events of one, both as in ``split_sessions``. Left out, sessions
            are the log's.
        aloud: whether the report is printed.

    Returns:
        The data set, its users and items numbered in the order of their ids (short ones
        first, so that numbers stand in their order), and the report, which has those
        ids, how the log was understood, and each cause with its count.

    Raises:
        DataNotFound: there is no such file.
        DataCorrupted: a file is damaged, cut short, or wrong in a line that is named.
        TypeError, ValueError: an argument does not fit, or must be given.

    Example:
        >>> import pandas as pd
        >>> days = ["2026-01-01", "2026-01-02", "2026-01-03"]
        >>> log = pd.DataFrame({"user": [*"aab"], "item": [*"xyx"], "time": days})
        >>> dataset, report = read_log(log, aloud=False)
        >>> dataset.interactions.num_users, report.item_ids.tolist()
        (2, ['', 'x', 'y'])
    """
    require_choice(("error", "drop"), broken=broken)
    if time_unit is not None:
        require_choice(tuple(UNITS), time_unit=time_unit)
    require_texts(missing=missing, kinds=kinds)
    if gap is not None:
        require_whole(gap=gap, longest=longest)
    asked = Cleaning(
        _micros("since", since),
        _micros("until", until),
        duplicates,
        max_user_events,
        repeats,
        min_user_events,
        min_item_events,
    )
    said = dict(
        zip(ROLES, (user, item, time, kind, session, title, category), strict=True)
    )
    text = {
        "encoding": encoding,
        "separator": separator,
        "quote": quote,
        "header": header,
    }
    with tempfile.TemporaryDirectory(prefix="seqviz-") as folder:
        place = Path(folder)
        con = engine(place)
        opened = open_source(
            source, con, place, names=lambda s: _names(s, layout), **text
        )
        known = _layout(opened, layout)
        report = Report(opened.name, known.name)
        if known.remark:
            report.say(known.remark)
        raw = _raw(opened, known, said, items, missing, report)
        events = _timed(opened, raw, known, time_unit, time_format, broken, report)
        texts, where = _texts(opened, raw, known, items, said, con, place, text, report)
        events = readable(events, report)
        events = of_kinds(events, kinds or known.kinds, report)
        events = clean(events.drop(*_named(report)), asked, report)
        placed = ROW in opened.table.columns
        dataset = _dataset(events, texts, where, gap, longest, placed, report)
    called = name or (opened.files[0][0].stem if opened.files else "log")
    if aloud:
        print(report)
    return dataset._replace(name=called), report


def _micros(name: str, moment: Moment | None) -> int | None:
    if moment is None:
        return None
    if isinstance(moment, Real) and not isinstance(moment, bool):
        require_number(low=-LATEST, high=LATEST, **{name: moment})
        return math.floor(float(moment) * 10**6)
    fits = isinstance(moment, str) and re.match(ISO, moment)
    read = pd.NaT
    if fits or isinstance(moment, date | np.datetime64):
        read = pd.to_datetime(moment, utc=True, errors="coerce")
    if read is pd.NaT:
        raise ValueError(
            f"{name} must be unix seconds, a date or ISO text, got {moment!r}"
        )
    return (read - pd.Timestamp(0, tz="UTC")) // pd.Timedelta(1, "us")


def _names(shape: Shape, layout: str | None) -> tuple[str, ...]:
    known = recognized(shape, layout)
    return known.columns if known is not None and not shape.header else ()


def _layout(opened: Source, layout: str | None) -> Layout:
    known = recognized(opened.shape, layout) if opened.shape else None
    return known or NO_LAYOUT


def _raw(
    opened: Source,
    known: Layout,
    said: dict[str, Column | None],
    items: object | None,
    missing: Sequence[str],
    report: Report,
) -> ir.Table:
    """The columns that are read, as the source has them, held by the engine."""
    if items is not None:  # there a title and a category stand, not here
        said = {role: said[role] for role in ROLES if role not in TEXTS}
    roles = find_roles(opened.columns, said, known, opened.name)
    table = opened.table
    if known.reshape is not None:
        table = known.reshape(table)
    report.columns = {
        role: column if isinstance(column, str) else "+".join(column)
        for role, column in roles.items()
    }
    unread = [c for c in opened.columns if c not in _taken(roles)]
    if unread:
        report.say(f"not read: {listing(unread)}")
    labels = [c for c in unread if plain_name(c) in LABELS]
    if labels and "kind" not in roles:
        report.say(
            f"EVERY ROW COUNTS AS AN EVENT, whatever its {labels[0]} says: "
            f"kind={labels[0]!r} with kinds=['1'] keeps those that have it"
        )
    if "session" not in roles:
        report.say("the log names no sessions: a user's events are one, unless by gap")
    raw = chosen(table, roles, missing)
    if "kind" in roles:
        raw = raw.mutate(kind=raw.kind.fill_null("unknown"))
    if "session" in roles:
        raw = raw.mutate(session=raw.session.fill_null(""))
    try:
        raw = stored(raw, in_order=ROW in opened.table.columns)
    except duckdb.Error as error:
        raise reading_error(error, opened) from error
    if "kind" not in roles:  # not held: it says the same of every event
        raw = raw.mutate(kind=ibis.literal(known.kind_name))
    return raw


def _taken(roles: dict[str, str | list[str]]) -> set[str]:
    return {
        name
        for column in roles.values()
        for name in ([column] if isinstance(column, str) else column)
    }


def _timed(
    opened: Source,
    raw: ir.Table,
    known: Layout,
    unit: str | None,
    form: str | None,
    broken: str,
    report: Report,
) -> ir.Table:
    """The events with their microseconds; a row that is wrong is named by its place."""
    if unit is None and form is None:
        form = known.time_format
    try:
        return microseconds(raw, raw.stamp, report, unit, form, broken)
    except TimesUnclear as error:
        where = opened.name
        if error.bad is not None:
            bad = error.bad.filter(error.bad.stamp.notnull())
            first = bad.order_by("tie").limit(1).execute()
            if len(first):
                row = first.iloc[0]
                where = (
                    f"{opened.place(int(row['tie']))}, column "
                    f"{report.columns['time']} ({str(row['stamp'])!r})"
                )
        raise DataCorrupted(f"{where}: {error}") from error


def _texts(
    opened: Source,
    raw: ir.Table,
    known: Layout,
    items: object | None,
    said: dict[str, Column | None],
    con: ibis.BaseBackend,
    place: Path,
    text: dict[str, object],
    report: Report,
) -> tuple[ir.Table | None, str]:
    """Items, their titles and categories, and where these come from."""
    file = known.items or ItemFile("")
    if items is None and file.name and opened.files:
        path = opened.files[0][0]
        beside = path.parent / file.name.format(stem=path.stem)
        if beside.is_file():
            items = beside
            encoding = "utf-8" if is_utf8(beside) else "latin-1"
            text = {"encoding": encoding, "separator": file.separator, "header": None}
            text |= {"quote": "" if file.separator else None}
            report.say(
                f"titles are those of {beside.name} beside it, read as {encoding}"
            )
    elif items is not None:
        file = ItemFile("")
        text = {**text, "separator": None, "quote": None, "header": None}
    if items is None:
        named = _named(report)
        return (raw.select("item", *named) if named else None), opened.name
    listed = open_source(items, con, place, names=lambda s: file.columns, **text)
    wanted = {"item": file.item, "title": file.title, "category": file.category}
    chosen_by = {**dict.fromkeys(wanted), "item": file.item}
    if not file.columns:
        chosen_by |= {"title": file.title or _of(said["title"], listed)}
        chosen_by |= {"category": _of(said["category"], listed)}
        chosen_by["item"] = file.item or _of(said["item"], listed)
        found = find_roles(listed.columns, chosen_by, None, listed.name, ("item",))
    else:
        found = {role: column for role, column in wanted.items() if column}
    table = listed.table
    columns = {role: as_text(table, column, ("",)) for role, column in found.items()}
    if file.category_of is not None:
        columns["category"] = file.category_of(table)
    elif str(found.get("category", "")).endswith(":token_seq"):
        columns["category"] = columns["category"].split(" ")[0]
        report.say("an item's category is the first word of its list")
    if len(columns) < 2:
        raise ValueError(
            f"title or category must be given for {listed.name}, got the columns "
            f"{listing(listed.columns)}"
        )
    try:
        return stored(table.select(**columns)), listed.name
    except duckdb.Error as error:
        raise reading_error(error, listed) from error


def _named(report: Report) -> list[str]:
    """Of title and category those that the log itself has."""
    return [column for column in TEXTS if column in report.columns]


def _of(column: Column | None, listed: Source) -> Column | None:
    return column if isinstance(column, str) and column in listed.columns else None


def _dataset(
    events: ir.Table,
    texts: ir.Table | None,
    where: str,
    gap: int | None,
    longest: int,
    placed: bool,
    report: Report,
) -> Dataset:
    report.kept = count(events)
    if not report.kept:
        if not report.read:
            raise ValueError(
                f"the log must have an event, got none: {report.source} names its "
                f"columns ({', '.join(report.columns.values())} among them) and holds "
                "no row below them"
            )
        raise ValueError(
            f"the log must have an event to keep, got none of {report.read:,}: "
            + ", ".join(f"{n:,} {why}" for why, n in report.dropped.items())
        )
    columns = ["user", "item", "kind"] + ["session"] * ("session" in events.columns)
    tables = {column: stored(numbers(events, column)) for column in columns}
    words = {
        column: tables[column].order_by("n_").execute()[column].to_numpy(object)
        for column in ("user", "item", "kind")
    }
    report.user_ids, item_ids = words["user"], words["item"]
    report.item_ids = np.append(np.array([""], object), item_ids)
    if len(words["kind"]) == 1:  # nothing to look up
        del tables["kind"]
    arrays = fetched(events, tables, placed, report.kept)
    arrays.setdefault("kind", np.zeros(report.kept, np.int8))
    users = arrays["user"]
    if "session" in arrays and _has_blank(tables["session"]):
        arrays["session"] = _filled(users, arrays["session"], report)
    held_by = events.get_backend()
    if texts is None and isinstance(held_by, Engine):
        held_by.forget()
    _note(arrays, item_ids, report)
    times = np.floor_divide(arrays["micros"], 10**6, out=arrays["micros"])
    ids = arrays.pop("session", None)
    users = arrays["user"] = users.astype(np.int64)
    sessions = users
    if gap is not None:
        sessions = split_sessions(users, times, ids, gap=gap, longest=longest)
    elif ids is not None:
        sessions = _in_order(users, ids, report)
    table = pd.DataFrame(
        {
            "user": users,
            "item": arrays["item"].astype(np.int64) + 1,
            "time": times,
            "session": sessions,
            "kind": pd.Categorical.from_codes(arrays["kind"], words["kind"]),
        },
        copy=False,
    )
    first, last = (
        datetime.fromtimestamp(int(end), UTC).isoformat(" ")[:19]
        for end in (times.min(), times.max())
    )
    report.say(f"from {first} to {last} UTC")
    counts = np.bincount(arrays["item"], minlength=len(item_ids))
    made = catalog(item_ids, counts, texts, where, report)
    interactions = Interactions(table, len(item_ids), len(report.user_ids))
    return Dataset("log", interactions, made)


def _note(arrays: dict[str, np.ndarray], item_ids: np.ndarray, report: Report) -> None:
    """Count what is kept and may surprise."""
    users, micros = arrays["user"], arrays["micros"]
    same = (users[1:] == users[:-1]) & (micros[1:] == micros[:-1])
    report.note("events at one moment with the one before of their user", same.sum())
    # equal events are among those at one moment, which lie together
    tied = np.flatnonzero(np.append(False, same) | np.append(same, False))
    columns = ("user", "micros", "item", "kind", *({"session"} & set(arrays)))
    some = [arrays[column][tied] for column in columns]
    order = np.lexsort(some[::-1])
    equal = np.ones(max(len(tied) - 1, 0), bool)
    for column in some:
        sorted_ = column[order]
        equal &= sorted_[1:] == sorted_[:-1]
    report.note("duplicates, kept (duplicates='drop' leaves them out)", equal.sum())
    report.note("users with one event", (np.bincount(users) == 1).sum())
    report.note("items with one event", (np.bincount(arrays["item"]) == 1).sum())
    blank = sum(
        text != text.strip() for ids in (report.user_ids, item_ids) for text in ids
    )
    report.note("ids with a blank at an end, kept as they are", blank)


def _has_blank(sessions: ir.Table) -> bool:
    """Whether an event has no session; its number is then 0, as the shortest."""
    return count(sessions.filter(sessions.session == "")) > 0


def _filled(users: np.ndarray, ids: np.ndarray, report: Report) -> np.ndarray:
    """Sessions ``[V]``: an event without one (0) goes with its user's event before."""
    bare = ids == 0
    report.note("events without a session, put to the event before", bare.sum())
    first = np.append(True, users[1:] != users[:-1])
    place = np.where(bare & ~first, 0, np.arange(len(ids)))
    return ids[np.maximum.accumulate(place)]


def _in_order(users: np.ndarray, ids: np.ndarray, report: Report) -> np.ndarray:
    """The log's sessions, numbered by user and time: int64 ``[V]``."""
    begins = np.append(True, (users[1:] != users[:-1]) | (ids[1:] != ids[:-1]))
    pairs = np.stack([users[begins], ids[begins]])
    whole = np.unique(pairs, axis=1, return_index=True)[1]
    if len(whole) < pairs.shape[1]:
        again = np.setdiff1d(np.arange(pairs.shape[1]), whole)[0]
        raise ValueError(
            f"session must end before the next of its user begins, got one of user "
            f"{report.user_ids[pairs[0, again]]!r} that goes on after another; give "
            "gap, which merges what overlaps (see split_sessions)"
        )
    return np.cumsum(begins) - 1
