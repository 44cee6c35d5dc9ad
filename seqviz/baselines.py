"""Recommenders that learn by counting: what a model has to beat."""

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor

from .data import Batch, Examples


class MostPopular:
    """The items that came next most often in the training examples, for everybody."""

    def __init__(self, train: Examples, num_items: int) -> None:
        _, items, _ = _events(train, num_items)
        self.counts = torch.from_numpy(np.bincount(items, minlength=num_items + 1))

    def scores(self, batch: Batch) -> Tensor:
        """``[B, N + 1]``, the same row for everybody."""
        counts = self.counts.to(batch.item_ids.device, torch.float32)
        return counts.repeat(len(batch.item_ids), 1)


class RecentPopularity:
    """The items that came next most often in the days before the prediction.

    Args:
        train: the examples to count in.
        num_items: N.
        days: length of the window. It ends where the day of the prediction begins, so
            nothing from that day is used.
    """

    def __init__(self, train: Examples, num_items: int, days: int = 14) -> None:
        if days < 1:
            raise ValueError(f"days must be at least 1, got {days}")
        _, items, times = _events(train, num_items)
        day = times // 86_400
        self.first_day, self.days = int(day.min()), days
        num_days = int(day.max()) - self.first_day + 1
        counts = np.zeros((num_days + 1, num_items + 1), dtype=np.int32)
        np.add.at(counts, (day - self.first_day + 1, items), 1)
        self.before = torch.from_numpy(counts.cumsum(0))  # [days + 1, N + 1]

    def scores(self, batch: Batch) -> Tensor:
        """``[B, N + 1]``, the same row for everybody on the same day."""
        end = torch.div(batch.times.cpu(), 86_400, rounding_mode="floor")
        end = end - self.first_day
        last = len(self.before) - 1
        window = self.before[end.clamp(0, last)]
        window = window - self.before[(end - self.days).clamp(0, last)]
        return window.to(batch.item_ids.device, torch.float32)


class ItemKNN:
    """Items that the same people chose, by cosine of their user columns.

    Args:
        train: the examples to count in.
        num_items: N.
        neighbors: how many an item keeps.
    """

    def __init__(self, train: Examples, num_items: int, neighbors: int = 100) -> None:
        if neighbors < 1:
            raise ValueError(f"neighbors must be at least 1, got {neighbors}")
        users, items, _ = _events(train, num_items)
        rows = np.unique(users, return_inverse=True)[1]
        chosen = sp.csr_array(
            (np.ones(len(items), np.float32), (rows, items)),
            shape=(rows.max() + 1, num_items + 1),
        )
        chosen.data[:] = 1  # once or ten times: chosen
        norm = np.sqrt(np.asarray(chosen.sum(0)).ravel()).clip(min=1)
        together = (chosen.T @ chosen).toarray() / np.outer(norm, norm)
        np.fill_diagonal(together, 0)
        similar = torch.from_numpy(together.astype(np.float32))  # [N + 1, N + 1]
        if neighbors < num_items:
            least = similar.topk(neighbors, dim=1).values[:, -1:]
            similar = similar.masked_fill(similar < least, 0)
        self.similar = sp.csr_array(similar.numpy())

    def scores(self, batch: Batch) -> Tensor:
        """``[B, N + 1]``: similarity summed over the distinct items of the history."""
        ids = batch.item_ids.cpu().numpy()
        history = np.zeros((len(ids), self.similar.shape[0]), np.float32)
        np.put_along_axis(history, ids, 1.0, axis=1)
        history[:, 0] = 0
        scores = (sp.csr_array(history) @ self.similar).toarray()
        return torch.from_numpy(scores).to(batch.item_ids.device)


def _events(
    train: Examples, num_items: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """User, item and time of every true item of the examples."""
    if len(train) == 0:
        raise ValueError("train is empty: there is nothing to count")
    lengths = train.truths.lengths
    padded, real = train.truths.pad(int(lengths.max()))
    items = padded[real]
    if items.min() < 1 or items.max() > num_items:
        raise ValueError(
            f"train holds item ids {items.min()}..{items.max()}, "
            f"but num_items is {num_items}"
        )
    return np.repeat(train.users, lengths), items, np.repeat(train.times, lengths)
