"""What both real data sets need: dropping the rare and numbering the rest."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seqviz.arguments import require_whole


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


def numbered(values: pd.Series) -> tuple[np.ndarray, pd.Index]:
    """Each value's place among the sorted distinct ones, from 0, and those values."""
    codes, names = pd.factorize(values, sort=True)
    return codes.astype(np.int64), pd.Index(names)
