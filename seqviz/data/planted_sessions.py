r"""Planted sessions: the past matters in some of them, and it is known in which.

Every person has a price band :math:`b_u` that she buys, and her past shows it: 12 items
of any category, nine in ten of them in her band. Then she looks for something in one
category c. In the first six categories of the alphabet she looks at every price and
buys hers; in the other six she has made up her mind, and today's price has nothing to
do with her:

.. math:: \text{band of click } t = \begin{cases}
   \text{uniform} & c \le 6 \\ s & c > 6 \end{cases}, \quad
   \text{band of the next item} = \begin{cases} b_u & c \le 6 \\ s & c > 6
   \end{cases}

with s uniform, the same all session long. Each click but the last is casual with
probability r: an item from the whole shop. Within its category and band every item is
equally likely, so the *cell* (category, band) of the next item is all that can be
known.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from seqviz.arguments import require_number, require_whole
from seqviz.data.ragged import Ragged
from seqviz.data.session_examples import SessionExamples, item_attributes
from seqviz.data.shop.products import shop_catalog

PAST, CLICKS, FAITHFUL = 12, 6, 0.9
SECONDS = 60


class PlantedSessions(NamedTuple):
    """n sessions of n people, and the truth about them.

    Example:
        >>> planted_sessions(100)._fields
        ('examples', 'personal', 'casual', 'cell', 'cells')
    """

    examples: SessionExamples
    """The past and six clicks, then the next item."""
    personal: np.ndarray
    """bool ``[n]``: the past decides."""
    casual: np.ndarray
    """bool ``[n, 6]``: which clicks are casual."""
    cell: np.ndarray
    """int64 ``[n]``: the cell of the next item."""
    cells: np.ndarray
    """int64 ``[N + 1]``: the cell of every item, -1 for padding."""


def planted_sessions(
    num_sessions: int, *, casual_rate: float = 0.0, seed: int = 0
) -> PlantedSessions:
    """Draw sessions by the rule at the head of :mod:`seqviz.data.planted_sessions`.

    The items are the shop's 240; long-term attributes are the item, its category, its
    price band.

    Args:
        num_sessions: n.
        casual_rate: r.
        seed: of the draws.

    Raises:
        TypeError, ValueError: a number is not whole or out of range.

    Example:
        >>> sessions = planted_sessions(100, casual_rate=0.5)
        >>> len(sessions.examples), bool(0.3 < sessions.casual.mean() < 0.7)
        (100, True)
    """
    require_whole(num_sessions=num_sessions)
    require_whole(low=0, seed=seed)
    require_number(low=0, high=1, casual_rate=casual_rate)
    rng = np.random.default_rng(seed)
    attributes = item_attributes(shop_catalog(), ("category", "price"))
    category, band = attributes[:, 1] - 1, attributes[:, 2] - 1
    cells = category * 3 + band
    cells[0] = -1
    n = num_sessions
    hers, today = rng.integers(3, size=(2, n))
    wanted = rng.integers(12, size=n)
    personal = wanted < 6

    shown = np.where(
        rng.random((n, PAST)) < FAITHFUL, hers[:, None], rng.integers(3, size=(n, PAST))
    )
    past = _items(rng, cells, rng.integers(12, size=(n, PAST)) * 3 + shown)
    looked = np.where(
        personal[:, None], rng.integers(3, size=(n, CLICKS)), today[:, None]
    )
    clicks = _items(rng, cells, wanted[:, None] * 3 + looked)
    casual = rng.random((n, CLICKS)) < casual_rate
    casual[:, -1] = False
    clicks = np.where(casual, rng.integers(1, 241, size=(n, CLICKS)), clicks)
    cell = wanted * 3 + np.where(personal, hers, today)
    bought = _items(rng, cells, cell)

    rows = np.concatenate([past, clicks, bought[:, None]], 1)
    width = rows.shape[1]
    begins = np.arange(n) * width
    items = rows.ravel()
    cuts = begins + PAST + CLICKS
    long = tuple(_different(past, attributes[:, column]) for column in range(3))
    examples = SessionExamples(
        np.arange(n),
        np.arange(n) * SECONDS,
        Ragged(items, begins, cuts),
        Ragged(items, cuts, cuts + 1),
        Ragged(items, begins + PAST, cuts),
        long,
    )
    return PlantedSessions(examples, personal, casual, cell, cells)


def _items(
    rng: np.random.Generator, cells: np.ndarray, wanted: np.ndarray
) -> np.ndarray:
    """A random item of each wanted cell, as ``wanted`` is shaped."""
    order = np.argsort(cells, kind="stable")
    begins = np.searchsorted(cells[order], np.arange(cells.max() + 2))
    low, high = begins[wanted], begins[wanted + 1]
    return order[low + (rng.random(wanted.shape) * (high - low)).astype(np.int64)]


def _different(past: np.ndarray, values: np.ndarray) -> Ragged:
    """The different values of each row ``[n, PAST]`` in the order of their last."""
    found = values[past]
    last = np.ones(found.shape, bool)
    for column in range(found.shape[1] - 1):
        again = found[:, column, None] == found[:, column + 1 :]
        last[:, column] = ~again.any(1)
    stops = np.cumsum(last.sum(1))
    return Ragged(found[last], np.append(0, stops)[:-1], stops)
