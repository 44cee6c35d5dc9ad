"""Cross entropy over the whole catalog without holding all its logits."""

import torch
from torch import Tensor

from seqviz.arguments import require_ids, require_whole


def full_softmax_loss(
    query: Tensor, item_vectors: Tensor, target_ids: Tensor, *, chunk: int = 2**22
) -> Tensor:
    """Mean cross entropy of the target among all N items.

    The same number and gradients as ``F.cross_entropy(query @ item_vectors[1:].T,
    target_ids - 1)``. That holds ``[n, N]`` logits several times over: 2.5 GB each for
    the 12,800 positions of a batch of 256 histories of 50 items and a catalog of
    50,000. Here a few rows at a time are compared with the catalog, and their gradient
    is made on the spot, while their probabilities are at hand.

    Args:
        query: ``[n, E]``.
        item_vectors: ``[N + 1, E]``; row 0 is padding and takes no part.
        target_ids: ``[n]``, ids 1 to N.
        chunk: how many logits to hold at a time. Memory only; the result is the same.

    Raises:
        TypeError: ids or ``chunk`` are no whole numbers.
        ValueError: the shapes do not fit, there is no row, or an id is out of range.
    """
    if query.dim() != 2 or item_vectors.shape[1:] != query.shape[1:]:
        raise ValueError(
            "query must be [n, E] and item_vectors [N + 1, E], "
            f"got {list(query.shape)} and {list(item_vectors.shape)}"
        )
    if not len(query) or target_ids.shape != query.shape[:1]:
        raise ValueError(
            f"target_ids must be [n] to fit query [n, E] with n of at least 1, "
            f"got {list(target_ids.shape)} and {list(query.shape)}"
        )
    target_ids = require_ids("target_ids", target_ids, 1, len(item_vectors) - 1)
    require_whole(chunk=chunk)
    wide = torch.promote_types(query.dtype, torch.float32)
    with torch.autocast(query.device.type, enabled=False):
        return _FullSoftmax.apply(
            query.to(wide),
            item_vectors.to(wide),
            target_ids,
            chunk,
            torch.is_grad_enabled(),
        )


class _FullSoftmax(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx,
        query: Tensor,
        item_vectors: Tensor,
        target_ids: Tensor,
        chunk: int,
        needed: bool,
    ) -> Tensor:
        items = item_vectors[1:]  # [N, E]
        rows = max(1, chunk // len(items))
        held = query.new_empty(min(rows, len(query)), len(items))
        loss = query.new_zeros(())
        if needed:
            query_gradient = torch.empty_like(query)
            item_gradient = torch.zeros_like(item_vectors)
        for start in range(0, len(query), rows):
            part = slice(start, start + rows)
            chosen = target_ids[part, None] - 1  # [rows, 1]
            # one place for all: fresh memory of this size costs as much as the product
            logits = held[: len(chosen)]  # [rows, N]
            torch.mm(query[part], items.T, out=logits)
            logits -= logits.amax(1, keepdim=True)
            loss -= logits.gather(1, chosen).sum()
            odds = logits.exp_()
            total = odds.sum(1, keepdim=True)  # [rows, 1]
            loss += total.log().sum()
            if needed:
                # of -log p(chosen): the probabilities odds / total, less 1 at the
                # chosen one; divided where there are E columns, not N
                odds.scatter_add_(1, chosen, -total)
                torch.mm(odds, items, out=query_gradient[part]).div_(total)
                item_gradient[1:].addmm_(odds.T, query[part] / total)
        if needed:
            ctx.save_for_backward(query_gradient, item_gradient)
        ctx.count = len(query)
        return loss / len(query)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, gradient: Tensor) -> tuple[Tensor | None, ...]:
        share = gradient / ctx.count
        return *(share * saved for saved in ctx.saved_tensors), None, None, None
