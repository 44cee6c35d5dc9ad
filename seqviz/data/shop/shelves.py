"""How the shop's items are liked: popularity, taste, and drawing items by both."""

from __future__ import annotations

import numpy as np

from seqviz.data.shop.products import PRICES
from seqviz.data.tables import Catalog

MISMATCH = 0.5
"""What a wrong price band, or a wrong brand, leaves of the liking."""


class Shelves:
    """The items sorted into cells of one category, price band and brand each.

    Popularity is Zipf's law inside a category, with ranks dealt at random, times the
    appeal of the category, which is Zipf's law over the categories (see
    :mod:`seqviz.data.shop`). Within a cell all items suit a taste equally, so an item
    is drawn by choosing a cell and then an item of the cell by popularity.

    Attributes:
        popularity: float ``[N + 1]``, sums to 1, 0 for padding.
        category, price, brand: int64 ``[N + 1]``, codes from 0; a brand is numbered
            within its category.
        appeal: float ``[C]``, sums to 1.
        cell_price, cell_brand: int64 ``[G]``, the cells of one category.
    """

    def __init__(self, catalog: Catalog, rng: np.random.Generator, skew: float) -> None:
        table = catalog.table
        self.category = _codes(table["category"].to_numpy(str), catalog.category_names)
        self.price = _codes(table["price"].to_numpy(str), list(PRICES))
        brands = _brand_codes(self.category[1:], table["brand"].to_numpy(str))
        self.brand = np.append(0, brands)
        self.num_brands = int(brands.max()) + 1
        num_categories = len(catalog.category_names)
        appeal = (1.0 + rng.permutation(num_categories)) ** -0.5
        self.appeal = appeal / appeal.sum()
        self.popularity = np.append(0.0, self._zipf(rng, skew))

        self.num_cells = len(PRICES) * self.num_brands
        self.cell_price, self.cell_brand = np.divmod(
            np.arange(self.num_cells), self.num_brands
        )
        cell = self.price * self.num_brands + self.brand
        cell = (self.category * self.num_cells + cell)[1:]
        self._order = np.argsort(cell, kind="stable") + 1
        self._bounds = np.searchsorted(
            np.sort(cell), np.arange(num_categories * self.num_cells + 1)
        )
        self._total = np.append(0.0, np.cumsum(self.popularity[self._order]))
        mass = np.diff(self._total[self._bounds])
        self.cell_mass = mass.reshape(num_categories, self.num_cells)

    def _zipf(self, rng: np.random.Generator, skew: float) -> np.ndarray:
        category = self.category[1:]
        shuffled = rng.permutation(len(category))
        order = shuffled[np.argsort(category[shuffled], kind="stable")]
        begins = np.searchsorted(category[order], category[order])
        rank = np.empty(len(order))
        rank[order] = 1 + np.arange(len(order)) - begins
        liking = rank**-skew
        totals = np.bincount(category, liking)
        return self.appeal[category] * liking / totals[category]

    def draw(
        self, rng: np.random.Generator, category: np.ndarray, cell: np.ndarray
    ) -> np.ndarray:
        """An item of each cell by popularity, int64 ``[n]``."""
        place = category * self.num_cells + cell
        return self._draw(rng, self._bounds[place], self._bounds[place + 1])

    def draw_category(
        self, rng: np.random.Generator, category: np.ndarray
    ) -> np.ndarray:
        """An item of each category by popularity, whatever its price and brand."""
        low = self._bounds[category * self.num_cells]
        return self._draw(rng, low, self._bounds[(category + 1) * self.num_cells])

    def draw_any(self, rng: np.random.Generator, number: int) -> np.ndarray:
        """``number`` items of the whole shop by popularity."""
        low = np.zeros(number, np.int64)
        return self._draw(rng, low, low + len(self._order))

    def _draw(
        self, rng: np.random.Generator, low: np.ndarray, high: np.ndarray
    ) -> np.ndarray:
        start, stop = self._total[low], self._total[high]
        point = start + rng.random(len(low)) * (stop - start)
        place = np.searchsorted(self._total, point, side="right") - 1
        return self._order[np.clip(place, low, high - 1)]


def taste(
    price: np.ndarray,
    brand: np.ndarray,
    liked_price: np.ndarray,
    liked_brand: np.ndarray,
) -> np.ndarray:
    """1 for the liked price band and brand, halved for each that differs."""
    return MISMATCH ** ((price != liked_price) * 1.0 + (brand != liked_brand))


def _codes(values: np.ndarray, names: list[str]) -> np.ndarray:
    """The place of each value in ``names``, int64 [N + 1]; entry 0 is padding."""
    order = np.argsort(names)
    found = order[np.searchsorted(np.asarray(names)[order], values)]
    return np.append(0, found).astype(np.int64)


def _brand_codes(category: np.ndarray, brand: np.ndarray) -> np.ndarray:
    """Numbers the brands from 0 within each category, int64 [N]."""
    names, code = np.unique(brand, return_inverse=True)
    pairs, pair = np.unique(category * len(names) + code, return_inverse=True)
    home = pairs // len(names)
    return (np.arange(len(pairs)) - np.searchsorted(home, home))[pair]
