"""Candidates to a list that is both relevant and varied."""

import itertools
import math
from numbers import Real

import torch
from torch import Tensor


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
    """
    mask = _checked(scores, n, mask)
    _check_categories(scores, categories)
    check_weight("diversity_weight", diversity_weight)
    values = scores.double().masked_fill(~mask, -math.inf)
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
    return gains.argsort(dim=1, descending=True, stable=True)[:, :n]


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
    """
    mask = _checked(scores, n, mask)
    _check_pairs("similarity", scores, similarity)
    check_weight("relevance_weight", relevance_weight)
    if relevance_weight > 1:
        raise ValueError(f"relevance_weight must lie in 0..1, got {relevance_weight}")
    values, alike = scores.double(), similarity.double()
    nearest = torch.zeros_like(values)
    free, rows = mask.clone(), torch.arange(len(scores), device=scores.device)
    chosen = []
    for step in range(n):
        gain = relevance_weight * values - (1 - relevance_weight) * nearest
        pick = _first_best(gain.masked_fill(~free, -math.inf))
        chosen.append(pick)
        free[rows, pick] = False
        near = alike[rows, pick]  # [B, M]
        nearest = torch.maximum(nearest, near) if step else near
    return torch.stack(chosen, 1)


@torch.no_grad()
def greedy_dpp(kernel: Tensor, n: int, mask: Tensor | None = None) -> Tensor:
    """Pick items one by one so that the determinant of their kernel grows most.

    Args:
        kernel: ``[B, M, M]``, symmetric and positive semi-definite, for instance
            ``quality_i * similarity_ij * quality_j``.
        n: length of the list.
        mask: ``[B, M]`` bool, True where there is a candidate.

    Returns:
        Columns ``[B, n]`` in the order of choosing; ties, the lower column first. When
        no item adds to the volume any more, the lowest free columns follow.

    Raises:
        ValueError: a kernel that is not finite or not ``[B, M, M]``, fewer than ``n``
            candidates in a row.

    Source: Chen, Zhang and Zhou 2018, algorithm 1: a Cholesky row per pick.
    """
    if kernel.dim() != 3:
        raise ValueError(f"kernel must be [B, M, M], got {list(kernel.shape)}")
    variance = kernel.diagonal(dim1=1, dim2=2).double()  # [B, M] volume still to gain
    _check_pairs("kernel", variance, kernel)
    mask = _checked(variance, n, mask)
    smallest = 1e-10 * variance.masked_fill(~mask, 0).amax(1, keepdim=True)
    rows = torch.arange(len(kernel), device=kernel.device)
    cholesky = variance.new_zeros(*variance.shape, n)  # [B, M, n]
    free, chosen = mask.clone(), []
    for step in range(n):
        left = variance.clamp(min=0).masked_fill(variance < smallest, 0)
        pick = _first_best(left.masked_fill(~free, -1.0))
        chosen.append(pick)
        free[rows, pick] = False
        volume = left[rows, pick][:, None]  # [B, 1]
        known = cholesky @ cholesky[rows, pick][:, :, None]  # [B, M, 1]
        new = (kernel[rows, pick].double() - known[:, :, 0]) / volume.sqrt()
        new = torch.where(volume > 0, new, 0.0)
        cholesky[:, :, step] = new
        variance = variance - new**2
    return torch.stack(chosen, 1)


def list_value(
    scores: Tensor, categories: Tensor, chosen: Tensor, diversity_weight: float
) -> Tensor:
    """Sum of the scores plus the weight for every pair of different categories.

    ``[B, M], [B, M], [B, n] -> [B]``; each pair counts once.

    Raises:
        TypeError, ValueError: as for ``greedy_diversity``.
    """
    check_weight("diversity_weight", diversity_weight)
    _check_categories(scores, categories)
    own = categories.gather(1, chosen)
    differ = (own[:, :, None] != own[:, None, :]).sum((1, 2)) / 2
    return scores.double().gather(1, chosen).sum(1) + diversity_weight * differ


def brute_force(
    scores: Tensor, categories: Tensor, n: int, diversity_weight: float
) -> Tensor:
    """The list of the largest ``list_value`` among all lists: ``[B, M] -> [B, n]``.

    For small cases: it tries every choice of ``n`` among M.

    Raises:
        TypeError, ValueError: as for ``greedy_diversity``, or more than a million lists.
    """
    _checked(scores, n, None)
    _check_categories(scores, categories)
    check_weight("diversity_weight", diversity_weight)
    M = scores.shape[1]
    if math.comb(M, n) > 1_000_000:
        raise ValueError(
            f"{n} of {M} candidates are {math.comb(M, n):,} lists, more than 1,000,000"
        )
    lists = torch.tensor(
        list(itertools.combinations(range(M), n)), device=scores.device
    )
    best = lists.new_empty(len(scores), n)
    for user, (row, kinds) in enumerate(zip(scores, categories, strict=True)):
        many = row.expand(len(lists), -1), kinds.expand(len(lists), -1)
        best[user] = lists[list_value(*many, lists, diversity_weight).argmax()]
    return best


def check_weight(name: str, weight: float) -> None:
    """Raise unless the weight is finite and at least 0."""
    if isinstance(weight, bool) or not isinstance(weight, Real):
        raise TypeError(f"{name} must be a number, got {weight!r}")
    if not (math.isfinite(weight) and weight >= 0):
        raise ValueError(f"{name} must be finite and at least 0, got {weight}")


def _checked(scores: Tensor, n: int, mask: Tensor | None) -> Tensor:
    """The mask, after every row is found to have ``n`` finite candidates."""
    if scores.dim() != 2:
        raise ValueError(f"scores must be [B, M], got {list(scores.shape)}")
    if mask is None:
        mask = torch.ones_like(scores, dtype=torch.bool)
    if mask.shape != scores.shape or mask.dtype != torch.bool:
        raise ValueError(
            f"mask must be bool {list(scores.shape)}, "
            f"got {mask.dtype} {list(mask.shape)}"
        )
    fewest = int(mask.sum(1).min()) if len(mask) else scores.shape[1]
    if not 1 <= n <= fewest:
        raise ValueError(
            f"n must lie in 1..{fewest} (candidates in the row with the fewest), got {n}"
        )
    if not scores[mask].isfinite().all():
        raise ValueError("scores must be finite where there is a candidate")
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
        raise TypeError(f"categories must be integers, got {categories.dtype}")


def _check_pairs(name: str, scores: Tensor, pairs: Tensor) -> None:
    B, M = scores.shape
    if pairs.shape != (B, M, M):
        raise ValueError(f"{name} must be {[B, M, M]}, got {list(pairs.shape)}")
    if not pairs.isfinite().all():
        raise ValueError(f"{name} must be finite")


def _first_best(values: Tensor) -> Tensor:
    """Column of the largest value, the lowest among equals: ``[B, M] -> [B]``."""
    return (values == values.amax(1, keepdim=True)).int().argmax(1)
