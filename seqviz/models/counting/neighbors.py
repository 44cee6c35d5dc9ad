"""Items that the same people chose."""

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor

from seqviz.arguments import require_whole
from seqviz.data import Batch, Examples
from seqviz.models.counting.events import chosen_items, distinct_history, history
from seqviz.models.counting.ties import by_id

BLOCK = 1024  # items whose neighbors are sought at a time


class ItemKNN:
    """Items that the same people chose, by cosine of their user columns; ties by id.

    Args:
        train: the examples to count in.
        num_items: N.
        neighbors: how many other items an item keeps (more where they are tied).
        include_self: whether an item also votes for itself, with similarity 1: for
            people who buy again. Published as without.
        strongest: an item's score is the mean of so many votes, the strongest, as if
            each click were an interest of its own; the sum of all if not given.

    Source: Sarwar et al. 2001; Deshpande and Karypis 2004, who cut to the nearest.

    Example:
        >>> from seqviz.data import batches, load_shop, split_by_user
        >>> train = split_by_user(load_shop(num_users=40).interactions).train
        >>> batch = next(iter(batches(train, 4, 20)))
        >>> list(ItemKNN(train, 240, neighbors=20).scores(batch).shape)  # [B, N + 1]
        [4, 241]
    """

    def __init__(
        self,
        train: Examples,
        num_items: int,
        neighbors: int = 100,
        include_self: bool = False,
        strongest: int | None = None,
    ) -> None:
        require_whole(
            neighbors=neighbors, strongest=1 if strongest is None else strongest
        )
        self.num_items = num_items
        self.strongest = strongest
        chosen = chosen_items(train, num_items)
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
        if include_self:
            self.similar = self.similar + sp.csr_array(sp.identity(num_items + 1))

    def scores(self, batch: Batch) -> Tensor:
        """``[B, N + 1]``: the votes of the distinct items of the history."""
        if self.strongest is not None:
            return by_id(self._strongest(batch), batch.item_ids.device)
        votes = distinct_history(batch, self.num_items) @ self.similar
        return by_id(votes.toarray(), batch.item_ids.device)

    def _strongest(self, batch: Batch) -> np.ndarray:
        ids = history(batch, self.num_items).sort(1).values  # [B, T]
        ids[:, 1:][ids[:, 1:] == ids[:, :-1]] = 0  # an item votes once
        best = torch.zeros(len(ids), 0, self.num_items + 1)
        for column in ids.T.numpy():  # [B], one click of each history
            votes = torch.from_numpy(self.similar[column].toarray())[:, None]
            best = torch.cat([best, votes], 1)  # [B, strongest + 1, N + 1]
            if best.shape[1] > self.strongest:
                best = best.topk(self.strongest, dim=1, sorted=False).values
        return best.sum(1).numpy() / self.strongest
