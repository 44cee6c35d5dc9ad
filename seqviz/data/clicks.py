"""Rows of "she had this history, was shown this item, and clicked it or not"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

import numpy as np
import torch

from seqviz.arguments import (
    require_between,
    require_padding,
    require_whole,
    whole_numbers,
)
from seqviz.data.ragged import Ragged
from seqviz.data.splits import clock_cuts
from seqviz.data.tables import Interactions


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

    Raises:
        TypeError, ValueError: a column is not made of what is said above, the columns
            differ in length, or a user or an item is out of range.
    """

    users: np.ndarray
    times: np.ndarray
    histories: Ragged
    items: np.ndarray
    clicked: np.ndarray
    click_probability: np.ndarray | None = None

    def __post_init__(self) -> None:
        for name in ("users", "times", "items"):
            array = whole_numbers(getattr(self, name), name)
            object.__setattr__(self, name, array)
            if name != "times":
                _require_range(name, array, 0 if name == "users" else 1)
        clicked = np.asarray(self.clicked)
        if clicked.ndim != 1 or not np.isin(clicked, (0, 1)).all():
            raise ValueError("clicked must hold 0 and 1 (or False and True) only")
        object.__setattr__(self, "clicked", clicked.astype(bool))
        columns = ["users", "times", "histories", "items", "clicked"]
        if self.click_probability is not None:
            columns.append("click_probability")
            chance = np.asarray(self.click_probability, float)
            _require_range("click_probability", chance, 0, 1)
            object.__setattr__(self, "click_probability", chance)
        sizes = {name: len(getattr(self, name)) for name in columns}
        if len(set(sizes.values())) > 1:
            raise ValueError(
                f"the lengths differ: {sizes}; every row needs one of each"
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
        )


def _require_range(
    name: str, values: np.ndarray, low: float, high: float | None = None
) -> None:
    for value in (values.min(), values.max()) if len(values) else ():
        require_between(name, value.item(), low, high)


class ClickSplit(NamedTuple):
    """Rows to learn from, to choose a model by, and to report."""

    train: ClickRows
    validation: ClickRows
    test: ClickRows


class ClickBatch(NamedTuple):
    """B rows as tensors on one device."""

    item_ids: torch.Tensor
    """int64 ``[B, T]``, the history, 0 = padding."""
    mask: torch.Tensor
    """bool ``[B, T]``, True where the history is real."""
    target_ids: torch.Tensor
    """int64 ``[B]``, the shown item."""
    users: torch.Tensor
    """int64 ``[B]``."""
    clicked: torch.Tensor
    """float32 ``[B]``, 1 or 0."""


def shown_clicks(interactions: Interactions) -> ClickRows:
    """The shop's shown items, each with the clicks that its user had made before.

    A row is an event with a ``click_probability``; it is clicked if its kind is
    ``click``. The history holds every click from before, own or on a shown item.

    Raises:
        ValueError: the table has no column ``click_probability``.
    """
    table = interactions.table
    if "click_probability" not in table.columns:
        raise ValueError(
            "the interactions have no column click_probability: give those of the "
            "shop, or draw what was not clicked with sampled_clicks"
        )
    click = (table["kind"] == "click").to_numpy()
    chance = table["click_probability"].to_numpy()
    rows = np.flatnonzero(~np.isnan(chance))
    before = np.append(0, np.cumsum(click))  # clicks before each row of the table
    users = table["user"].to_numpy()[rows]
    items = table["item"].to_numpy()
    histories = Ragged(items[click], before[interactions.offsets[users]], before[rows])
    times = table["time"].to_numpy()[rows]
    return ClickRows(users, times, histories, items[rows], click[rows], chance[rows])


def sampled_clicks(
    interactions: Interactions,
    *,
    negatives: int = 1,
    by_popularity: bool = False,
    min_history: int = 1,
    seed: int = 0,
) -> ClickRows:
    """Every event as a click, and beside each items that its user never met.

    The protocol of DIN's Amazon data: the first k events foretell the next one; a
    negative is drawn from all items but those that the user has anywhere in the table,
    uniformly or by how often an item occurs. The positive row comes first, then its
    negatives, with the same history and time. What leaks: "never met" knows the future.

    Args:
        negatives: rows drawn for each event.
        by_popularity: whether items are drawn as often as they occur.
        min_history: fewest events before the one that is foretold.
        seed: of the draws.

    Raises:
        ValueError: an argument is out of range, or a user has met every item that can
            be drawn.
    """
    require_whole("negatives", negatives, 1)
    require_whole("min_history", min_history, 0)
    require_whole("seed", seed, 0)
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
            f"user {users[rows][full.argmax()]} has met every item that can be drawn: "
            "there is no negative for her"
        )
    rng = np.random.default_rng(seed)
    drawn = np.zeros(len(owner), np.int64)
    left = np.arange(len(owner))
    while len(left):  # draw again where the user has met the item
        if by_popularity:
            drawn[left] = items[rng.integers(len(items), size=len(left))]
        else:
            drawn[left] = rng.integers(1, wide, size=len(left))
        left = left[np.isin(users[owner[left]] * wide + drawn[left], met)]

    every = np.repeat(rows, 1 + negatives)
    clicked = np.tile(np.arange(1 + negatives) == 0, len(rows))
    shown = items[every]
    shown[~clicked] = drawn
    return ClickRows(
        users[every],
        table["time"].to_numpy()[every],
        Ragged(items, begins[every], every),
        shown,
        clicked,
    )


def split_clicks(
    rows: ClickRows, fractions: Sequence[float] = (0.8, 0.1, 0.1)
) -> ClickSplit:
    """One clock for everybody: the earliest rows train, the latest test.

    Rows of one second stay together, so a positive keeps its negatives.

    Raises:
        ValueError: ``fractions`` are not three shares that sum to 1, or there is no
            row.
    """
    part = np.digitize(rows.times, clock_cuts(rows.times, fractions))
    return ClickSplit(*(rows.select(np.flatnonzero(part == p)) for p in range(3)))


def split_last_click(rows: ClickRows) -> ClickSplit:
    """Every user in every part: her latest rows test, those before them validate.

    The protocol of DIN's Amazon data, for rows that grow along a history: the rows with
    a user's longest history are her test, those with the second longest her validation,
    all others train. A positive and its negatives have one history and stay together.
    What leaks: the clock; other users' later events train. Users whose rows have fewer
    than three different histories only train.
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


class ClickBatches:
    """The batches of one pass over the rows; iterate again for the next pass.

    Made by :func:`click_batches`. Shuffled, pass number n depends on the seed and n
    alone. Both labels stand mixed in one batch, as in the data.
    """

    def __init__(
        self,
        rows: ClickRows,
        batch_size: int,
        length: int,
        *,
        shuffle: bool,
        seed: int,
        side: str,
    ) -> None:
        require_padding(length, side)
        require_whole("batch_size", batch_size, 1)
        require_whole("seed", seed, 0)
        if not len(rows):
            raise ValueError("rows is empty: there is nothing to batch")
        self.rows = rows
        self.batch_size = batch_size
        self.length = length
        self.shuffle = shuffle
        self.seed = seed
        self.side = side
        self._passes = 0

    def __len__(self) -> int:
        """The number of batches in a pass; the last may be smaller."""
        return ceil(len(self.rows) / self.batch_size)

    def __iter__(self) -> Iterator[ClickBatch]:
        order = np.arange(len(self.rows))
        if self.shuffle:
            np.random.default_rng([self.seed, self._passes]).shuffle(order)
            self._passes += 1
        for start in range(0, len(order), self.batch_size):
            rows = self.rows.select(order[start : start + self.batch_size])
            columns = (
                *rows.histories.pad(self.length, self.side),
                rows.items,
                rows.users,
                rows.clicked.astype(np.float32),
            )
            yield ClickBatch(*(torch.from_numpy(column) for column in columns))


def click_batches(
    rows: ClickRows,
    batch_size: int,
    length: int,
    *,
    shuffle: bool = False,
    seed: int = 0,
    side: str = "left",
) -> ClickBatches:
    """Cuts rows into padded batches on the CPU (``fit`` moves them).

    Args:
        rows: what to go through.
        batch_size: B; the last batch of a pass may be smaller.
        length: T; longer histories keep their last T items.
        shuffle: a new order in every pass, else the given one.
        seed: of the order.
        side: ``"left"`` or ``"right"``, where a short history is padded.

    Raises:
        ValueError: there is no row, or an argument is out of range.
    """
    return ClickBatches(rows, batch_size, length, shuffle=shuffle, seed=seed, side=side)
