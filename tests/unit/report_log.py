"""A log small enough to be compared on within seconds."""

from pathlib import Path

import pandas as pd

from seqviz.data import load_shop


def events(num_users: int = 120) -> pd.DataFrame:
    """Clicks of a planted shop, with ids as a log has them."""
    shop = load_shop(num_users=num_users, seed=0)
    table = shop.interactions.of_kind("click").table[["user", "item", "time"]]
    catalog = shop.catalog.table.loc[table["item"]]
    return table.assign(
        user="user-" + table["user"].astype(str),
        item="sku-" + table["item"].astype(str),
        title=catalog["title"].to_numpy(),
        category=catalog["category"].to_numpy(),
    )


def write_log(folder: Path, columns: tuple[str, ...] = ()) -> Path:
    """Write such a log as ``shop.csv``; without columns, all of them."""
    table = events()
    path = folder / "shop.csv"
    table[list(columns) or list(table)].to_csv(path, index=False)
    return path
