"""L2 on embedding tables: on the whole table, or on what the batch touches."""

import torch
from torch import Tensor

from seqviz.arguments import require_ids, require_vectors


def full_l2(*tables: Tensor) -> Tensor:
    """The sum of the squares of whole tables ``[N, E]``: every row, every step.

    Example:
        >>> full_l2(torch.tensor([[3.0, 4.0]]), torch.ones(2, 2))
        tensor(29.)
    """
    return sum(table.square().sum() for table in tables)


def batch_l2(vectors: Tensor, ids: Tensor, counts: Tensor) -> Tensor:
    r"""The mini-batch aware L2 of DIN: only the rows that the batch touches.

    .. math:: \sum_{j \in \text{batch}} \frac{1}{n_j}\, \lVert w_j \rVert^2

    over the *distinct* ids of the batch, :math:`n_j` being how often j occurs in the
    training data: a rare id is held back more than a common one.

    It takes the vectors that the step has looked up anyway, and shares the square of a
    row out among its occurrences. So the table is not read a second time, and its
    gradient is made once.

    Args:
        vectors: the looked-up rows ``[..., E]``.
        ids: their ids ``[...]``; 0 is padding and costs nothing.
        counts: float ``[N + 1]``, :math:`n_j`; an id with count 0 counts as 1.

    Raises:
        TypeError, ValueError: the shapes do not fit, ``vectors`` are not finite, or
            ``ids`` do not lie in 0..N.

    Source: Zhou et al. 2018 (arXiv 1706.06978), section 5.2, equation 6.

    Example:
        >>> vectors = torch.tensor([[3.0, 4.0], [1.0, 0.0]])
        >>> batch_l2(vectors, torch.tensor([7, 2]), counts=torch.full((9,), 5.0))
        tensor(5.2000)
    """
    require_vectors("vectors", vectors, *range(1, 9))
    if vectors.shape[:-1] != ids.shape:
        raise ValueError(
            f"ids must have shape {list(vectors.shape[:-1])} to fit vectors "
            f"{list(vectors.shape)}, got {list(ids.shape)}"
        )
    flat = require_ids("ids", ids, 0, len(counts) - 1).flatten()
    # not bincount, which makes an accelerator wait
    once = torch.ones_like(flat, dtype=torch.long)
    times = torch.zeros_like(counts, dtype=torch.long).index_add_(0, flat, once)
    share = 1 / (times[flat] * counts[flat].clamp(min=1))
    share = share.masked_fill(flat == 0, 0).to(vectors.dtype)
    return share @ vectors.square().sum(-1).flatten()
