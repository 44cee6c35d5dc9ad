"""Histories as sums of rows of a table, there and back."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

SHORT = 2**15  # numbers below it numpy sorts by their digits


class CountedHistories:
    """A product of the counts of a batch with a table, for several models.

    Most counts are 0, and a sum of T rows is several times faster than the product.
    The way back is a sum, too: each item's row of the gradient is that of the histories
    which hold it.

    Args:
        item_ids: ``[S, B, T]`` in 0..N, or ``[1, B, T]`` for all S models.
        size: N + 1.
    """

    def __init__(self, item_ids: Tensor, size: int) -> None:
        G, self.B, T = item_ids.shape  # groups: the models, or 1 for all of them
        self.G, self.size = G, size
        first = torch.arange(G, device=item_ids.device) * size
        self._ids = (item_ids + first[:, None, None]).flatten(0, 1)  # [G * B, T]
        ids = self._ids.flatten()
        self._rows = _order(ids, G * size).div(T, rounding_mode="floor")
        held = torch.bincount(ids, minlength=G * size)
        self._starts = held.cumsum(0) - held  # [G * (N + 1)]

    def summed(self, table: Tensor) -> Tensor:
        """``[S, N + 1, ...]``, whose row 0 is 0, to ``[S, B, ...]``."""
        total = F.embedding_bag(self._ids, self._wide(table), mode="sum")
        return self._apart(total, self.B, table)

    def back(self, gradient: Tensor) -> Tensor:
        """``[S, B, ...]`` to ``[S, N + 1, ...]``; padding gets 0."""
        wide = self._wide(gradient)
        total = F.embedding_bag(self._rows, wide, self._starts, mode="sum")
        total = self._apart(total, self.size, gradient)
        total[:, 0] = 0
        return total

    def _wide(self, values: Tensor) -> Tensor:
        """``[S, R, ...]`` to ``[G * R, ...]``, where one group has all S in a row."""
        if self.G == 1:
            return values.transpose(0, 1).flatten(1)
        return values.flatten(0, 1).flatten(1)

    def _apart(self, wide: Tensor, rows: int, like: Tensor) -> Tensor:
        """``_wide`` undone: ``[S, rows, ...]``."""
        if self.G == 1:
            return wide.view(rows, len(like), *like.shape[2:]).transpose(0, 1)
        return wide.view(len(like), rows, *like.shape[2:])


def _order(ids: Tensor, size: int) -> Tensor:
    """The places of ids ``[n]`` below ``size``, in the order of the ids."""
    if ids.device.type == "cpu" and size <= SHORT:
        order = np.argsort(ids.numpy().astype(np.int16), kind="stable")
        return torch.from_numpy(order)
    return ids.argsort(stable=True)
