"""The stages of one user, from what her interests found."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from seqviz.data import Batch
from seqviz.retrieval import Candidates, Funnel, Greedy, Trace, join


class Finds(NamedTuple):
    """What K interests of one user found, and what a ranker says of it."""

    items: np.ndarray
    """int64 ``[K, n]``, 0 where nothing was found."""
    retrieval: np.ndarray
    """float32 ``[K, n]``, the interest's scores, best first."""
    scores: np.ndarray
    """float32 ``[K, n]``, the ranker's."""


def read(
    finds: Finds, categories: np.ndarray, n: int, m: int, size: int, weight: float
) -> Trace:
    """Send one user through the funnel.

    Args:
        finds: of her.
        categories: ``[N + 1]``.
        n: items of each interest.
        m: how many the ranker keeps.
        size: of the list, at most m.
        weight: λ.
    """
    items, near = (torch.from_numpy(x[None, :, :n]) for x in finds[:2])
    found = join(items, near.masked_fill(items == 0, -torch.inf))
    score = torch.zeros(len(categories))
    score[torch.from_numpy(finds.items)] = torch.from_numpy(finds.scores)

    def retrieve(batch: Batch) -> Candidates:
        return found

    def rank(batch: Batch, found: Candidates) -> Tensor:
        return score[found.items]

    funnel = Funnel(retrieve, rank, Greedy(torch.from_numpy(categories), weight))
    nothing = torch.zeros(1, 1, dtype=torch.long)
    column = nothing[:, 0]
    batch = Batch(nothing, nothing > 0, column, nothing, column, column)
    return funnel(batch, m, size)
