"""Popularity, the same list for everybody: of all time, and of the last days."""

import numpy as np
import torch
from torch import Tensor

from seqviz.arguments import require_whole
from seqviz.data import Batch, Examples, Interactions
from seqviz.models.counting.events import DAY, item_counts
from seqviz.models.counting.ties import by_id


class MostPopular:
    """The items with the most training events, for everybody; ties by id.

    Args:
        train: the examples to count in.
        num_items: N.

    Example:
        >>> from seqviz.data import batches, load_shop, split_by_user
        >>> train = split_by_user(load_shop(num_users=40).interactions).train
        >>> scores = MostPopular(train, 240).scores(next(iter(batches(train, 4, 20))))
        >>> bool((scores == scores[0]).all())  # everybody sees the same
        True
    """

    def __init__(self, train: Examples, num_items: int) -> None:
        self.counts = item_counts(train, num_items)  # [N + 1]

    def scores(self, batch: Batch) -> Tensor:
        """``[B, N + 1]``: the counts, the same row for everybody."""
        counts = by_id(self.counts, batch.item_ids.device)
        return counts.repeat(len(batch.item_ids), 1)


class RecentPopularity:
    """The items with the most events in the days before the prediction; ties by id.

    Args:
        interactions: all that happened, of everybody: at the moment of a prediction
            only the days before it are counted, as a shop would.
        days: length of the window. It ends where the day of the prediction begins.

    Source: Ji et al. 2020 (arXiv 2005.13829), who show how strong it is.

    Example:
        >>> from seqviz.data import batches, load_shop, split_by_time
        >>> events = load_shop(num_users=40).interactions
        >>> batch = next(iter(batches(split_by_time(events).test, 4, 20)))
        >>> list(RecentPopularity(events, days=7).scores(batch).shape)  # [B, N + 1]
        [4, 241]
    """

    def __init__(self, interactions: Interactions, days: int = 14) -> None:
        require_whole(days=days)
        self.days = days
        day = interactions.table["time"].to_numpy() // DAY
        seen, row = np.unique(day, return_inverse=True)
        self.seen = torch.from_numpy(seen)  # [D], the days on which something happened
        counts = np.zeros((len(seen) + 1, interactions.num_items + 1))
        np.add.at(counts, (row + 1, interactions.table["item"].to_numpy()), 1)
        self.before = torch.from_numpy(counts.cumsum(0))  # [D + 1, N + 1]

    def scores(self, batch: Batch) -> Tensor:
        """``[B, N + 1]``, the same row for everybody on the same day."""
        end = torch.div(batch.times.cpu(), DAY, rounding_mode="floor")  # [B]
        ends = torch.stack([end, end - self.days])
        until, since = torch.searchsorted(self.seen, ends)  # days seen before each
        window = self.before[until] - self.before[since]
        return by_id(window, batch.item_ids.device)
