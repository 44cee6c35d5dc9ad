"""The loss of several models from counts, its gradient worked out by hand."""

import torch
import torch.nn.functional as F
from torch import Tensor

from seqviz.experiments.counted_histories import CountedHistories
from seqviz.layers.largest_score import largest_score

TINY = torch.finfo(torch.float32).tiny
EPS = 1e-12  # of F.normalize


@torch.no_grad()
def counted_loss(
    histories: CountedHistories,
    read: Tensor,
    items: Tensor,
    target_ids: Tensor,
    temperature: Tensor | None,
    nearest: bool,
) -> tuple[Tensor, Tensor, Tensor]:
    """Mean cross entropy of S models, and its gradients; see ``CountedStack``.

    Autograd makes a dozen tensors as large as the scores of all models, and fresh
    memory costs more than the products. Here the scores of one model stay in the cache
    until its gradient is known.

    Args:
        histories: of B rows.
        read: ``[S, N + 1, K, E + 1]``, the weighted vector of each item and its weight;
            0 for the padding.
        items: ``[S, N, E]``, what an interest is compared with, without the padding.
        target_ids: ``[S, B]``.
        temperature: ``[S]``; None compares by the inner product.
        nearest: as of ``Retriever``.

    Returns:
        The losses ``[S]``, and the gradient of their sum to ``read`` and ``items``.
    """
    B = histories.B
    total = histories.summed(read)  # [S, B, K, E + 1]
    weight = total[..., -1:]
    weight = torch.where(weight > 0, weight, 1)  # who clicked nothing has no interest
    query = interests = total[..., :-1] / weight  # [S, B, K, E]
    if temperature is not None:
        scale = temperature[:, None, None, None]
        norm = torch.linalg.vector_norm(interests, dim=-1, keepdim=True).clamp(min=EPS)
        query = interests / (norm * scale)
    place = target_ids[..., None] - 1  # [S, B, 1]
    compared = _by_nearest if nearest else _by_target
    losses, to_query, to_items = compared(query, items, place)
    to_items /= B
    to_interests = to_query.div_(B)
    if temperature is not None:
        # the part along the query changes no more than its length
        unit = query * scale
        to_interests -= unit * (unit * to_query).sum(-1, keepdim=True)
        to_interests /= norm
        to_interests /= scale
    to_total = torch.empty_like(total)
    torch.div(to_interests, weight, out=to_total[..., :-1])
    to_total[..., -1] = -(to_total[..., :-1] * interests).sum(-1)
    return losses.mean(1), histories.back(to_total), to_items


def _by_target(
    query: Tensor, items: Tensor, place: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Each row is scored by the interest that is nearest to its target.

    Returns:
        The losses ``[S, B]``, the gradient of their sum to the query and the items.
    """
    chosen, best = query[:, :, 0], None  # [S, B, E]
    if query.shape[2] > 1:
        target = items.take_along_dim(place, 1)  # [S, B, E]
        best = (query @ target[..., None]).argmax(2, keepdim=True)  # [S, B, 1, 1]
        chosen = query.take_along_dim(best, 2)[:, :, 0]
    of_target = torch.empty(place.shape, device=query.device)
    to_chosen, to_items = torch.empty_like(chosen), torch.empty_like(items)
    for s in range(len(items)):
        scores = chosen[s] @ items[s].T  # [B, N]
        to_scores, of_target[s] = _to_scores(scores, place[s])
        torch.mm(to_scores, items[s], out=to_chosen[s])
        torch.mm(to_scores.T, chosen[s], out=to_items[s])
    to_query = to_chosen[:, :, None]
    if best is not None:
        places = best.expand_as(to_query)
        to_query = torch.zeros_like(query).scatter_(2, places, to_query)
    if of_target.min() < TINY:  # its logarithm is lost
        return _cross_entropy(chosen @ items.mT, place), to_query, to_items
    return -of_target.log()[..., 0], to_query, to_items


def _by_nearest(
    query: Tensor, items: Tensor, place: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Each item is scored by its own nearest interest; returns as ``_by_target``."""
    of_target = torch.empty(place.shape, device=query.device)
    to_query, to_items = torch.empty_like(query), torch.zeros_like(items)
    for s in range(len(items)):
        first, *others = query[s].unbind(1)  # K times [B, E]
        best = first @ items[s].T  # [B, N]
        nearer = []
        for interest in others:
            score = interest @ items[s].T
            nearer.append(torch.gt(score, best, out=torch.empty_like(best)))
            torch.maximum(best, score, out=best)
        left, of_target[s] = _to_scores(best, place[s])
        for k in reversed(range(query.shape[2])):
            own = left * nearer[k - 1] if k else left
            to_query[s, :, k] = own @ items[s]
            to_items[s].addmm_(own.T, query[s, :, k])
            if k:
                left -= own
    if of_target.min() < TINY:
        return _cross_entropy(largest_score(query, items), place), to_query, to_items
    return -of_target.log()[..., 0], to_query, to_items


def _to_scores(scores: Tensor, place: Tensor) -> tuple[Tensor, Tensor]:
    """The gradient to ``[B, N]`` scores, and the chance of the target ``[B, 1]``."""
    chance = scores.softmax(1)
    of_target = chance.gather(1, place)
    chance.scatter_(1, place, of_target - 1)
    return chance, of_target


def _cross_entropy(scores: Tensor, place: Tensor) -> Tensor:
    """``[S, B, N]`` to the loss of each row."""
    return F.cross_entropy(scores.mT, place[..., 0], reduction="none")
