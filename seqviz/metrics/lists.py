"""How good a list is: accuracy, diversity, coverage.

Means are not taken here. A row without a true item has no recall: it is an error, so
that whoever takes the mean decides what such a row counts.
"""

import torch
from torch import Tensor

from seqviz.arguments import require_whole
from seqviz.layers.precision import at_least_float32
from seqviz.layers.scores import direction


def recall(hits: Tensor, num_truths: Tensor) -> Tensor:
    """Share of the true items that the list holds: ``[B, N], [B] -> [B]``.

    Raises:
        TypeError: ``hits`` is not bool.
        ValueError: the shapes do not fit, a row has no true item, or more hits than
            true items (an item stands twice in its list).

    Example:
        >>> hits = torch.tensor([[True, False, True], [False, False, False]])
        >>> recall(hits, num_truths=torch.tensor([4, 1]))
        tensor([0.5000, 0.0000])
    """
    _check_hits(hits, num_truths)
    return hits.sum(1) / num_truths


def hit_rate(hits: Tensor) -> Tensor:
    """1 where the list holds at least one true item: ``[B, N] -> [B]``.

    Example:
        >>> hit_rate(torch.tensor([[False, True], [False, False]]))
        tensor([1., 0.])
    """
    return hits.any(1).float()


def ndcg(hits: Tensor, num_truths: Tensor) -> Tensor:
    """Discounted gain over the best possible one: ``[B, N], [B] -> [B]``.

    The best list starts with all true items (as many as fit in N), found or not.
    Source: Järvelin and Kekäläinen 2002, with binary gain. Raises what ``recall``
    raises.

    Example:
        >>> hits = torch.tensor([[True, False], [False, True]])
        >>> ndcg(hits, torch.tensor([1, 1]))  # the second place is worth less
        tensor([1.0000, 0.6309])
    """
    _check_hits(hits, num_truths)
    positions = torch.arange(hits.shape[1], device=hits.device)
    discount = 1 / torch.log2(positions + 2.0)  # [N]
    ideal = discount.cumsum(0)[num_truths.clamp(max=hits.shape[1]) - 1]  # [B]
    return (hits * discount).sum(1) / ideal


def diversity(categories: Tensor) -> Tensor:
    """Share of the pairs in a list whose categories differ: ``[B, N] -> [B]``.

    With c items of a category, 1 - Σ c(c - 1) / (N(N - 1)). A list of one item has no
    pair and gets 0. Source: Cen et al. 2020, equation 13.

    Raises:
        TypeError: categories are no whole numbers.
        ValueError: another shape, an empty list, or a category below 0.

    Example:
        >>> diversity(torch.tensor([[1, 1, 1], [1, 1, 2]]))
        tensor([0.0000, 0.6667])
    """
    length = categories.shape[-1]
    counts = _counts(categories)  # [B, C]
    same = (counts * (counts - 1)).sum(1)
    return 1 - same / (length * (length - 1)) if length > 1 else same


def category_entropy(categories: Tensor) -> Tensor:
    """Entropy of a list's shares of categories, in nats: ``[B, N] -> [B]``.

    0 for one category, log N for N of them. Raises what ``diversity`` raises.

    Example:
        >>> category_entropy(torch.tensor([[1, 1, 1, 1], [1, 2, 3, 4]]))  # 0 and log 4
        tensor([0.0000, 1.3863])
    """
    counts = _counts(categories)  # [B, C]
    return torch.special.entr(counts / categories.shape[1]).sum(1)


def intra_list_distance(vectors: Tensor) -> Tensor:
    """Mean of 1 - cosine over the pairs in a list: ``[B, N, E] -> [B]``.

    The pairs are not formed: the squared length of the sum of unit vectors holds them.
    A zero vector is at distance 1 from all. A list of one item gets 0. Half precision
    is computed, and returned, in float32.

    Example:
        >>> intra_list_distance(torch.tensor([[[1.0, 0.0], [0.0, 1.0], [0.0, 2.0]]]))
        tensor([0.6667])
    """
    length = vectors.shape[1]
    if length == 1:
        return at_least_float32(vectors).new_zeros(len(vectors))
    unit = direction(at_least_float32(vectors))
    pairs = unit.sum(1).square().sum(1) - unit.square().sum((1, 2))
    return 1 - pairs / (length * (length - 1))


def coverage(lists: Tensor, num_items: int) -> float:
    """Share of the catalog that appears in at least one list ``[B, N]``, 0 for none.

    Example:
        >>> coverage(torch.tensor([[1, 2], [2, 3]]), num_items=6)
        0.5
    """
    require_whole(num_items=num_items)
    return len(lists[lists > 0].unique()) / num_items


def _check_hits(hits: Tensor, num_truths: Tensor) -> None:
    if hits.dtype != torch.bool:
        raise TypeError(f"hits must be bool, got {hits.dtype}")
    if hits.dim() != 2 or num_truths.shape != hits.shape[:1]:
        raise ValueError(
            "hits must be [B, N] and num_truths [B], got "
            f"{list(hits.shape)} and {list(num_truths.shape)}"
        )
    if (num_truths < 1).any():
        row = int((num_truths < 1).int().argmax())
        raise ValueError(
            f"num_truths must be at least 1, got {num_truths[row].item()} in row {row};"
            " leave such rows out, or say what they count"
        )
    if (hits.sum(1) > num_truths).any():
        row = int((hits.sum(1) > num_truths).int().argmax())
        raise ValueError(
            f"hits must be at most num_truths, got {int(hits[row].sum())} of "
            f"{num_truths[row].item()} in row {row}; an item stands twice in the list"
        )


def _counts(categories: Tensor) -> Tensor:
    """How many items of each category a list holds: ``[B, N] -> [B, C]``."""
    if categories.is_floating_point() or categories.dtype == torch.bool:
        raise TypeError(f"categories must be whole numbers, got {categories.dtype}")
    if categories.dim() != 2 or not categories.shape[1]:
        raise ValueError(
            f"categories must be [B, N] with N of at least 1, got "
            f"{list(categories.shape)}"
        )
    if not len(categories):
        return torch.zeros(0, 1, device=categories.device)
    low, high = (int(end) for end in categories.aminmax())
    if low < 0:
        raise ValueError(f"categories must be at least 0, got {low}")
    counts = torch.zeros(len(categories), high + 1, device=categories.device)
    ones = torch.ones_like(categories, dtype=counts.dtype)
    return counts.scatter_add_(1, categories.long(), ones)
