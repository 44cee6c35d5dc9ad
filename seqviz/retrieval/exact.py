"""Exact nearest items by inner product, in chunks."""

import torch
from torch import Tensor

from seqviz.arguments import require_whole


@torch.no_grad()
def top_items(
    query: Tensor, item_vectors: Tensor, n: int, *, chunk: int = 64
) -> tuple[Tensor, Tensor]:
    """The ``n`` items with the largest inner product, best first.

    Args:
        query: ``[M, E]``, interests or users.
        item_vectors: ``[N + 1, E]``; row 0 is padding and is never returned.
        n: how many; at most N.
        chunk: rows of ``query`` at a time, which bounds the memory to ``chunk * N``.

    Returns:
        scores ``[M, n]`` and item ids ``[M, n]``, without gradients.

    Raises:
        TypeError, ValueError: shapes that do not fit, or ``n`` not in 1..N.

    Example:
        >>> items = torch.tensor([[9.0, 9.0], [1.0, 0.0], [0.0, 1.0]])
        >>> top_items(torch.tensor([[0.2, 0.9]]), items, 2)  # row 0 is padding
        (tensor([[0.9000, 0.2000]]), tensor([[2, 1]]))
    """
    if query.dim() != 2 or item_vectors.dim() != 2:
        raise ValueError(
            f"query must be [M, E] and item_vectors [N + 1, E], "
            f"got {list(query.shape)} and {list(item_vectors.shape)}"
        )
    num_items = len(item_vectors) - 1
    require_whole(high=num_items, n=n)
    require_whole(chunk=chunk)
    items = item_vectors[1:].T.contiguous()
    # every chunk writes into the same memory: fresh memory costs more than the product
    scores = query.new_empty(min(chunk, len(query)), num_items)
    found = [
        top_columns(torch.mm(rows, items, out=scores[: len(rows)]), n)
        for rows in query.split(chunk)
    ]
    scores, ids = (torch.cat(part) for part in zip(*found, strict=True))
    return scores, ids + 1


def top_columns(scores: Tensor, n: int, *, group: int = 32) -> tuple[Tensor, Tensor]:
    """``scores.topk(n)`` of ``[B, N]``, faster where N is large.

    The n best columns lie in the n groups with the largest maxima, so only those
    groups need sorting.

    Example:
        >>> top_columns(torch.tensor([[0.1, 0.9, 0.5]]), 2)[1]
        tensor([[1, 2]])
    """
    rows, columns = scores.shape
    if columns < 4 * n * group:
        return scores.topk(n, dim=1)
    step = columns // group
    whole = step * group
    # group g holds the columns g, g + step, g + 2 step, ...: maxima of whole rows
    groups = scores[:, :whole].unflatten(1, (group, step))  # [B, group, N / group]
    best = groups.amax(1).topk(n, dim=1, sorted=False).indices  # [B, n]
    first = torch.arange(0, whole, step, device=best.device)
    candidates = (best[:, :, None] + first).flatten(1)  # [B, n * group]
    rest = torch.arange(whole, columns, device=best.device).expand(rows, -1)
    candidates = torch.cat([candidates, rest], 1)
    values, order = scores.gather(1, candidates).topk(n, dim=1)
    return values, candidates.gather(1, order)
