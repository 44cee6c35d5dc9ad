r"""Planted fields: shown items whose clicks are made by known pairs of fields.

Somebody is shown an item of the shop. A row has six fields and a history:

==========  ======================================  =========================
field       values                                  what it does
==========  ======================================  =========================
user        U people                                has a price band
category    12                                      with hour and history
price       budget, middle, premium                 with user
hour        morning, noon, evening, night           with category
page        home, search                            opens the history
device      phone, tablet, computer                 nothing at all
==========  ======================================  =========================

The history holds up to three sessions of four clicks. Each session is about one
category, all different; a click is casual with probability 1/5: an item of the whole
shop. With probability 1/2 the shown item is of the category of one of the sessions,
else of any. The log-odds of a click are

.. math:: z = -1 + \tfrac12 A_c + H_{hc} + P_{up} +
   2\, [\text{page} = \text{home}]\, M ,

with the appeal of the category :math:`A_c \sim N(0, 1)`; a table H of plus and minus
ones, as many of each in every row; :math:`P_{up} = 1` if p is her price band and −1/2
if not; M = 1 if the latest session is about the item's category, 0 if an earlier one
is, −1/2 if none.

So these pairs interact, and no others: hour and category, user and price, history and
category, page and history; the last two in one product of three.

A second label, the cart, has log-odds of the same kind,

.. math:: z' = -1 + r\,(z + 1) + \sqrt{1 - r^2}\,(z^{*} + 1) ,

where :math:`z^*` is made as z is, with tables and bands of its own, and the
page "search" opens the history. At r = 0 the two labels have nothing in common, at
r = 1 their chances are equal. Given the chances, both labels are independent coins.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

import numpy as np
import torch

from seqviz.arguments import require_number, require_whole
from seqviz.data.passes import Passes
from seqviz.data.shop.products import PRICES, shop_catalog

FIELDS = ("user", "category", "price", "hour", "page", "device")
HOURS = ("morning", "noon", "evening", "night")
PAGES = ("home", "search")
DEVICES = ("phone", "tablet", "computer")
SESSIONS, CLICKS, CASUAL = 3, 4, 0.2
NUMBER_OF_SESSIONS = (0.05, 0.15, 0.3, 0.5)  # none, one, two, three

#: The pairs of fields of which the log-odds hold a product; 6 is the history.
INTERACTING = ((0, 2), (1, 3), (1, 6), (4, 6))


class FieldBatch(NamedTuple):
    """B rows as tensors on one device."""

    fields: torch.Tensor
    """int64 ``[B, 6]``, an id of each field, from 0."""
    item_ids: torch.Tensor
    """int64 ``[B, T]``, the clicked items, oldest first, 0 = padding on the left."""
    item_categories: torch.Tensor
    """int64 ``[B, T]``, their categories, from 0 as in the field, 0 for padding."""
    mask: torch.Tensor
    """bool ``[B, T]``, True where the history is real."""
    labels: torch.Tensor
    """float32 ``[B, 2]``: clicked, put into the cart."""


@dataclass(frozen=True, eq=False)
class PlantedFields:
    """n rows, and the truth about them.

    Attributes:
        fields: int64 ``[n, 6]``, in the order of ``FIELDS``.
        items: int64 ``[n]``, the shown item.
        item_ids: int64 ``[n, T]``, T = 12: the history, 0 = padding on the left.
        sessions: int64 ``[n, 3]``: the category that each session is about, -1 for
            one that is not there; the latest stands last.
        labels: float32 ``[n, 2]``: clicked, put into the cart.
        chances: float64 ``[n, 2]``: the true chances of both.
        sizes: how many values each field has.
        categories: int64 ``[N + 1]``: the category of each item, from 0, as in the
            field; -1 for padding.
    """

    fields: np.ndarray
    items: np.ndarray
    item_ids: np.ndarray
    sessions: np.ndarray
    labels: np.ndarray
    chances: np.ndarray
    sizes: tuple[int, ...]
    categories: np.ndarray

    def __len__(self) -> int:
        return len(self.fields)

    def select(self, rows: np.ndarray | slice) -> PlantedFields:
        """The chosen rows (indices, a bool mask or a slice)."""
        columns = (self.fields, self.items, self.item_ids, self.sessions)
        columns += (self.labels, self.chances)
        own = (column[rows] for column in columns)
        return PlantedFields(*own, self.sizes, self.categories)

    def batch(self) -> FieldBatch:
        """All rows as one batch."""
        ids = torch.from_numpy(self.item_ids)
        fields, labels = (torch.from_numpy(x) for x in (self.fields, self.labels))
        known = torch.from_numpy(self.categories[self.item_ids]).clamp(min=0)
        return FieldBatch(fields, ids, known, ids != 0, labels)


class FieldBatches(Passes):
    """The batches of one pass over the rows; iterate again for the next pass.

    Args:
        rows: what to go through.
        batch_size: B; the last batch of a pass may be smaller.
        shuffle: a new order in every pass, which depends on the seed and the number of
            the pass alone; else the given one.
        seed: of the order.

    Raises:
        TypeError, ValueError: a number is not whole or out of range, or no row.
    """

    def __init__(
        self,
        rows: PlantedFields,
        batch_size: int,
        *,
        shuffle: bool = False,
        seed: int = 0,
    ) -> None:
        require_whole(batch_size=batch_size)
        super().__init__(shuffle=shuffle, seed=seed)
        if not len(rows):
            raise ValueError("rows must hold at least one row, got none")
        self.whole = rows.batch()
        self.batch_size = batch_size

    def __len__(self) -> int:
        """The number of batches in a pass."""
        return ceil(len(self.whole.fields) / self.batch_size)

    def __iter__(self) -> Iterator[FieldBatch]:
        order = np.arange(len(self.whole.fields))
        if rng := self.next_pass():
            rng.shuffle(order)
        for rows in torch.from_numpy(order).split(self.batch_size):
            yield FieldBatch._make(column[rows] for column in self.whole)


def planted_fields(
    num_rows: int,
    num_users: int = 200,
    *,
    relation: float = 0.0,
    seed: int = 0,
) -> PlantedFields:
    """Draw rows by the rule at the head of :mod:`seqviz.data.planted_fields`.

    Args:
        num_rows: n.
        num_users: U.
        relation: r, from 0 (independent labels) to 1 (equal chances).
        seed: of the tables and of the rows: another seed is another world.

    Raises:
        TypeError, ValueError: a number is not whole or out of range.
    """
    require_whole(num_rows=num_rows, num_users=num_users)
    require_whole(low=0, seed=seed)
    require_number(low=0, high=1, relation=relation)
    rng = np.random.default_rng(seed)
    catalog = shop_catalog()
    categories = catalog.category_ids.astype(np.int64) - 1
    codes = {name: place for place, name in enumerate(PRICES)}
    prices = np.array([-1, *catalog.table["price"].map(codes)])
    C, n = len(catalog.category_names), num_rows
    worlds = [_world(rng, num_users, C) for _ in range(2)]

    user = rng.integers(num_users, size=n)
    context = [rng.integers(len(x), size=n) for x in (HOURS, PAGES, DEVICES)]
    about = np.argsort(rng.random((n, C)), axis=1)[:, :SESSIONS]  # [n, 3]
    number = rng.choice(SESSIONS + 1, size=n, p=NUMBER_OF_SESSIONS)
    there = np.arange(SESSIONS) >= SESSIONS - number[:, None]  # the latest of them
    clicked = _items(rng, categories, np.repeat(about, CLICKS, axis=1))
    casual = rng.random(clicked.shape) < CASUAL
    clicked = np.where(casual, rng.integers(1, len(categories), casual.shape), clicked)
    item_ids = clicked * np.repeat(there, CLICKS, axis=1)

    place = SESSIONS - 1 - rng.integers(np.maximum(number, 1))
    known = (rng.random(n) < 0.5) & (number > 0)
    category = np.where(known, about[np.arange(n), place], rng.integers(C, size=n))
    item = _items(rng, categories, category)
    price = prices[item]
    fields = np.stack([user, category, price, *context], 1)
    sessions = np.where(there, about, -1)
    chances = _chances(worlds, fields, sessions, relation)
    labels = (rng.random((n, 2)) < chances).astype(np.float32)
    sizes = (num_users, C, len(PRICES))
    sizes += (len(HOURS), len(PAGES), len(DEVICES))
    return PlantedFields(
        fields, item, item_ids, sessions, labels, chances, sizes, categories
    )


def true_chances(
    fields: np.ndarray,
    sessions: np.ndarray,
    num_users: int,
    *,
    relation: float = 0.0,
    seed: int = 0,
) -> np.ndarray:
    """The true chances ``[n, 2]`` of rows that somebody made up, in a known world.

    Args:
        fields: int64 ``[n, 6]``.
        sessions: int64 ``[n, 3]``, as in :class:`PlantedFields`.
        num_users, relation, seed: of the world, as in :func:`planted_fields`.
    """
    C = len(shop_catalog().category_names)
    rng = np.random.default_rng(seed)
    worlds = [_world(rng, num_users, C) for _ in range(2)]
    return _chances(worlds, fields, sessions, relation)


def _chances(
    worlds: list[tuple[np.ndarray, np.ndarray, np.ndarray]],
    fields: np.ndarray,
    sessions: np.ndarray,
    relation: float,
) -> np.ndarray:
    user, category, price, hour, page, _ = fields.T
    match = sessions == category[:, None]  # [n, 3]
    met = np.where(match.any(1), match[:, -1] * 1.0, -0.5)
    first, other = (
        0.5 * appeal[category]
        + table[hour, category]
        + np.where(price == band[user], 1.0, -0.5)
        + 2.0 * (page == opens) * met
        for opens, (appeal, table, band) in enumerate(worlds)
    )
    mixed = relation * first + (1 - relation**2) ** 0.5 * other
    return 1 / (1 + np.exp(1 - np.stack([first, mixed], 1)))


def _world(
    rng: np.random.Generator, num_users: int, C: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The appeal ``[C]``, H ``[4, C]``, bands ``[U]``."""
    halves = np.where(np.arange(C) < C // 2, 1.0, -1.0)
    table = np.stack([rng.permutation(halves) for _ in HOURS])
    bands = rng.integers(len(PRICES), size=num_users)
    return rng.standard_normal(C), table, bands


def _items(
    rng: np.random.Generator, categories: np.ndarray, wanted: np.ndarray
) -> np.ndarray:
    """A random item of each wanted category, as ``wanted`` is shaped."""
    order = np.argsort(categories, kind="stable")
    begins = np.searchsorted(categories[order], np.arange(categories.max() + 2))
    low, high = begins[wanted], begins[wanted + 1]
    return order[low + (rng.random(wanted.shape) * (high - low)).astype(np.int64)]
