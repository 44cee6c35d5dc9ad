"""Recommenders that learn by counting: what a model has to beat.

Scores are float64 ``[B, N + 1]``, on the batch's device if that can hold them.
"""

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor

from seqviz.arguments import require_ids, require_whole
from seqviz.data import Batch, Examples, Interactions, longest_histories
from seqviz.layers.precision import exact_device

DAY = 86_400  # seconds
BLOCK = 1024  # items whose neighbors are sought at a time


class MostPopular:
    """The items with the most training events, for everybody; ties by id."""

    def __init__(self, train: Examples, num_items: int) -> None:
        _, items = _events(train, num_items)
        self.counts = _by_id(np.bincount(items, minlength=num_items + 1))

    def scores(self, batch: Batch) -> Tensor:
        """``[B, N + 1]``, the same row for everybody."""
        device = exact_device(batch.item_ids.device)
        return self.counts.to(device).repeat(len(batch.item_ids), 1)


class RecentPopularity:
    """The items with the most events in the days before the prediction; ties by id.

    Args:
        interactions: all that happened, of everybody: at the moment of a prediction
            only the days before it are counted, as a shop would.
        days: length of the window. It ends where the day of the prediction begins.
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
        return _by_id(window).to(exact_device(batch.item_ids.device))


class ItemKNN:
    """Items that the same people chose, by cosine of their user columns; ties by id.

    Args:
        train: the examples to count in.
        num_items: N.
        neighbors: how many an item keeps.
    """

    def __init__(self, train: Examples, num_items: int, neighbors: int = 100) -> None:
        require_whole(neighbors=neighbors)
        users, items = _events(train, num_items)
        rows = np.unique(users, return_inverse=True)[1]
        chosen = sp.csc_array(
            (np.ones(len(items)), (rows, items)), shape=(rows.max() + 1, num_items + 1)
        )
        chosen.data[:] = 1  # once or ten times: chosen
        norm = np.sqrt(np.asarray(chosen.sum(0)).ravel()).clip(min=1)
        unit = (chosen / norm).tocsc()
        blocks = []
        for start in range(0, num_items + 1, BLOCK):  # never holds [N + 1, N + 1]
            own = np.arange(start, min(start + BLOCK, num_items + 1))
            similar = torch.from_numpy((unit[:, own].T @ unit).toarray())
            similar[torch.arange(len(own)), torch.from_numpy(own)] = 0
            if neighbors < num_items:
                least = similar.topk(neighbors, dim=1).values[:, -1:]
                similar = similar.masked_fill(similar < least, 0)
            blocks.append(sp.csr_array(similar.numpy()))
        self.similar = sp.vstack(blocks, format="csr")  # [N + 1, N + 1]

    def scores(self, batch: Batch) -> Tensor:
        """``[B, N + 1]``: similarity summed over the distinct items of the history."""
        ids = batch.item_ids.cpu().numpy()
        history = np.zeros((len(ids), self.similar.shape[0]))
        np.put_along_axis(history, ids, 1.0, axis=1)
        history[:, 0] = 0
        scores = (sp.csr_array(history) @ self.similar).toarray()
        return _by_id(scores, step=1e-9).to(exact_device(batch.item_ids.device))


def _events(train: Examples, num_items: int) -> tuple[np.ndarray, np.ndarray]:
    """User and item of every training event: each user's longest history and truth."""
    if len(train) == 0:
        raise ValueError("train must hold at least one row, got none")
    longest = longest_histories(train)
    parts = (longest.histories, longest.truths)
    ids = np.concatenate([rows.flat() for rows in parts])
    require_ids("the items of train", torch.from_numpy(ids), 1, num_items)
    users = [np.repeat(longest.users, rows.lengths) for rows in parts]
    return np.concatenate(users), ids


def _by_id(scores: np.ndarray | Tensor, step: float = 1.0) -> Tensor:
    """Float64 scores in which of two equal ones the lower id is larger.

    Scores must differ by at least ``step`` or not at all; column 0 stays last.
    """
    scores = torch.as_tensor(scores, dtype=torch.float64).clone()
    ids = torch.arange(scores.shape[-1], dtype=torch.float64)
    scores -= step * ids / len(ids)
    scores[..., 0] = -torch.inf
    return scores
