"""Cross entropy over the whole catalog without holding all its logits."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from seqviz.arguments import require_ids, require_whole

BLOCK = 2048  # items compared at a time, so that their logits stay in the cache
WHOLE = 16  # float32 numbers of a processor's widest vector
LOG_2 = math.log(2)
LARGEST = 50.0  # a logit whose exponential is far from the end of float32


def full_softmax_loss(
    query: Tensor, item_vectors: Tensor, target_ids: Tensor, *, chunk: int = 5 * 2**20
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

    Example:
        >>> query = torch.zeros(1, 4)  # nothing is known, so four items are equal
        >>> full_softmax_loss(query, torch.randn(5, 4), torch.tensor([2]))  # log 4
        tensor(1.3863)
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
        blocks = items.split(BLOCK) if query.device.type == "cpu" else (items,)
        rows = max(1, chunk // len(items))
        rows = min(rows // WHOLE * WHOLE or rows, len(query))
        # one place for all: fresh memory of this size costs as much as the product
        held = [query.new_empty(len(block) * rows) for block in blocks]
        shifted = not _small(query, items)
        true = items[target_ids - 1]  # [n, E]
        loss = -(query * true).sum(1, keepdim=True)  # [n, 1]
        if needed:
            query_gradient = torch.empty_like(query)
            item_gradient = torch.empty_like(item_vectors)
            item_gradient[0] = 0
            into = item_gradient[1:].split([len(block) for block in blocks])
        for start in range(0, len(query), rows):
            now = slice(start, start + rows)
            part = query[now]
            places = [
                place[: len(block) * len(part)].view(len(block), -1)
                for place, block in zip(held, blocks, strict=True)
            ]
            log_total, total = _odds(part, blocks, places, shifted)
            loss[now] += log_total
            if needed:
                # of -log p(chosen): the probabilities, which are odds / total, less 1
                # at the chosen one; divided where there are E columns, not N
                slope = query_gradient[now]
                share = part / total
                for place, (odds, block) in enumerate(zip(places, blocks, strict=True)):
                    torch.addmm(slope, odds.T, block, beta=place > 0, out=slope)
                    into[place].addmm_(odds, share, beta=start > 0)
                slope /= total
        if needed:
            query_gradient -= true
            item_gradient.index_add_(0, target_ids, query, alpha=-1)
            ctx.save_for_backward(query_gradient, item_gradient)
        ctx.count = len(query)
        return loss.mean()

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, gradient: Tensor) -> tuple[Tensor | None, ...]:
        share = gradient / ctx.count
        return *(share * saved for saved in ctx.saved_tensors), None, None, None


def _odds(
    query: Tensor, blocks: Sequence[Tensor], places: Sequence[Tensor], shifted: bool
) -> tuple[Tensor, Tensor]:
    """Fill the places ``[block, rows]`` with odds.

    A row for each item, since its gradient is then the faster of the two products.

    Returns:
        The logarithm of each row's sum of exponentials, ``[rows, 1]``, and its total of
        the odds: the same sum, divided by the row's largest if ``shifted``.
    """
    # powers of two, which torch takes in a third of the time of exp
    question = (query / LOG_2).T  # [E, rows]
    total = query.new_zeros(len(query))
    largest = torch.full_like(total, -torch.inf)
    for block, place in zip(blocks, places, strict=True):
        torch.mm(block, question, out=place)
        if shifted:
            largest = torch.maximum(largest, place.amax(0))
        else:  # while the block is in the cache
            total += place.exp2_().sum(0)
    if shifted:
        for place in places:
            total += place.sub_(largest).exp2_().sum(0)
    log_total = total.log()
    if shifted:
        log_total += largest * LOG_2
    return log_total[:, None], total[:, None]


def _small(query: Tensor, items: Tensor) -> bool:
    """Whether no logit is so large that its exponential needs a shift.

    Read on the CPU only: on an accelerator it would stop the queue.
    """
    if query.device.type != "cpu":
        return False
    most = query.norm(dim=1).max() * items.norm(dim=1).max()
    return bool(most < LARGEST)
