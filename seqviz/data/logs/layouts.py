"""The layouts that are known: how each is recognized, and what its columns mean.

To add one, add a ``Layout`` to ``LAYOUTS``. Recognition asks for everything that tells
a layout apart, so that a file of another kind is not taken for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import ibis
import ibis.expr.types as ir

from seqviz.data.logs.shape import Shape

RECBOLE_TYPES = (":token", ":token_seq", ":float", ":float_seq")
GENRES = (
    *("unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime"),
    *("Documentary", "Drama", "Fantasy", "Film-Noir", "Horror", "Musical", "Mystery"),
    *("Romance", "Sci-Fi", "Thriller", "War", "Western"),
)


@dataclass(frozen=True)
class ItemFile:
    """Where a layout keeps its titles: a file beside the log.

    Attributes:
        name: its name; ``{stem}`` stands for that of the log.
        columns: the names of its columns, where it has no header.
        item, title, category: columns; None where they go by their usual names.
        category_of: the category from that column, where it holds a list.
        separator: between its fields.
    """

    name: str
    columns: tuple[str, ...] = ()
    item: str | None = None
    title: str | None = None
    category: str | None = None
    category_of: Callable[[ir.Table], ir.StringColumn] | None = None
    separator: str | None = None


@dataclass(frozen=True)
class Layout:
    """A published form of a log.

    Attributes:
        name: as its makers call it.
        matches: whether a file has it.
        roles: user, item, time, kind, session, title, category -> column.
        columns: the names of the columns, where the file has no header.
        kind_name: the kind of every event, where no column says it.
        kinds: the kinds that are kept unless others are asked for; () for all.
        time_format: as for ``read_log``.
        reshape: what is done to the table first.
        items: the file of its titles.
        remark: what a reader should know about it.
    """

    name: str
    matches: Callable[[Shape], bool]
    roles: dict[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    kind_name: str = "event"
    kinds: tuple[str, ...] = ()
    time_format: str | None = None
    reshape: Callable[[ir.Table], ir.Table] | None = None
    items: ItemFile | None = None
    remark: str = ""


def recognized(shape: Shape, name: str | None = None) -> Layout | None:
    """The layout of a file, None where none fits; ValueError where several do.

    Args:
        shape: what the file looks like.
        name: that of a layout to take whatever the file looks like; "none" for none.
    """
    if name is not None:
        named = {layout.name: layout for layout in LAYOUTS} | {"none": None}
        if name not in named:
            raise ValueError(f"layout must be one of {', '.join(named)}, got {name!r}")
        return named[name]
    fitting = [layout for layout in LAYOUTS if layout.matches(shape)]
    if len(fitting) > 1:
        names = " and ".join(layout.name for layout in fitting)
        raise ValueError(f"layout must be given for {shape.path}, got {names} alike")
    return fitting[0] if fitting else None


def header_is(*names: str) -> Callable[[Shape], bool]:
    """Whether the header is exactly these names, in any order."""
    return lambda shape: shape.header and set(shape.columns) == set(names)


def names_include(*names: str) -> Callable[[Shape], bool]:
    """Whether the header or the JSON keys include all of these."""

    def matches(shape: Shape) -> bool:
        named = shape.header or shape.is_json
        return named and set(names) <= set(shape.columns)

    return matches


def bare(
    separator: str, *patterns: str, name: str | None = None
) -> Callable[[Shape], bool]:
    """Whether there is no header, and each column's first values fit its pattern."""

    def matches(shape: Shape) -> bool:
        fits = (
            not shape.header
            and shape.separator == separator
            and len(shape.columns) == len(patterns)
            and bool(shape.rows)
        )
        named = name is None or shape.path.name.startswith(name)
        return (
            fits
            and named
            and all(
                re.fullmatch(pattern, value)
                for column, pattern in enumerate(patterns)
                for value in shape.values(column)
            )
        )

    return matches


def _recbole(shape: Shape) -> bool:
    return shape.header and all(c.endswith(RECBOLE_TYPES) for c in shape.columns)


def _first_genre(table: ir.Table) -> ir.StringColumn:
    return table.genres.split("|")[0]


def _first_flag(table: ir.Table) -> ir.StringColumn:
    return ibis.cases(
        *((table[genre] == "1", genre) for genre in GENRES), else_="unknown"
    )


def _diginetica(table: ir.Table) -> ir.Table:
    """Its time is a day, and the milliseconds since the session began."""
    day = table.eventdate.try_cast("date")
    since = ibis.date(1970, 1, 1)
    begin = day.delta(since, unit="day") * 86_400_000
    moment = begin + table.timeframe.try_cast("int64")
    said = table.eventdate + " and " + table.timeframe  # to be named where it is broken
    return table.mutate(time=ibis.coalesce(moment.cast("string"), said))


def _mind(table: ir.Table) -> ir.Table:
    """One row for each news item shown, ``N55689-1`` where it was clicked."""
    shown = table.mutate(shown=table.impressions.split(" ").unnest())
    return shown.mutate(
        item=shown.shown.re_extract(r"^(.+)-[01]$", 1).nullif(""),
        kind=ibis.cases(
            (shown.shown.endswith("-1"), "click"),
            (shown.shown.endswith("-0"), "shown"),
        ),
    )


def _open_bandit(table: ir.Table) -> ir.Table:
    clicked = table.click.cast("string")
    return table.mutate(
        kind=ibis.cases((clicked == "1", "click"), (clicked == "0", "shown"))
    )


NO_LAYOUT = Layout("columns by name", lambda shape: False)
RATING = {"user": "user", "item": "item", "time": "time"}
RATING_COLUMNS = ("user", "item", "rating", "time")
ID, STARS, UNIX = r"\d+", r"\d+(\.\d+)?", r"\d{9,10}"
STAMP = r"\d{4}-\d\d-\d\dT.*Z"
AS_FOLLOWS = "the rating itself is not read"

LAYOUTS = (
    Layout(
        "RecBole atomic file",
        _recbole,
        # the columns of an atomic file are found by their names, without the types
        kind_name="interaction",
        items=ItemFile("{stem}.item"),
    ),
    Layout(
        "MovieLens 100K (u.data)",
        bare("\t", ID, ID, STARS, UNIX, name="u"),
        RATING,
        RATING_COLUMNS,
        kind_name="rating",
        items=ItemFile(
            "u.item",
            ("item", "title", "date", "video", "url", *GENRES),
            "item",
            "title",
            category_of=_first_flag,
            separator="|",
        ),
        remark=AS_FOLLOWS,
    ),
    Layout(
        "MovieLens 1M (ratings.dat)",
        bare("::", ID, ID, STARS, UNIX, name="ratings"),
        RATING,
        RATING_COLUMNS,
        kind_name="rating",
        items=ItemFile(
            "movies.dat",
            ("item", "title", "genres"),
            "item",
            "title",
            category_of=_first_genre,
            separator="::",
        ),
        remark=AS_FOLLOWS,
    ),
    Layout(
        "MovieLens 25M (ratings.csv)",
        header_is("userId", "movieId", "rating", "timestamp"),
        {"user": "userId", "item": "movieId", "time": "timestamp"},
        kind_name="rating",
        items=ItemFile("movies.csv", (), "movieId", "title", category_of=_first_genre),
        remark=AS_FOLLOWS,
    ),
    Layout(
        "Taobao UserBehavior",
        bare(",", ID, ID, ID, "pv|buy|cart|fav", r"-?\d+"),
        {**RATING, "kind": "kind", "category": "category"},
        ("user", "item", "category", "kind", "time"),
        remark="some times of the published file lie in other years: broken='drop'",
    ),
    Layout(
        "Amazon reviews 2018",
        names_include("reviewerID", "asin", "unixReviewTime"),
        {"user": "reviewerID", "item": "asin", "time": "unixReviewTime"},
        kind_name="review",
        remark="its times are days",
    ),
    Layout(
        "Amazon reviews 2023",
        names_include("user_id", "parent_asin", "timestamp"),
        {"user": "user_id", "item": "parent_asin", "time": "timestamp"},
        kind_name="review",
        remark="the column title, if any, is the review's and not read",
    ),
    Layout(
        "Yoochoose clicks",
        bare(",", ID, STAMP, ID, r"\w+"),
        {"user": "session", "item": "item", "time": "time", "category": "category"},
        ("session", "time", "item", "category"),
        kind_name="click",
        remark="a session stands for a user",
    ),
    Layout(
        "Yoochoose buys",
        bare(",", ID, STAMP, ID, ID, ID),
        {"user": "session", "item": "item", "time": "time"},
        ("session", "time", "item", "price", "quantity"),
        kind_name="buy",
        remark="a session stands for a user",
    ),
    Layout(
        "Diginetica views",
        names_include("sessionId", "itemId", "timeframe", "eventdate"),
        {"user": "sessionId", "item": "itemId", "time": "time"},
        kind_name="view",
        reshape=_diginetica,
        remark="a session stands for a user (userId is mostly missing); the time is "
        "eventdate and then timeframe in milliseconds",
    ),
    Layout(
        "Retailrocket events",
        header_is("timestamp", "visitorid", "event", "itemid", "transactionid"),
        {"user": "visitorid", "item": "itemid", "time": "timestamp", "kind": "event"},
    ),
    Layout(
        "Steam reviews",
        names_include("username", "product_id", "date"),
        {"user": "username", "item": "product_id", "time": "date"},
        kind_name="review",
        remark="its times are days",
    ),
    Layout(
        "MIND behaviors",
        bare(
            "\t",
            ID,
            r"U\d+",
            r"\d+/\d+/\d{4} .* [AP]M",
            r"(N\d+ ?)*",
            r"(N\d+-[01] ?)+",
        ),
        {**RATING, "kind": "kind"},
        ("impression", "user", "time", "history", "impressions"),
        kinds=("click",),
        time_format="%m/%d/%Y %I:%M:%S %p",
        reshape=_mind,
        items=ItemFile(
            "news.tsv",
            (
                *("item", "category", "subcategory", "title", "abstract", "url"),
                *("title_entities", "abstract_entities"),
            ),
            "item",
            "title",
            "category",
            separator="\t",
        ),
        remark="the clicks in the column history have no time and are not read",
    ),
    Layout(
        "Open Bandit",
        names_include("timestamp", "item_id", "position", "click", "propensity_score"),
        {"item": "item_id", "time": "timestamp", "kind": "kind"},
        kinds=("click",),
        reshape=_open_bandit,
        remark="it names no user: a list of columns for user, such as user_feature_0, "
        "user_feature_1, user_feature_2, user_feature_3, makes one of those who share "
        "them",
    ),
    Layout(
        "torch-rechub MovieLens",
        names_include("user_id", "movie_id", "rating", "timestamp", "title", "genres"),
        {
            **{"user": "user_id", "item": "movie_id", "time": "timestamp"},
            **{"title": "title", "category": "category"},
        },
        kind_name="rating",
        reshape=lambda table: table.mutate(category=_first_genre(table)),
        remark=AS_FOLLOWS,
    ),
    Layout(
        "torch-rechub Amazon",
        header_is("user_id", "item_id", "cate_id", "time"),
        {"user": "user_id", "item": "item_id", "time": "time", "category": "cate_id"},
        kind_name="review",
    ),
)
