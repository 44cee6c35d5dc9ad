"""The session she is in, and what she did before it, attribute by attribute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from seqviz.arguments import (
    require_number,
    require_one_length,
    require_texts,
    require_whole,
)
from seqviz.data.examples import Examples
from seqviz.data.ragged import Ragged
from seqviz.data.tables import Catalog, Interactions

DAY = 86_400  # seconds


@dataclass(frozen=True, eq=False, repr=False)
class SessionExamples(Examples):
    """Examples that also say where the current session begins, and what came before.

    Args:
        sessions: B rows of item ids, the end of each history: the current session.
        long: for each of F attributes B rows of value ids, each id once, in the order
            in which she last met it: her long-term history, without the session.

    Raises:
        ValueError: what ``Examples`` raises; also if a session is not the end of its
            history, or no attribute is given.

    Example:
        >>> examples = planted_sessions(10).examples
        >>> bool((examples.sessions.lengths <= examples.histories.lengths).all())
        True
    """

    sessions: Ragged
    long: tuple[Ragged, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.long:
            raise ValueError("long must hold at least one attribute, got none")
        require_one_length(histories=self.histories, sessions=self.sessions)
        for attribute in self.long:
            require_one_length(histories=self.histories, long=attribute)
        own, whole = self.sessions, self.histories
        wrong = (own.stops != whole.stops) | (own.starts < whole.starts)
        if wrong.any():
            row = int(wrong.argmax())
            raise ValueError(
                "sessions must be the end of the histories, got "
                f"{own.starts[row]}..{own.stops[row]} of "
                f"{whole.starts[row]}..{whole.stops[row]} in row {row}"
            )

    def select(self, rows: np.ndarray | slice) -> SessionExamples:
        """The chosen rows (indices, a bool mask or a slice)."""
        return SessionExamples(
            self.users[rows],
            self.times[rows],
            self.histories.select(rows),
            self.truths.select(rows),
            self.sessions.select(rows),
            tuple(attribute.select(rows) for attribute in self.long),
        )


def item_attributes(
    catalog: Catalog,
    columns: Sequence[str] = ("category", "brand", "shop", "price"),
    *,
    num_bands: int = 5,
) -> np.ndarray:
    """What is known of each item as ids: int64 ``[N + 1, F]``.

    Attribute 0 is the item itself. Words are numbered 1, 2, ... in the order of the
    alphabet; a column of numbers is cut into ``num_bands`` bands of equal size, 1 the
    lowest. What is missing (empty, NaN), and all of the padding, is 0.

    Args:
        catalog: the items.
        columns: of its table.
        num_bands: of a column of numbers.

    Raises:
        TypeError, ValueError: ``columns`` is one text, or there is no such column.

    Example:
        >>> catalog = load_shop(num_users=40).catalog
        >>> item_attributes(catalog, ["category", "price"], num_bands=3)[[0, 1, 240]]
        array([[  0,   0,   0],
               [  1,  12,   2],
               [240,   7,   1]])
    """
    require_texts(columns=columns)
    require_whole(num_bands=num_bands)
    found = [np.arange(1, len(catalog) + 1)]
    for column in columns:
        if column not in catalog.table:
            raise ValueError(
                f"columns must be among {', '.join(map(str, catalog.table))}, "
                f"got {column!r}"
            )
        found.append(_ids(catalog.table[column], num_bands))
    attributes = np.stack(found, 1).astype(np.int64)
    return np.concatenate([np.zeros_like(attributes[:1]), attributes])


def session_examples(
    interactions: Interactions,
    attributes: np.ndarray,
    begins: np.ndarray,
    cuts: np.ndarray,
    truths: Ragged,
    *,
    longest: int = 50,
    long_days: float | None = 7,
    most: int = 20,
) -> SessionExamples:
    """A row for each prediction: her session so far, and what came before it.

    A session that has more than ``longest`` events at that moment keeps its latest, and
    the rest counts to what came before. The long-term history are the events of the
    last ``long_days`` days before the session, of each attribute the latest ``most``
    different values.

    Args:
        interactions: all events.
        attributes: int64 ``[N + 1, F]``, see ``item_attributes``; 0 is no value.
        begins: int64 ``[B]``, the row of the table where each session begins.
        cuts: int64 ``[B]``, the row to predict; the row before is the last to be read.
        truths: B rows of item ids.
        longest: most events of a session.
        long_days: None: all events before the session.
        most: values of each attribute.

    Source: Lv et al. 2019 (arXiv 1909.00385), sections 3.1 and 4.1.

    Example:
        >>> events = load_shop(num_users=40).interactions
        >>> items = np.arange(events.num_items + 1)[:, None]  # no other attribute
        >>> cuts, truths = events.offsets[:2] + 6, Ragged.from_rows([[1], [2]])
        >>> examples = session_examples(events, items, cuts - 3, cuts, truths)
        >>> examples.sessions.lengths, len(examples.long)
        (array([3, 3]), 1)
    """
    require_whole(longest=longest, most=most)
    if long_days is not None:
        require_number(low=0, long_days=long_days)
    if np.ndim(attributes) != 2 or len(attributes) != interactions.num_items + 1:
        raise ValueError(
            f"attributes must be [N + 1, F] with N = {interactions.num_items} items, "
            f"got shape {np.shape(attributes)}"
        )
    table = interactions.table
    items, times = table["item"].to_numpy(), table["time"].to_numpy()
    users = table["user"].to_numpy()[cuts]
    first = interactions.offsets[users]
    begins = np.maximum(begins, cuts - longest)
    since = first
    if long_days is not None:
        since = np.maximum(first, _since(interactions, begins, int(long_days * DAY)))
    spans, row = np.unique(
        np.stack([np.minimum(since, begins), begins]), axis=1, return_inverse=True
    )
    row = row.ravel()
    long = tuple(
        _latest_values(attributes[items, column], *spans, most).select(row)
        for column in range(attributes.shape[1])
    )
    return SessionExamples(
        users,
        times[cuts],
        Ragged(items, first, cuts),
        truths,
        Ragged(items, begins, cuts),
        long,
    )


def _since(interactions: Interactions, begins: np.ndarray, seconds: int) -> np.ndarray:
    """The first row of the user that is not older than that, when row ``begins`` is."""
    users = interactions.table["user"].to_numpy()
    times = interactions.table["time"].to_numpy()
    # a user and a time as one number that grows along the table
    low = times.min() - seconds
    span = times.max() - low + 1
    clock = users * span + times - low
    return np.searchsorted(clock, clock[begins] - seconds)


def _latest_values(
    values: np.ndarray, starts: np.ndarray, stops: np.ndarray, most: int
) -> Ragged:
    """Of each slice the latest different values, oldest first; 0 is none."""
    lengths = stops - starts
    row = np.repeat(np.arange(len(starts)), lengths)
    places = np.arange(len(row)) - np.repeat(
        np.cumsum(lengths) - lengths - starts, lengths
    )
    key = row * (int(values.max(initial=0)) + 1) + values[places]
    # of equal keys the last one: unique keeps the first, so backwards
    back = np.unique(key[::-1], return_index=True)[1]
    kept = np.sort(len(key) - 1 - back)
    kept = kept[values[places[kept]] > 0]
    ends = np.cumsum(np.bincount(row[kept], minlength=len(starts))).astype(np.int64)
    begin = np.append(0, ends)[:-1]
    return Ragged(values[places[kept]], np.maximum(begin, ends - most), ends)


def _ids(column: pd.Series, num_bands: int) -> np.ndarray:
    if pd.api.types.is_numeric_dtype(column):
        # whole numbers first: a share of the count may lie just above its band
        band = column.rank(method="average") * num_bands / column.count()
        return np.ceil(band).fillna(0).astype(np.int64).to_numpy()
    words = column.astype("string").str.strip().replace("", pd.NA)
    return pd.factorize(words, sort=True)[0].astype(np.int64) + 1
