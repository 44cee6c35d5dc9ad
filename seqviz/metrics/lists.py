"""How good a list is: accuracy, diversity, coverage."""

import torch
from torch import Tensor


def recall(hits: Tensor, num_truths: Tensor) -> Tensor:
    """Share of the true items that the list holds: ``[B, N], [B] -> [B]``."""
    return hits.sum(1) / num_truths


def hit_rate(hits: Tensor) -> Tensor:
    """1 where the list holds at least one true item: ``[B, N] -> [B]``."""
    return hits.any(1).float()


def ndcg(hits: Tensor, num_truths: Tensor) -> Tensor:
    """Discounted gain over the best possible one: ``[B, N], [B] -> [B]``.

    The best list starts with all true items (as many as fit in N), found or not.
    Source: Järvelin and Kekäläinen 2002, with binary gain.
    """
    positions = torch.arange(hits.shape[1], device=hits.device)
    discount = 1 / torch.log2(positions + 2.0)  # [N]
    ideal = discount.cumsum(0)[num_truths.clamp(max=hits.shape[1]) - 1]  # [B]
    return (hits * discount).sum(1) / ideal


def diversity(categories: Tensor) -> Tensor:
    """Share of the pairs in a list whose categories differ: ``[B, N] -> [B]``.

    With c items of a category, 1 - Σ c(c - 1) / (N(N - 1)). A list of one item has no
    pair and gets 0. Source: Cen et al. 2020, equation 13.
    """
    length = categories.shape[1]
    counts = torch.zeros(
        len(categories), int(categories.max()) + 1, device=categories.device
    )
    counts.scatter_add_(1, categories, torch.ones_like(categories, dtype=counts.dtype))
    same = (counts * (counts - 1)).sum(1)
    return 1 - same / (length * (length - 1)) if length > 1 else same


def category_entropy(categories: Tensor) -> Tensor:
    """Entropy of a list's shares of categories, in nats: ``[B, N] -> [B]``.

    0 for one category, log N for N of them.
    """
    counts = torch.zeros(
        len(categories), int(categories.max()) + 1, device=categories.device
    )
    counts.scatter_add_(1, categories, torch.ones_like(categories, dtype=counts.dtype))
    return torch.special.entr(counts / categories.shape[1]).sum(1)


def intra_list_distance(vectors: Tensor) -> Tensor:
    """Mean of 1 - cosine over the pairs in a list: ``[B, N, E] -> [B]``.

    The pairs are not formed: the squared length of the sum of unit vectors holds them.
    A zero vector is at distance 1 from all. A list of one item gets 0.
    """
    length = vectors.shape[1]
    if length == 1:
        return vectors.new_zeros(len(vectors))
    unit = torch.nn.functional.normalize(vectors, dim=2)
    pairs = unit.sum(1).square().sum(1) - unit.square().sum((1, 2))
    return 1 - pairs / (length * (length - 1))


def coverage(lists: Tensor, num_items: int) -> float:
    """Share of the catalog that appears in at least one list ``[B, N]``."""
    return len(lists.unique()) / num_items
