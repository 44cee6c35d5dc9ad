"""What real data sets need: dropping the rare and numbering the rest."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seqviz.arguments import require_whole
from seqviz.data.tables import Catalog, Dataset, Interactions


def keep_frequent(
    table: pd.DataFrame,
    user: str,
    item: str,
    min_user_events: int,
    min_item_events: int,
) -> pd.DataFrame:
    """The rows whose item and whose user each have enough rows among those kept.

    Items, then users are filtered, again and again until both hold at once (the
    "k-core"): dropping a user may make an item rare.

    Raises:
        ValueError: a minimum is under 1, or no row is left.
    """
    minimums = {item: min_item_events, user: min_user_events}
    names = {item: "min_item_events", user: "min_user_events"}
    for column, minimum in minimums.items():
        require_whole(**{names[column]: minimum})
    before = -1
    while len(table) != before:
        before = len(table)
        for column, minimum in minimums.items():
            codes, values = pd.factorize(table[column])
            counts = np.bincount(codes, minlength=len(values))
            table = table[counts[codes] >= minimum]
    if not len(table):
        raise ValueError(
            "min_user_events and min_item_events must leave an event, got "
            f"{min_user_events} and {min_item_events}; lower them"
        )
    return table


def known_before(
    dataset: Dataset, moment: int, min_item_events: int = 5
) -> tuple[Dataset, np.ndarray]:
    """Keep the items that were frequent enough before a moment, numbered anew.

    ``keep_frequent`` counts the whole table, so it keeps an item for what happened
    after the test moment. This filter does not look there.

    Args:
        dataset: events and catalog; all of its events of kept items stay.
        moment: unix seconds.
        min_item_events: fewest events of an item before it.

    Returns:
        The data set, and the old id of each new one ``[N + 1]``, 0 for padding.

    Raises:
        ValueError: no item is left.

    Example:
        >>> shop = load_shop(num_users=40)
        >>> moment = int(np.median(shop.interactions.table["time"]))
        >>> kept, old_ids = known_before(Dataset(*shop[:3]), moment, min_item_events=3)
        >>> len(old_ids) == kept.catalog.num_items + 1
        True
    """
    require_whole(min_item_events=min_item_events)
    table, num_items = dataset.interactions.table, dataset.catalog.num_items
    early = table["item"].to_numpy()[table["time"].to_numpy() < moment]
    counts = np.bincount(early, minlength=num_items + 1)
    counts[0] = 0
    kept = np.flatnonzero(counts >= min_item_events)
    if not len(kept):
        raise ValueError(
            f"min_item_events must leave an item known before moment = {moment}, got "
            f"{min_item_events} and a largest count of {counts.max()}"
        )
    new_id = np.zeros(num_items + 1, np.int64)
    new_id[kept] = np.arange(1, len(kept) + 1)
    items = new_id[table["item"].to_numpy()]
    events = table.assign(item=items)[items > 0]
    catalog = dataset.catalog.table.loc[kept].set_axis(np.arange(1, len(kept) + 1))
    users = dataset.interactions.num_users  # keep their numbers: some are now empty
    interactions = Interactions(events, len(kept), users)
    return Dataset(dataset.name, interactions, Catalog(catalog)), np.append(0, kept)


def numbered(values: pd.Series) -> tuple[np.ndarray, pd.Index]:
    """Each value's place among the sorted distinct ones, from 0, and those values."""
    codes, names = pd.factorize(values, sort=True)
    return codes.astype(np.int64), pd.Index(names)
