"""Rows of "she had this history, was shown this item, and clicked it or not"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from seqviz.arguments import (
    require_clicked,
    require_number,
    require_one_length,
    require_seconds,
    require_whole,
    whole_numbers,
)
from seqviz.data.ragged import Ragged
from seqviz.data.sessions import split_sessions
from seqviz.data.splits import clock_cuts
from seqviz.data.tables import Interactions

_DRAWS = 100  # of a negative from a few days, all of whose items she may have met


@dataclass(frozen=True, eq=False)
class ClickRows:
    """B shown items with what came of them.

    Args:
        users: int64 ``[B]``.
        times: int64 ``[B]``, unix seconds at which the item was shown.
        histories: B rows of item ids, oldest first: what she had clicked before.
        items: int64 ``[B]``, the shown item.
        clicked: bool ``[B]``, or 0 and 1.
        click_probability: float ``[B]``, the true one where it is known; None where it
            is not.
        sessions: B rows like ``histories``: the number of the session of each behavior.
            None: nobody asked.

    Raises:
        TypeError, ValueError: a column is not made of what is said above, the columns
            differ in length, or a user or an item is out of range.

    Example:
        >>> rows = shown_clicks(load_shop(num_users=40).interactions)
        >>> rows.select(slice(0, 10))
        ClickRows(10 rows, 0 clicked, 1 users)
    """

    users: np.ndarray
    times: np.ndarray
    histories: Ragged
    items: np.ndarray
    clicked: np.ndarray
    click_probability: np.ndarray | None = None
    sessions: Ragged | None = None

    def __post_init__(self) -> None:
        for name in ("users", "times", "items"):
            array = whole_numbers(name, getattr(self, name))
            object.__setattr__(self, name, array)
        _require_ids("users", self.users, 0)
        _require_ids("items", self.items, 1)
        require_seconds("times", self.times)
        clicked = require_clicked(self.clicked)
        object.__setattr__(self, "clicked", clicked)
        columns = ["users", "times", "histories", "items", "clicked"]
        if self.click_probability is not None:
            columns.append("click_probability")
            chance = np.asarray(self.click_probability, float)
            for value in (chance.min(), chance.max()) if len(chance) else ():
                require_number(low=0, high=1, click_probability=float(value))
            object.__setattr__(self, "click_probability", chance)
        if self.sessions is not None:
            columns.append("sessions")
        require_one_length(**{name: getattr(self, name) for name in columns})
        if self.sessions is not None:
            wrong = self.sessions.lengths != self.histories.lengths
            if wrong.any():
                row = int(wrong.argmax())
                raise ValueError(
                    "sessions must be as long as histories row by row, got "
                    f"{self.sessions.lengths[row]} for {self.histories.lengths[row]} "
                    f"in row {row}"
                )

    def __len__(self) -> int:
        return len(self.users)

    def __repr__(self) -> str:
        return (
            f"ClickRows({len(self)} rows, {int(self.clicked.sum())} clicked, "
            f"{len(np.unique(self.users))} users)"
        )

    def select(self, rows: np.ndarray | slice) -> ClickRows:
        """The chosen rows (indices, a bool mask or a slice)."""
        known = self.click_probability
        return ClickRows(
            self.users[rows],
            self.times[rows],
            self.histories.select(rows),
            self.items[rows],
            self.clicked[rows],
            None if known is None else known[rows],
            None if self.sessions is None else self.sessions.select(rows),
        )


def _require_ids(name: str, ids: np.ndarray, low: int) -> None:
    if len(ids):
        require_whole(low=low, **{name: int(ids.min())})


class ClickSplit(NamedTuple):
    """Rows to learn from, to choose a model by, and to report.

    Example:
        >>> rows = shown_clicks(load_shop(num_users=40).interactions)
        >>> parts = split_clicks(rows)
        >>> bool(parts.train.times.max() <= parts.test.times.min())
        True
    """

    train: ClickRows
    validation: ClickRows
    test: ClickRows


def shown_clicks(
    interactions: Interactions, *, session_gap: int | None = None
) -> ClickRows:
    """The shown items, each with the clicks that its user had made before.

    A row is a shown item; it is clicked if its kind is ``click``. The history holds
    every click from before, own or on a shown item.

    In the shop an event was shown if it has a ``click_probability``; so it is in every
    table with that column. In a log without it every event was shown, such as one of
    the kinds ``impression`` and ``click`` (one row for what was shown and clicked,
    not two): leave other kinds out with :meth:`Interactions.of_kind`.

    Args:
        session_gap: seconds without a click that part two sessions (DSIN: 30 minutes).
            None: the rows know no sessions.

    Raises:
        ValueError: nothing was shown, or none of it clicked, or all.

    Example:
        >>> shown_clicks(load_shop(num_users=40).interactions)
        ClickRows(2196 rows, 284 clicked, 40 users)
    """
    table = interactions.table
    click = (table["kind"] == "click").to_numpy()
    known = "click_probability" in table.columns
    chance = table["click_probability"].to_numpy(float) if known else None
    shown = ~np.isnan(chance) if known else np.ones(len(table), bool)
    rows = np.flatnonzero(shown)
    if not len(rows):
        raise ValueError(
            "click_probability must be a number for what was shown, got NaN in every "
            "row; without the column every event counts as shown"
        )
    if click[rows].all() or not click[rows].any():
        raise ValueError(
            "the kinds of the shown items must be click and another, got only "
            f"{', '.join(table['kind'].iloc[rows].astype(str).unique())}; what was not "
            "clicked can be drawn with sampled_clicks"
        )
    before = np.append(0, np.cumsum(click))  # clicks before each row of the table
    users = table["user"].to_numpy()[rows]
    items = table["item"].to_numpy()
    histories = Ragged(items[click], before[interactions.offsets[users]], before[rows])
    times = table["time"].to_numpy()
    chance = chance[rows] if known else None
    sessions = None
    if session_gap is not None:
        owner = table["user"].to_numpy()[click]
        numbers = split_sessions(
            owner, times[click], gap=session_gap, longest=len(owner) + 1
        )
        sessions = histories.over(numbers)
    return ClickRows(
        users, times[rows], histories, items[rows], click[rows], chance, sessions
    )


def sampled_clicks(
    interactions: Interactions,
    *,
    negatives: int = 1,
    by_popularity: bool = False,
    days: int | None = None,
    min_history: int = 1,
    seed: int = 0,
) -> ClickRows:
    """Every event as a click, and beside each items that its user never met.

    The protocol of DIN's Amazon data: the first k events predict the next one; a
    negative is drawn from all items but those that the user has anywhere in the table,
    uniformly or by how often an item occurs. The positive row comes first, then its
    negatives, with the same history and time. What leaks: "never met" knows the future,
    and so does the draw without ``days``: it takes items that did not exist yet.

    Args:
        negatives: rows drawn for each event.
        by_popularity: whether items are drawn as often as they occur.
        days: count only what occurred in the days before the event; an event for which
            nothing is found there gives no row.
        min_history: fewest events before the one that is predicted.
        seed: of the draws.

    Raises:
        ValueError: an argument is out of range, ``days`` without ``by_popularity``, or
            a user has met every item that can be drawn.

    Example:
        >>> events = load_shop(num_users=40).interactions.of_kind("click")
        >>> float(sampled_clicks(events, negatives=1).clicked.mean())
        0.5
    """
    require_whole(negatives=negatives)
    if days is not None:
        require_whole(days=days)
        if not by_popularity:
            raise ValueError(f"by_popularity must be True for days = {days}, got False")
    require_whole(low=0, min_history=min_history)
    require_whole(low=0, seed=seed)
    table = interactions.table
    users, items = table["user"].to_numpy(), table["item"].to_numpy()
    place = np.arange(len(table))
    begins = interactions.offsets[users]
    rows = np.flatnonzero(place - begins >= min_history)

    owner = np.repeat(rows, negatives)
    wide = interactions.num_items + 1
    met = np.unique(users * wide + items)
    choice = len(np.unique(items)) if by_popularity else interactions.num_items
    full = np.bincount(met // wide)[users[rows]] == choice
    if full.any():
        raise ValueError(
            "interactions must leave every user an item to draw that she has not met, "
            f"got none for user {users[rows][full.argmax()]}"
        )
    times = table["time"].to_numpy()
    pool, low, high = items, np.zeros(len(owner), int), np.full(len(owner), len(items))
    if days is not None:
        order = np.argsort(times, kind="stable")
        pool, clock = items[order], times[order]
        low, high = (
            np.searchsorted(clock, times[owner] - ago) for ago in (days * 86_400, 0)
        )
    elif not by_popularity:
        pool, high = np.arange(1, wide), np.full(len(owner), wide - 1)
    rng = np.random.default_rng(seed)
    drawn = np.zeros(len(owner), np.int64)
    left = np.flatnonzero(low < high)
    draws = 0
    while len(left) and (days is None or draws < _DRAWS):
        drawn[left] = pool[rng.integers(low[left], high[left])]
        again = np.isin(users[owner[left]] * wide + drawn[left], met)
        left, draws = left[again], draws + 1  # again where the user has met the item
    drawn[left] = 0
    found = (drawn.reshape(-1, negatives) > 0).all(1)
    rows, drawn = rows[found], drawn[found.repeat(negatives)]

    every = np.repeat(rows, 1 + negatives)
    clicked = np.tile(np.arange(1 + negatives) == 0, len(rows))
    shown = items[every]
    shown[~clicked] = drawn
    return ClickRows(
        users[every],
        times[every],
        Ragged(items, begins[every], every),
        shown,
        clicked,
    )


def split_clicks(
    rows: ClickRows,
    fractions: Sequence[float] = (0.8, 0.1, 0.1),
    *,
    moments: tuple[int, int] | None = None,
) -> ClickSplit:
    """One clock for everybody: the earliest rows train, the latest test.

    Rows of one second stay together, so a positive keeps its negatives.

    Args:
        fractions: of the rows.
        moments: when validation and test begin, unix seconds; then without
            ``fractions``.

    Raises:
        ValueError: ``fractions`` are not three shares that sum to 1, ``moments`` are
            not in order, or there is no row.

    Example:
        >>> parts = split_clicks(shown_clicks(load_shop(num_users=40).interactions))
        >>> [len(part) for part in parts]
        [1756, 220, 220]
    """
    if moments is not None and not moments[0] <= moments[1]:
        raise ValueError(f"moments must be in order, got {moments}")
    cuts = clock_cuts(rows.times, fractions) if moments is None else moments
    part = np.digitize(rows.times, cuts)
    return ClickSplit(*(rows.select(np.flatnonzero(part == p)) for p in range(3)))


def split_last_click(rows: ClickRows) -> ClickSplit:
    """Every user in every part: her latest rows test, those before them validate.

    The protocol of DIN's Amazon data, for rows that grow along a history: the rows with
    a user's longest history are her test, those with the second longest her validation,
    all others train. A positive and its negatives have one history and stay together.
    What leaks: the clock; other users' later events train. Users whose rows have fewer
    than three different histories only train.

    Example:
        >>> parts = split_last_click(shown_clicks(load_shop(num_users=40).interactions))
        >>> [len(np.unique(part.users)) for part in parts]
        [40, 40, 40]
    """
    users, ends = rows.users, rows.histories.stops
    order = np.lexsort((ends, users))
    new_user = np.append(True, np.diff(users[order]) != 0)
    new_place = new_user | np.append(True, np.diff(ends[order]) != 0)
    place = np.cumsum(new_place)  # counts the histories, user after user
    first = place[new_user]
    owner = np.cumsum(new_user) - 1
    last = np.append(first[1:] - 1, place[-1])[owner]
    enough = last - first[owner] >= 2
    part = np.zeros(len(rows), np.int64)
    part[order] = np.where(enough, (place == last) * 2 + (place == last - 1), 0)
    return ClickSplit(*(rows.select(np.flatnonzero(part == p)) for p in range(3)))
