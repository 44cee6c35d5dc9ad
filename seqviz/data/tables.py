"""The two tables that every loader returns: who did what, and what it was."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd

from seqviz.arguments import require_whole
from seqviz.data.ragged import Ragged

COLUMNS = ("user", "item", "time", "session", "kind")


@dataclass(frozen=True, eq=False)
class Catalog:
    """The items, one row each; the index is the item id, 1 to N, in order.

    Id 0 is padding and has no row. Other columns (brand, price, raw_id, ...) are free.

    Args:
        table: columns ``title`` and ``category`` (text, never empty), index 1..N.

    Raises:
        ValueError: a column is missing, an id is doubled or left out, or a title or
            category is empty.
    """

    table: pd.DataFrame

    def __post_init__(self) -> None:
        table = self.table.copy()
        _require_columns(table, ("title", "category"), "catalog")
        if not len(table):
            raise ValueError("the catalog is empty: it needs at least one item")
        doubled = table.index[table.index.duplicated()]
        if len(doubled):
            raise ValueError(
                f"item id {doubled[0]} stands twice in the catalog's index: "
                "give each item one row"
            )
        expected = np.arange(1, len(table) + 1)
        index = table.index.to_numpy()
        if index.dtype.kind not in "iu" or not np.array_equal(index, expected):
            raise ValueError(
                f"the catalog's index must be 1, 2, ..., {len(table)} in this order "
                f"(0 is padding), it begins {list(index[:3])}: number the items anew"
            )
        for column in ("title", "category"):
            values = table[column]
            empty = values.isna() | (values.astype(str).str.strip() == "")
            if empty.any():
                raise ValueError(
                    f"item {empty.idxmax()} has an empty {column}: every item needs one"
                )
        table.index = pd.RangeIndex(1, len(table) + 1, name="item")
        object.__setattr__(self, "table", table)

    def __len__(self) -> int:
        return len(self.table)

    def __repr__(self) -> str:
        names = len(self.category_names)
        return f"Catalog({self.num_items} items in {names} categories)"

    @property
    def num_items(self) -> int:
        """N, the number of items; their ids are 1 to N."""
        return len(self.table)

    @cached_property
    def titles(self) -> list[str]:
        """N + 1 titles, so that ``titles[id]`` needs no shift; ``titles[0]`` is ""."""
        return ["", *self.table["title"].astype(str)]

    @cached_property
    def category_names(self) -> list[str]:
        """The categories, sorted; ``category_names[c - 1]`` is category id ``c``."""
        return sorted(self.table["category"].astype(str).unique())

    @cached_property
    def category_ids(self) -> np.ndarray:
        """int64 ``[N + 1]``: each item's category id (1, 2, ...), 0 for padding."""
        codes = pd.Index(self.category_names).get_indexer(
            self.table["category"].astype(str)
        )
        return np.concatenate([[0], codes + 1]).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Interactions:
    """The events, one row each, sorted by user and then by time.

    Rows come in any order; they are sorted stably, so events of one user at one second
    keep the order in which they were given. The row number after sorting is the place
    that the histories of a split point to.

    Args:
        table: columns ``user`` (0..U-1), ``item`` (1..N), ``time`` (unix seconds),
            ``session`` (a number of its own for every session of every user, never
            falling within a user), all whole numbers, and ``kind`` (text). Other
            columns are free; they are sorted along.
        num_items: N, the size of the catalog.
        num_users: U; left out, the largest user id plus one.

    Raises:
        TypeError: a column holds something else than whole numbers.
        ValueError: a column is missing or has gaps, there is no event, an id is out of
            range, or a session is shared between users or runs backwards in time.
    """

    table: pd.DataFrame
    num_items: int
    num_users: int | None = None

    def __post_init__(self) -> None:
        _require_columns(self.table, COLUMNS, "interactions")
        require_whole("num_items", self.num_items, 1)
        if not len(self.table):
            raise ValueError(
                "there is no event left: give at least one, or loosen the filter"
            )
        table = self.table.reset_index(drop=True)
        for column in COLUMNS[:-1]:
            table[column] = _whole_column(table[column])
        _require_filled(table["kind"])
        table["kind"] = table["kind"].astype("category")
        users = table["user"].to_numpy()
        if self.num_users is None:
            object.__setattr__(self, "num_users", int(users.max()) + 1)
        require_whole("num_users", self.num_users, 0)
        _require_range(table["user"], 0, self.num_users - 1, "num_users")
        _require_range(table["item"], 1, self.num_items, "num_items")
        table = _sorted(table)
        _require_sessions(table)
        object.__setattr__(self, "table", table)

    def __len__(self) -> int:
        return len(self.table)

    def __repr__(self) -> str:
        kinds = ", ".join(f"{n} {k}" for k, n in self.kinds.items())
        return (
            f"Interactions({len(self)} events: {kinds}; "
            f"{self.num_users} users, {self.num_items} items)"
        )

    @property
    def kinds(self) -> dict[str, int]:
        """How many events there are of each kind."""
        counts = self.table["kind"].value_counts()
        return {str(kind): int(n) for kind, n in counts.items() if n}

    @cached_property
    def offsets(self) -> np.ndarray:
        """int64 ``[U + 1]``: user u owns the rows ``offsets[u]:offsets[u + 1]``."""
        users = self.table["user"].to_numpy()
        return np.searchsorted(users, np.arange(self.num_users + 1)).astype(np.int64)

    def sequences(self) -> Ragged:
        """The items of every user in order of time, ``[U]`` rows, some maybe empty."""
        items = self.table["item"].to_numpy()
        return Ragged(items, self.offsets[:-1], self.offsets[1:])

    def of_kind(self, *kinds: str) -> Interactions:
        """The events of these kinds only; users keep their numbers.

        Raises:
            ValueError: no kind is given, or one that no event has.
        """
        for kind in kinds:
            if kind not in self.kinds:
                raise ValueError(
                    f"there is no event of kind {kind!r}: expected one of "
                    f"{', '.join(sorted(self.kinds))}"
                )
        if not kinds:
            raise ValueError(f"name a kind: one of {', '.join(sorted(self.kinds))}")
        table = self.table[self.table["kind"].isin(kinds)]
        table = table.assign(kind=table["kind"].cat.remove_unused_categories())
        return Interactions(table, self.num_items, self.num_users)


class Dataset(NamedTuple):
    """What a loader returns."""

    name: str
    interactions: Interactions
    catalog: Catalog


def _require_columns(table: pd.DataFrame, columns: tuple[str, ...], what: str) -> None:
    if not isinstance(table, pd.DataFrame):
        raise TypeError(f"table is a {type(table).__name__}: expected a DataFrame")
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise ValueError(
            f"the {what} table has no column {', '.join(missing)}: it needs "
            f"{', '.join(columns)} and has {', '.join(map(str, table.columns))}"
        )


def _require_filled(values: pd.Series) -> None:
    empty = values.isna()
    if empty.any():
        raise ValueError(
            f"column {values.name!r} is empty (NaN) in row {empty.to_numpy().argmax()}:"
            " fill it or drop the row"
        )


def _whole_column(values: pd.Series) -> np.ndarray:
    _require_filled(values)
    if not pd.api.types.is_integer_dtype(values.dtype):
        raise TypeError(
            f"column {values.name!r} holds {values.dtype}: expected whole numbers; "
            f'convert it, e.g. .astype("int64")'
        )
    return values.to_numpy().astype(np.int64)


def _require_range(values: pd.Series, low: int, high: int, size: str) -> None:
    numbers = values.to_numpy()
    bad = (numbers < low) | (numbers > high)
    if bad.any():
        row = int(bad.argmax())
        raise ValueError(
            f"{values.name} {numbers[row]} in row {row}: expected {low} to {high}"
            f"{' (0 is padding)' if low else ''}; correct the id or give {size}"
        )


def _sorted(table: pd.DataFrame) -> pd.DataFrame:
    users, times = table["user"].to_numpy(), table["time"].to_numpy()
    same = users[1:] == users[:-1]
    if np.all((users[1:] > users[:-1]) | (same & (times[1:] >= times[:-1]))):
        return table
    return table.iloc[np.lexsort((times, users))].reset_index(drop=True)


def _require_sessions(table: pd.DataFrame) -> None:
    users, sessions = table["user"].to_numpy(), table["session"].to_numpy()
    falls = (users[1:] == users[:-1]) & (sessions[1:] < sessions[:-1])
    if falls.any():
        row = int(falls.argmax()) + 1
        raise ValueError(
            f"session {sessions[row]} of user {users[row]} follows session "
            f"{sessions[row - 1]} in time: number the sessions in order of time, "
            "and let none begin before the one before it has ended"
        )
    begins = np.concatenate(
        [[True], (users[1:] != users[:-1]) | (sessions[1:] != sessions[:-1])]
    )
    numbers, counts = np.unique(sessions[begins], return_counts=True)
    if counts.max() > 1:
        raise ValueError(
            f"session {numbers[counts.argmax()]} belongs to several users: "
            "give every session of every user a number of its own"
        )
