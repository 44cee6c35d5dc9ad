"""The tasks that the book's tables share: a data set, cut for the n-th time."""

from functools import cache
from typing import NamedTuple

import numpy as np

from seqviz.data import (
    Catalog,
    ClickSplit,
    Dataset,
    Interactions,
    Split,
    known_before,
    load_movietweetings,
    load_online_retail,
    load_shop,
    sampled_clicks,
    shown_clicks,
    split_by_user,
    split_clicks,
    split_next_session_by_time,
    split_session_rest,
)
from seqviz.data.session_examples import item_attributes
from seqviz.data.splits import clock_cuts

WINDOW = 28 * 86_400  # seconds


class Task(NamedTuple):
    """What models learn from and are judged on.

    Attributes:
        catalog: the items.
        interactions: all events, of which a baseline may see what lies before a
            prediction.
        split: the examples.
    """

    catalog: Catalog
    interactions: Interactions
    split: Split


class SessionTask(NamedTuple):
    """A ``Task`` whose examples know sessions and the past by attribute.

    Attributes:
        catalog: the items.
        interactions: all events.
        split: ``SessionExamples``.
        attributes: int64 ``[N + 1, F]``.
    """

    catalog: Catalog
    interactions: Interactions
    split: Split
    attributes: np.ndarray


class ClickTask(NamedTuple):
    """What click models learn from and are judged on.

    Attributes:
        catalog: the items.
        interactions: all events, of which a baseline may see what lies before a row.
        split: the rows.
    """

    catalog: Catalog
    interactions: Interactions
    split: ClickSplit


@cache
def shop_world(number: int) -> Task:
    """Return another shop with other people: clicks, test users never seen before.

    A seventh of the rest validates; a fifth of the users are the test.
    """
    shop = load_shop(seed=number)
    clicks = shop.interactions.of_kind("click")
    split = split_by_user(clicks, (0.7, 0.1, 0.2), seed=number)
    return Task(shop.catalog, clicks, split)


@cache
def retail_cut(number: int) -> Task:
    """Return Online Retail as it stood ``number`` four-week windows before its end.

    The next invoice of each customer in a window of four weeks is the truth; the four
    weeks before that window validate; all that is learned lies before both, and so does
    the count that decides which items are frequent enough (5 events).
    """
    return _cut(load_online_retail(min_user_events=1, min_item_events=1), number)


@cache
def movie_cut(number: int) -> Task:
    """Return MovieTweetings as it stood ``number`` four-week windows before its end.

    Of every second user. Cut as ``retail_cut`` is: the truth is what a user rates on
    her next day in a window of four weeks.
    """
    movies = load_movietweetings(min_user_events=1, min_item_events=1)
    half = movies._replace(interactions=_every_second_user(movies.interactions))
    return _cut(half, number)


def _cut(dataset: Dataset, number: int) -> Task:
    known, moments = _known(dataset, number)
    split = split_next_session_by_time(known.interactions, *moments)
    return Task(known.catalog, known.interactions, split)


def _known(dataset: Dataset, number: int) -> tuple[Dataset, tuple[int, int, int]]:
    """Of what is known at a cut; when validation and test begin, and when they end."""
    end = int(dataset.interactions.table["time"].max()) + 1 - number * WINDOW
    first, second = end - 2 * WINDOW, end - WINDOW
    known, _ = known_before(dataset, first)
    return known, (first, second, end)


def _every_second_user(interactions: Interactions) -> Interactions:
    table = interactions.table
    table = table[table["user"] % 2 == 0]
    return Interactions(table.assign(user=table["user"] // 2), interactions.num_items)


@cache
def shop_sessions(number: int, shown: float = 0.25) -> SessionTask:
    """Return another shop with other people, cut by one clock: the rest of a session.

    ``shown`` is the share of a held-out session that is read; of 1 all but its last
    click, which is the truth.

    The first three fifths of the clicks train, a fifth validates, a fifth is the test.
    The past reaches back four weeks: in this shop a week before a session is mostly
    empty. At most three rows of a session are learned.
    """
    shop = load_shop(seed=number)
    clicks = shop.interactions.of_kind("click")
    cuts = clock_cuts(clicks.table["time"].to_numpy(), (0.6, 0.2, 0.2))
    attributes = item_attributes(shop.catalog)
    split = split_session_rest(
        clicks, attributes, *cuts, shown=shown, per_session=3, long_days=28
    )
    return SessionTask(shop.catalog, clicks, split, attributes)


@cache
def retail_invoices(number: int) -> SessionTask:
    """Return Online Retail's invoices as sessions, at the moments of ``retail_cut``.

    The past is all that she bought before, and one row of an invoice is learned; the
    price bands come from what was paid before validation begins.
    """
    retail = load_online_retail(min_user_events=1, min_item_events=1)
    known, moments = _known(retail, number)
    table = known.interactions.table
    paid = table[table["time"] < moments[0]].groupby("item")["unit_price"].median()
    catalog = Catalog(known.catalog.table.assign(price=paid))
    attributes = item_attributes(catalog, ("category", "price"))
    split = split_session_rest(
        known.interactions,
        attributes,
        *moments,
        per_session=1,
        long_days=None,
    )
    return SessionTask(catalog, known.interactions, split, attributes)


@cache
def shown_world(number: int) -> ClickTask:
    """Return what another shop showed to other people, cut by one clock."""
    shop = load_shop(seed=number)
    rows = split_clicks(shown_clicks(shop.interactions))
    return ClickTask(shop.catalog, shop.interactions.of_kind("click"), rows)


@cache
def shown_sessions(number: int) -> ClickTask:
    """Return ``shown_world`` with the sessions of each history; half of it trains.

    Every second shown item trains: one of the two that a click brings. A gap of 30
    minutes parts two sessions.
    """
    shop = load_shop(seed=number)
    rows = shown_clicks(shop.interactions, session_gap=1800)
    train, validation, test = split_clicks(rows)
    half = train.select(slice(None, None, 2))
    split = ClickSplit(half, validation, test)
    return ClickTask(shop.catalog, shop.interactions.of_kind("click"), split)


@cache
def movie_rows(number: int, by_popularity: bool, days: int | None = None) -> ClickTask:
    """Return MovieTweetings' ratings as clicks, each beside a movie drawn for it.

    Of every second user, as it stood ``number`` tenths of the ratings before its end.
    One clock cuts what was there 8:1:1, and a movie is known by five ratings before
    the first cut. ``by_popularity`` and ``days`` are those of ``sampled_clicks``.
    """
    movies = load_movietweetings(min_user_events=1, min_item_events=1)
    half = _every_second_user(movies.interactions)
    there = half.table["time"].rank(method="max", pct=True) <= 1 - number / 10
    seen = Interactions(half.table[there], half.num_items)
    moments = clock_cuts(seen.table["time"].to_numpy(), (0.8, 0.1, 0.1))
    known, _ = known_before(movies._replace(interactions=seen), moments[0])
    events = known.interactions
    rows = sampled_clicks(events, by_popularity=by_popularity, days=days, seed=number)
    return ClickTask(known.catalog, events, split_clicks(rows, moments=moments))
