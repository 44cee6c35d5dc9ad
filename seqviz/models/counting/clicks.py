"""Counting against click models: popularity of the shown item, rates of clicks."""

import numpy as np
import torch
from torch import Tensor

from seqviz.arguments import require_ids, require_number, require_whole
from seqviz.data import ClickBatch, ClickRows, Interactions
from seqviz.layers.precision import exact_device
from seqviz.models.counting.events import DAY, Timeline


class TargetPopularity:
    """How often the shown item was chosen in the days before the moment it was shown.

    The logit is log(count + smoothing) - log(mean count + smoothing), the mean over the
    catalog: the odds that the item is one of the window's events and not one drawn
    uniformly. It is calibrated for one uniform negative for each click; for other rows
    only its order means something.

    Args:
        interactions: all that was chosen, of everybody; only events from before the
            moment are counted, none of its very second.
        days: length of the window, which ends at the moment.
        smoothing: added to the counts.

    Source: Ji et al. 2020 (arXiv 2005.13829), popularity as it is at the moment.

    Example:
        >>> from seqviz.data import click_batches, load_shop, shown_clicks
        >>> events = load_shop(num_users=40).interactions
        >>> batch = next(iter(click_batches(shown_clicks(events), 64, 20)))
        >>> list(TargetPopularity(events).logits(batch).shape)  # [B]
        [64]
    """

    def __init__(
        self, interactions: Interactions, days: int = 30, smoothing: float = 1.0
    ) -> None:
        require_whole(days=days)
        require_number(low=0, ends=False, smoothing=smoothing)
        items, times = (interactions.table[c].to_numpy() for c in ("item", "time"))
        self.num_items = interactions.num_items
        self.days, self.smoothing = days, smoothing
        self.of_item = Timeline(items, times)
        self.of_all = Timeline(np.zeros_like(items), times)

    def counts(self, batch: ClickBatch) -> Tensor:
        """``[B]``: events of the shown item in the window."""
        items = require_ids("target_ids", batch.target_ids.cpu(), 1, self.num_items)
        return self._in_window(self.of_item, items.numpy(), batch)

    def logits(self, batch: ClickBatch) -> Tensor:
        """``[B]``: the log-odds against an item drawn uniformly."""
        nobody = np.zeros(len(batch.times), np.int64)
        mean = self._in_window(self.of_all, nobody, batch) / self.num_items
        logits = torch.log(
            (self.counts(batch) + self.smoothing) / (mean + self.smoothing)
        )
        return logits.to(exact_device(batch.target_ids.device))

    def _in_window(
        self, timeline: Timeline, owners: np.ndarray, batch: ClickBatch
    ) -> Tensor:
        end = batch.times.cpu().numpy()
        since = timeline.place(owners, end - self.days * DAY)
        return torch.from_numpy(timeline.place(owners, end) - since).double()


class ItemClickRate:
    """How often the shown item was clicked when it was shown, whoever saw it.

    With p the rate over all rows, (clicks + smoothing p) / (shown + smoothing): what
    was never shown has p.

    Args:
        rows: the rows to count in, of the training part.
        num_items: N.
        smoothing: shown rows of rate p that each item starts with.

    Source: the mean of a beta prior's posterior, as in Wang et al. 2011 (Click-through
    rate estimation for rare events in online advertising); the prior is not fitted.

    Raises:
        ValueError: an item out of range, or rows without a click or without a miss.

    Example:
        >>> from seqviz.data import click_batches, load_shop, shown_clicks
        >>> rows = shown_clicks(load_shop(num_users=40).interactions)
        >>> batch = next(iter(click_batches(rows, 64, 20)))
        >>> list(ItemClickRate(rows, 240).logits(batch).shape)  # [B]
        [64]
    """

    def __init__(
        self, rows: ClickRows, num_items: int, smoothing: float = 10.0
    ) -> None:
        require_whole(num_items=num_items)
        items = require_ids("items", torch.from_numpy(rows.items), 1, num_items)
        self.num_items = num_items
        self.log_odds = _log_odds(items, rows, num_items + 1, smoothing)

    def logits(self, batch: ClickBatch) -> Tensor:
        """``[B]``: the log-odds of the item's rate."""
        items = require_ids("target_ids", batch.target_ids.cpu(), 1, self.num_items)
        return self.log_odds[items].to(exact_device(batch.target_ids.device))


class UserClickRate:
    """How often the user clicked what she was shown, whatever it was.

    The same for all rows of a user, so its GAUC is 0.5; AUC and log loss show what
    knowing the user is worth. Smoothed like :class:`ItemClickRate`; a user without
    training rows has the rate of all.

    Args:
        rows: the rows to count in, of the training part.
        smoothing: shown rows of the common rate that each user starts with.

    Raises:
        ValueError: rows without a click or without a miss.

    Example:
        >>> from seqviz.data import click_batches, load_shop, shown_clicks
        >>> rows = shown_clicks(load_shop(num_users=40).interactions)
        >>> batch = next(iter(click_batches(rows, 64, 20)))
        >>> list(UserClickRate(rows).logits(batch).shape)  # [B]
        [64]
    """

    def __init__(self, rows: ClickRows, smoothing: float = 10.0) -> None:
        users = torch.from_numpy(rows.users)
        known = int(users.max()) + 1 if len(users) else 0
        self.log_odds = _log_odds(users, rows, known + 1, smoothing)  # last: unknown

    def logits(self, batch: ClickBatch) -> Tensor:
        """``[B]``: the log-odds of the user's rate."""
        most = torch.iinfo(torch.int64).max
        users = require_ids("users", batch.users.cpu(), 0, most)
        users = users.clamp(max=len(self.log_odds) - 1)
        return self.log_odds[users].to(exact_device(batch.users.device))


class CategoryRecency:
    """The click rate by how many clicks ago she last clicked the item's category.

    T + 1 rates and nothing else: 0 clicks ago, 1, ..., T - 1, and not in the history.
    Smoothed like :class:`ItemClickRate`.

    Args:
        rows: the rows to count in, of the training part.
        categories: ``[N + 1]``, the category of each item.
        length: T, how many clicks are looked back.
        smoothing: shown rows of the common rate that each of the T + 1 starts with.

    Raises:
        ValueError: an item out of range, or rows without a click or without a miss.

    Example:
        >>> from seqviz.data import click_batches, load_shop, shown_clicks
        >>> shop = load_shop(num_users=40)
        >>> rows = shown_clicks(shop.interactions)
        >>> count = CategoryRecency(rows, shop.catalog.category_ids)
        >>> list(count.logits(next(iter(click_batches(rows, 64, 20)))).shape)  # [B]
        [64]
    """

    def __init__(
        self,
        rows: ClickRows,
        categories: np.ndarray,
        length: int = 20,
        smoothing: float = 10.0,
    ) -> None:
        require_whole(length=length)
        self.categories = torch.as_tensor(categories)
        self.length = length
        ids, mask = map(torch.from_numpy, rows.histories.pad(length))
        ago = self._ago(ids, mask, torch.from_numpy(rows.items))
        self.log_odds = _log_odds(ago, rows, length + 1, smoothing)

    def logits(self, batch: ClickBatch) -> Tensor:
        """``[B]``: the log-odds of the rate; what came before T clicks is not read."""
        columns = batch.item_ids, batch.mask, batch.target_ids
        ago = self._ago(*(column.cpu() for column in columns))
        return self.log_odds[ago].to(exact_device(batch.target_ids.device))

    def _ago(self, item_ids: Tensor, mask: Tensor, target_ids: Tensor) -> Tensor:
        """``[B]``: real clicks since the latest of the category, T if there is none."""
        most = len(self.categories) - 1
        item_ids = require_ids("item_ids", item_ids, 0, most)
        target_ids = require_ids("target_ids", target_ids, 1, most)
        later = mask.flip(1).cumsum(1).flip(1) - 1  # [B, T] real clicks after each
        same = self.categories[item_ids] == self.categories[target_ids][:, None]
        ago = later.masked_fill(~(same & mask), self.length).amin(1)
        return ago.clamp(max=self.length)


def _log_odds(groups: Tensor, rows: ClickRows, size: int, smoothing: float) -> Tensor:
    """Log-odds of each group's smoothed click rate, ``[size]``."""
    require_number(low=0, ends=False, smoothing=smoothing)
    clicked = torch.from_numpy(rows.clicked).double()
    if not 0 < clicked.sum() < len(clicked):
        raise ValueError(
            f"rows must hold a click and a miss, got {int(clicked.sum())} clicks in "
            f"{len(rows)} rows"
        )
    rate = clicked.mean()
    clicks = torch.bincount(groups, clicked, minlength=size) + smoothing * rate
    shown = torch.bincount(groups, minlength=size) + smoothing
    return torch.log(clicks / (shown - clicks))
