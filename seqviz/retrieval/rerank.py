"""Candidates to a list that is both relevant and varied."""

import itertools
import math

import torch
from torch import Tensor

from seqviz.arguments import require_mask, require_number, require_whole
from seqviz.layers.precision import in_float64


@torch.no_grad()
def greedy_diversity(
    scores: Tensor,
    categories: Tensor,
    n: int,
    diversity_weight: float,
    mask: Tensor | None = None,
) -> Tensor:
    """Pick items one by one, each time the one with the largest gain.

    The gain of item i, given the items chosen so far, is its score plus
    ``diversity_weight`` times the number of chosen items of another category. That is
    Algorithm 2 of the ComiRec paper. The paper's value Q(u, S) sums over ordered pairs,
    so a pair counts twice there: λ in Q is ``diversity_weight = 2 * λ`` here.

    No loop runs over the picks. Chosen items of another category are all chosen items
    without those of its own, so the order of the gains is that of the score minus
    ``diversity_weight`` times the place that the item has in its own category. One
    sort finds the places, another the list. As the gains within a category only fall,
    the list is the best one of its length, not only the greedy one.

    Args:
        scores: ``[B, M]``, finite where the mask is True.
        categories: ``[B, M]`` integers.
        n: length of the list; at most the candidates of the row with the fewest.
        diversity_weight: 0 (the best scores) or more. So large that a score is lost
            when the two are added, it leaves the order of equal gains to the column.
        mask: ``[B, M]`` bool, True where there is a candidate; all, if not given.

    Returns:
        Columns ``[B, n]`` in the order of choosing; equal gains, the lower column
        first.

    Raises:
        TypeError: a weight that is no number, categories that are no integers.
        ValueError: a negative or non-finite weight, scores that are not finite,
            shapes that differ, fewer than ``n`` candidates in a row (a row without
            any is such a row).

    Source: Cen et al. 2020, section 3.4.

    Example:
        >>> scores = torch.tensor([[3.0, 2.9, 1.0]])
        >>> categories = torch.tensor([[1, 1, 2]])
        >>> greedy_diversity(scores, categories, 2, diversity_weight=0.0)
        tensor([[0, 1]])
        >>> greedy_diversity(scores, categories, 2, diversity_weight=5.0)
        tensor([[0, 2]])
    """
    mask = _checked(scores, n, mask)
    _check_categories(scores, categories)
    require_number(low=0, diversity_weight=diversity_weight)
    values = in_float64(scores)
    mask, categories = mask.to(values.device), categories.to(values.device)
    values = values.masked_fill(~mask, -math.inf)
    # best first within a category: by score, then (stable) by category
    by_score = values.argsort(dim=1, descending=True, stable=True)
    grouped, order = categories.gather(1, by_score).sort(dim=1, stable=True)
    by_category = by_score.gather(1, order)  # [B, M] columns
    place = torch.ones_like(values).cumsum(1)  # from 1: only differences count
    starts = torch.ones_like(mask)
    starts[:, 1:] = grouped[:, 1:] != grouped[:, :-1]
    first = torch.where(starts, place, 0).cummax(1).values
    gains = values.gather(1, by_category) - diversity_weight * (place - first)
    gains = torch.empty_like(values).scatter_(1, by_category, gains)
    order = gains.argsort(dim=1, descending=True, stable=True)
    return order[:, :n].to(scores.device)


@torch.no_grad()
def maximal_marginal_relevance(
    scores: Tensor,
    similarity: Tensor,
    n: int,
    relevance_weight: float,
    mask: Tensor | None = None,
) -> Tensor:
    """Pick items one by one by score, less the likeness to the nearest chosen item.

    Args:
        scores: ``[B, M]``.
        similarity: ``[B, M, M]``.
        n: length of the list.
        relevance_weight: from 0 (only unlike items) to 1 (only the scores).
        mask: ``[B, M]`` bool, True where there is a candidate.

    Returns:
        Columns ``[B, n]`` in the order of choosing; ties, the lower column first.

    Raises:
        TypeError, ValueError: as for ``greedy_diversity``; a weight outside 0..1, a
            similarity that is not finite.

    Source: Carbonell and Goldstein 1998.

    Example:
        >>> scores = torch.tensor([[3.0, 2.9, 1.0]])
        >>> similarity = torch.tensor([[[1.0, 1, 0], [1, 1, 0], [0, 0, 1]]])
        >>> maximal_marginal_relevance(scores, similarity, 2, relevance_weight=0.3)
        tensor([[0, 2]])
    """
    mask = _checked(scores, n, mask)
    _check_pairs("similarity", scores, similarity)
    require_number(low=0, high=1, relevance_weight=relevance_weight)
    values = in_float64(scores)
    alike = in_float64(similarity).to(values.device)
    nearest = torch.zeros_like(values)
    free = mask.to(values.device, copy=True)
    rows = torch.arange(len(values), device=values.device)
    chosen = []
    for step in range(n):
        gain = relevance_weight * values - (1 - relevance_weight) * nearest
        pick = _first_best(gain.masked_fill(~free, -math.inf))
        chosen.append(pick)
        free[rows, pick] = False
        near = alike[rows, pick]  # [B, M]
        nearest = torch.maximum(nearest, near) if step else near
    return torch.stack(chosen, 1).to(scores.device)


@torch.no_grad()
def greedy_dpp(
    kernel: Tensor,
    n: int,
    mask: Tensor | None = None,
    *,
    regularization: float = 0.0,
) -> Tensor:
    """Pick items one by one so that the determinant of their kernel grows most.

    A kernel of rank r, such as one of products of r entries, spans r dimensions: the
    determinant of more items is 0, and what an (r + 1)-th pick adds is rounding. With
    ``regularization`` each item has a small direction of its own; once the kernel is
    used up, the largest diagonals, the quality, go before the small ones.

    Args:
        kernel: ``[B, M, M]``, symmetric and positive semi-definite, for instance
            ``quality_i * similarity_ij * quality_j``; float32 or float64, as it was
            computed.
        n: length of the list, at most the rank of every kernel unless regularized.
        mask: ``[B, M]`` bool, True where there is a candidate.
        regularization: added to the diagonal, as a share of it. 0.01 hardly moves the
            first picks; below 1,000 roundings (0.0001 in float32) it is lost in them.

    Returns:
        Columns ``[B, n]`` in the order of choosing; ties, the lower column first.

    Raises:
        TypeError: half precision, in which rounding hides the rank.
        ValueError: a kernel that is not finite or not ``[B, M, M]``, fewer than ``n``
            candidates in a row, or ``n`` above the rank of a kernel: no free item has
            more than 1,000 roundings of its own diagonal left to give.

    Source: Chen, Zhang and Zhou 2018, algorithm 1: a Cholesky row per pick.

    Example:
        >>> vectors = torch.tensor([[[2.0, 0.0], [1.9, 0.1], [0.0, 1.0]]])
        >>> greedy_dpp(vectors @ vectors.mT, n=2)  # the first two are alike
        tensor([[0, 2]])
    """
    if kernel.dim() != 3:
        raise ValueError(f"kernel must be [B, M, M], got {list(kernel.shape)}")
    if kernel.dtype not in (torch.float32, torch.float64):
        raise TypeError(f"kernel must be float32 or float64, got {kernel.dtype}")
    require_number(low=0, regularization=regularization)
    own = in_float64(kernel.diagonal(dim1=1, dim2=2))  # [B, M]
    _check_pairs("kernel", own, kernel)
    free = _checked(own, n, mask).clone()
    pairs = kernel.to(own.device)
    rounding = 1000 * torch.finfo(kernel.dtype).eps * own
    variance = own * (1 + regularization)  # volume still to gain
    rows = torch.arange(len(kernel), device=own.device)
    cholesky = own.new_zeros(*own.shape, n)  # [B, M, n]
    chosen = []
    for step in range(n):
        left = variance.masked_fill(~free | (variance <= rounding), -1.0)
        pick = _first_best(left)
        volume = left[rows, pick][:, None]  # [B, 1]
        if (volume < 0).any():
            raise ValueError(
                f"n must be at most the rank of the kernel, {step} in row "
                f"{int((volume < 0).int().argmax())}, got {n}; ask for fewer items or "
                "give a regularization"
            )
        chosen.append(pick)
        free[rows, pick] = False
        known = cholesky @ cholesky[rows, pick][:, :, None]  # [B, M, 1]
        new = (pairs[rows, pick].double() - known[:, :, 0]) / volume.sqrt()
        cholesky[:, :, step] = new
        variance = variance - new**2
    return torch.stack(chosen, 1).to(kernel.device)


def list_value(
    scores: Tensor, categories: Tensor, chosen: Tensor, diversity_weight: float
) -> Tensor:
    """Sum of the scores plus the weight for every pair of different categories.

    ``[B, M], [B, M], [B, n] -> [B]``; each pair counts once.

    Raises:
        TypeError, ValueError: as for ``greedy_diversity``.

    Example:
        >>> scores = torch.tensor([[3.0, 2.9, 1.0]])
        >>> categories = torch.tensor([[1, 1, 2]])
        >>> list_value(scores, categories, torch.tensor([[0, 2]]), diversity_weight=5.0)
        tensor([9.], dtype=torch.float64)
    """
    require_number(low=0, diversity_weight=diversity_weight)
    _check_categories(scores, categories)
    own = categories.gather(1, chosen)
    differ = (own[:, :, None] != own[:, None, :]).sum((1, 2)) / 2
    worth = in_float64(scores.gather(1, chosen)).sum(1)
    return worth + diversity_weight * differ.to(worth.device)


def brute_force(
    scores: Tensor, categories: Tensor, n: int, diversity_weight: float
) -> Tensor:
    """The list of the largest ``list_value`` among all lists: ``[B, M] -> [B, n]``.

    For small cases: it tries every choice of ``n`` among M.

    Raises:
        TypeError, ValueError: as for ``greedy_diversity``, or over a million lists.

    Example:
        >>> scores = torch.tensor([[3.0, 2.9, 1.0]])
        >>> categories = torch.tensor([[1, 1, 2]])
        >>> brute_force(scores, categories, n=2, diversity_weight=5.0)
        tensor([[0, 2]])
    """
    _checked(scores, n, None)
    _check_categories(scores, categories)
    require_number(low=0, diversity_weight=diversity_weight)
    M = scores.shape[1]
    if math.comb(M, n) > 1_000_000:
        raise ValueError(
            f"n of M candidates must be at most 1,000,000 lists, got {n} of {M}: "
            f"{math.comb(M, n):,}"
        )
    lists = torch.tensor(
        list(itertools.combinations(range(M), n)), device=scores.device
    )
    best = lists.new_empty(len(scores), n)
    for user, (row, kinds) in enumerate(zip(scores, categories, strict=True)):
        many = row.expand(len(lists), -1), kinds.expand(len(lists), -1)
        best[user] = lists[list_value(*many, lists, diversity_weight).argmax()]
    return best


def _checked(scores: Tensor, n: int, mask: Tensor | None) -> Tensor:
    """The mask, after every row is found to have ``n`` finite candidates."""
    if scores.dim() != 2:
        raise ValueError(f"scores must be [B, M], got {list(scores.shape)}")
    if mask is None:
        mask = torch.ones_like(scores, dtype=torch.bool)
    require_mask(mask, scores.shape)
    mask = mask.to(scores.device)
    require_whole(n=n)
    fewest = int(mask.sum(1).min()) if len(mask) else scores.shape[1]
    if n > fewest:
        raise ValueError(
            f"n must lie in 1..{fewest} (candidates in the row with the fewest), "
            f"got {n}"
        )
    bad = mask & ~scores.isfinite()
    if bad.any():
        raise ValueError(
            "scores must be finite where there is a candidate, got "
            f"{scores[bad][0].item()} in row {int(bad.any(1).int().argmax())}"
        )
    return mask


def _check_categories(scores: Tensor, categories: Tensor) -> None:
    if not isinstance(categories, Tensor):
        raise TypeError(
            f"categories must be a tensor [B, M], got {type(categories).__name__}"
        )
    if categories.shape != scores.shape:
        raise ValueError(
            f"categories must be [B, M] like the scores {list(scores.shape)}, "
            f"got {list(categories.shape)}"
        )
    if categories.is_floating_point():
        raise TypeError(f"categories must be whole numbers, got {categories.dtype}")


def _check_pairs(name: str, scores: Tensor, pairs: Tensor) -> None:
    B, M = scores.shape
    if pairs.shape != (B, M, M):
        raise ValueError(f"{name} must be {[B, M, M]}, got {list(pairs.shape)}")
    if not pairs.isfinite().all():
        raise ValueError(f"{name} must be finite, got NaN or infinity")


def _first_best(values: Tensor) -> Tensor:
    """Column of the largest value, the lowest among equals: ``[B, M] -> [B]``."""
    return (values == values.amax(1, keepdim=True)).int().argmax(1)
