"""The shop's shelves: 240 hand-named products, and as many copies as one asks for."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd

from seqviz.arguments import require_whole
from seqviz.data.tables import Catalog

PRICES = ("budget", "middle", "premium")
NUM_NAMED = 240


@cache
def _named_products() -> pd.DataFrame:
    with (files("seqviz.data.shop") / "products.csv").open(encoding="utf-8") as file:
        return pd.read_csv(file, dtype=str)


def shop_catalog(num_items: int = NUM_NAMED) -> Catalog:
    """The shop's catalog: 12 categories, four brands in each, six shops.

    Items 1 to 240 are the hand-named products, category by category. Further items are
    numbered copies of them ("trail shoes 2") that share everything but the title.

    Columns: ``title``, ``category``, ``brand``, ``shop``, ``price`` (budget, middle or
    premium) and ``goes_with``, the id of the item that people tend to look at next.

    Args:
        num_items: N, at least 240.

    Raises:
        ValueError: ``num_items`` is under 240.
    """
    require_whole(low=NUM_NAMED, num_items=num_items)
    named = _named_products()
    position = np.arange(num_items)
    original, copy = position % NUM_NAMED, position // NUM_NAMED
    table = named.iloc[original].reset_index(drop=True)
    numbers = pd.Series(copy + 1).astype(str)
    table["title"] = table["title"].where(copy == 0, table["title"] + " " + numbers)
    companion = pd.Index(named["title"]).get_indexer(named["goes_with"])[original]
    same_copy = companion + copy * NUM_NAMED
    exists = same_copy < num_items
    table["goes_with"] = np.where(exists, same_copy, companion).astype(np.int64) + 1
    table.index = np.arange(1, num_items + 1)
    return Catalog(table)
