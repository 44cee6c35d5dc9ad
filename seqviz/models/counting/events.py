"""What is counted: events of the training part, of a history, before a moment."""

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor

from seqviz.arguments import require_ids, require_whole
from seqviz.data import Batch, Examples, longest_histories

DAY = 86_400  # seconds


def training_events(train: Examples, num_items: int) -> tuple[np.ndarray, np.ndarray]:
    """User and item of every training event: each user's longest history and truth."""
    require_whole(num_items=num_items)
    if len(train) == 0:
        raise ValueError("train must hold at least one row, got none")
    longest = longest_histories(train)
    parts = (longest.histories, longest.truths)
    ids = np.concatenate([rows.flat() for rows in parts])
    require_ids("the items of train", torch.from_numpy(ids), 1, num_items)
    users = [np.repeat(longest.users, rows.lengths) for rows in parts]
    return np.concatenate(users), ids


def item_counts(train: Examples, num_items: int) -> np.ndarray:
    """How many training events each item has, ``[N + 1]``."""
    _, items = training_events(train, num_items)
    return np.bincount(items, minlength=num_items + 1)


def chosen_items(train: Examples, num_items: int) -> sp.csc_array:
    """1 where a training user has the item, once or ten times: ``[U, N + 1]``."""
    users, items = training_events(train, num_items)
    rows = np.unique(users, return_inverse=True)[1]
    return binary(rows, items, (int(rows.max()) + 1, num_items + 1)).tocsc()


def binary(rows: np.ndarray, columns: np.ndarray, shape: tuple) -> sp.csr_array:
    """1 at these places, however often they come."""
    places = sp.csr_array((np.ones(len(rows)), (rows, columns)), shape=shape)
    places.data[:] = 1
    return places


def history(batch: Batch, num_items: int) -> Tensor:
    """The histories ``[B, T]`` on the CPU, after their ids are found to be in range."""
    return require_ids("item_ids", batch.item_ids.cpu(), 0, num_items)


def distinct_history(batch: Batch, num_items: int) -> sp.csr_array:
    """1 where the history holds the item: ``[B, N + 1]``, nothing at the padding."""
    ids = history(batch, num_items).numpy()
    rows, places = np.nonzero(ids)
    return binary(rows, ids[rows, places], (len(ids), num_items + 1))


class Timeline:
    """How many events of the same owner come before a moment, by binary search.

    Args:
        owners: int64 ``[V]``, a user or an item, at least 0.
        times: int64 ``[V]``.
    """

    def __init__(self, owners: np.ndarray, times: np.ndarray) -> None:
        self.clock, ticks = np.unique(times, return_inverse=True)
        self.keys = np.sort(self._keys(owners, ticks))

    def place(self, owners: np.ndarray, moments: np.ndarray) -> np.ndarray:
        """Events of lower owners and earlier ones of this owner, int64 ``[B]``."""
        ticks = np.searchsorted(self.clock, moments)
        return np.searchsorted(self.keys, self._keys(owners, ticks))

    def _keys(self, owners: np.ndarray, ticks: np.ndarray) -> np.ndarray:
        return owners * (len(self.clock) + 1) + ticks
