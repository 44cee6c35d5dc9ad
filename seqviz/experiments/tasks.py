"""The tasks that the book's tables share: a data set, cut for the n-th time."""

from functools import cache
from typing import NamedTuple

from seqviz.data import (
    Catalog,
    ClickSplit,
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
)

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
    retail = load_online_retail(min_user_events=1, min_item_events=1)
    end = int(retail.interactions.table["time"].max()) + 1 - number * WINDOW
    first, second = end - 2 * WINDOW, end - WINDOW
    known, _ = known_before(retail, first)
    split = split_next_session_by_time(known.interactions, first, second, end)
    return Task(known.catalog, known.interactions, split)


@cache
def shown_world(number: int) -> ClickTask:
    """Return what another shop showed to other people, cut by one clock."""
    shop = load_shop(seed=number)
    rows = split_clicks(shown_clicks(shop.interactions))
    return ClickTask(shop.catalog, shop.interactions.of_kind("click"), rows)


@cache
def movie_rows(number: int, by_popularity: bool) -> ClickTask:
    """Return MovieTweetings' ratings as clicks, each beside a movie drawn for it.

    The ``number``-th draw, cut by one clock: the last tenth of the time is the test.
    """
    movies = load_movietweetings()
    rows = sampled_clicks(movies.interactions, by_popularity=by_popularity, seed=number)
    return ClickTask(movies.catalog, movies.interactions, split_clicks(rows))
