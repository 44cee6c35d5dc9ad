"""The two tables that every loader returns: who did what, and what it was."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd

from seqviz.arguments import require_seconds, require_whole, whole_numbers
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

    Example:
        >>> catalog = load_shop(num_users=40).catalog
        >>> catalog.num_items, len(catalog.titles)  # entry 0 is padding
        (240, 241)
    """

    table: pd.DataFrame

    def __post_init__(self) -> None:
        table = self.table.copy()
        _require_columns(table, ("title", "category"), "catalog")
        if not len(table):
            raise ValueError("table must have at least one item, got an empty catalog")
        doubled = table.index[table.index.duplicated()]
        if len(doubled):
            raise ValueError(
                f"the catalog's index must hold each item id once, got {doubled[0]} "
                "twice"
            )
        expected = np.arange(1, len(table) + 1)
        index = table.index.to_numpy()
        if index.dtype.kind not in "iu" or not np.array_equal(index, expected):
            raise ValueError(
                f"the catalog's index must be 1, 2, ..., {len(table)} in this order "
                f"(0 is padding), got one that begins {list(index[:3])}; number the "
                "items anew"
            )
        for column in ("title", "category"):
            values = table[column]
            empty = values.isna() | (values.astype(str).str.strip() == "")
            if empty.any():
                raise ValueError(
                    f"{column} must be given for every item, got none for item "
                    f"{empty.idxmax()}"
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
            range, users are not numbered, a time is in another unit than seconds, or a
            session is shared between users or runs backwards in time.

    Example:
        >>> events = load_shop(num_users=40).interactions
        >>> events.num_users, events.of_kind("click").table["kind"].unique().tolist()
        (40, ['click'])
    """

    table: pd.DataFrame
    num_items: int
    num_users: int | None = None

    def __post_init__(self) -> None:
        _require_columns(self.table, COLUMNS, "interactions")
        require_whole(num_items=self.num_items)
        if not len(self.table):
            raise ValueError(
                "table must have at least one event, got none; loosen the filter"
            )
        table = self.table.reset_index(drop=True)
        for column in COLUMNS[:-1]:
            whole = _whole_column(table[column])
            if table[column].dtype != whole.dtype:  # else it would be copied
                table[column] = whole
        require_seconds("time", table["time"].to_numpy())
        _require_filled(table["kind"])
        table["kind"] = table["kind"].astype("category")
        users = table["user"].to_numpy()
        if self.num_users is None:
            _require_numbered(users)
            object.__setattr__(self, "num_users", int(users.max()) + 1)
        require_whole(low=0, num_users=self.num_users)
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
                    f"kinds must be among {', '.join(sorted(self.kinds))}, got {kind!r}"
                )
        if not kinds:
            raise ValueError(
                f"kinds must name one of {', '.join(sorted(self.kinds))}, got none"
            )
        table = self.table[self.table["kind"].isin(kinds)]
        table = table.assign(kind=table["kind"].cat.remove_unused_categories())
        return Interactions(table, self.num_items, self.num_users)


class Dataset(NamedTuple):
    """What a loader returns.

    Example:
        >>> shop = load_shop(num_users=40)
        >>> Dataset(*shop[:3]).name
        'shop'
    """

    name: str
    interactions: Interactions
    catalog: Catalog


def _require_columns(table: pd.DataFrame, columns: tuple[str, ...], what: str) -> None:
    if not isinstance(table, pd.DataFrame):
        raise TypeError(f"table must be a DataFrame, got {type(table).__name__}")
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise ValueError(
            f"the {what} table must have the columns {', '.join(columns)}, got "
            f"{', '.join(map(str, table.columns))}; there is no {', '.join(missing)}"
        )


def _require_filled(values: pd.Series) -> None:
    empty = values.isna()
    if empty.any():
        raise ValueError(
            f"{values.name} must be given in every row, got NaN in row "
            f"{empty.to_numpy().argmax()}; fill it or drop the row"
        )


def _whole_column(values: pd.Series) -> np.ndarray:
    _require_filled(values)
    if not pd.api.types.is_integer_dtype(values.dtype):
        raise TypeError(
            f"{values.name} must be whole numbers, got {values.dtype}; "
            f"{_remedy(values)}"
        )
    # pandas' own whole numbers become objects unless told otherwise
    plain = getattr(values.dtype, "numpy_dtype", values.dtype)
    return whole_numbers(values.name, values.to_numpy(plain))


def _remedy(values: pd.Series) -> str:
    """How to make whole numbers of such a column without changing what it says."""
    name = f"table[{values.name!r}]"
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return f'seconds are {name}.dt.as_unit("s").astype("int64")'
    if pd.api.types.is_float_dtype(values.dtype):
        if (values % 1 == 0).all():
            return f'{name}.astype("int64") keeps every value'
        return "they hold fractions, which a conversion would cut off"
    if values.name == "time":
        return (
            "read them as dates first: "
            f'pd.to_datetime({name}).dt.as_unit("s").astype("int64")'
        )
    from_one = " + 1" if values.name == "item" else ""
    return f"number them: pd.factorize({name})[0]{from_one}"


def _require_numbered(users: np.ndarray) -> None:
    """Raise ValueError for user ids that would need a table far larger than the data.

    Every user from 0 to the largest id gets a place.
    """
    largest = int(users.max())
    if largest >= 10_000_000 and largest > 100 * len(users):
        raise ValueError(
            f"user must be numbered from 0, got {largest} among {len(users)} events; "
            "use pd.factorize(table['user'])[0], or give num_users"
        )


def _require_range(values: pd.Series, low: int, high: int, size: str) -> None:
    numbers = values.to_numpy()
    bad = (numbers < low) | (numbers > high)
    if bad.any():
        row = int(bad.argmax())
        raise ValueError(
            f"{values.name} must lie in {low}..{high}{' (0 is padding)' if low else ''}"
            f", got {numbers[row]} in row {row}; correct the id or give {size}"
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
            f"session must not fall within a user, got {sessions[row]} after "
            f"{sessions[row - 1]} for user {users[row]}; number the sessions in order "
            "of time, and let none begin before the one before it has ended"
        )
    begins = np.concatenate(
        [[True], (users[1:] != users[:-1]) | (sessions[1:] != sessions[:-1])]
    )
    numbers, counts = np.unique(sessions[begins], return_counts=True)
    if counts.max() > 1:
        raise ValueError(
            "session must be a number of its own for every session of every user, got "
            f"{numbers[counts.argmax()]} for several users"
        )
