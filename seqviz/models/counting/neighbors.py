"""Items that the same people chose."""

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor

from seqviz.arguments import require_whole
from seqviz.data import Batch, Examples
from seqviz.models.counting.events import chosen_items, distinct_history
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

    Source: Sarwar et al. 2001; Deshpande and Karypis 2004, who cut to the nearest.
    """

    def __init__(
        self,
        train: Examples,
        num_items: int,
        neighbors: int = 100,
        include_self: bool = False,
    ) -> None:
        require_whole(neighbors=neighbors)
        self.num_items = num_items
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
        """``[B, N + 1]``: similarity summed over the distinct items of the history."""
        votes = distinct_history(batch, self.num_items) @ self.similar
        return by_id(votes.toarray(), batch.item_ids.device)
