"""Recall by what a history knows of the true items' categories."""

import numpy as np
import torch

from seqviz.data import Examples
from seqviz.experiments.recommend import (
    Recommender,
    best_items,
    one_an_item,
    scored,
)


@torch.no_grad()
def recall_by_category(
    recommender: Recommender,
    examples: Examples,
    categories: np.ndarray,
    *,
    n: int = 20,
    length: int = 50,
    batch_size: int = 128,
    device: torch.device | str | None = None,
) -> dict[str, float]:
    """Recall at ``n`` of the true items, by how well the history knows their category.

    Every true item counts once, whoever it belongs to; ``evaluate`` averages users.

    Args:
        categories: ``[N + 1]`` category ids, 0 for padding.

    Returns:
        Recall over all true items in the history's most frequent category (``main``),
        in its other categories (``minor``) and in categories that it does not hold
        (``new``), NaN for a group without a true item; and each group's share of the
        true items (``main_share``, ...).

    Raises:
        TypeError, ValueError: what ``evaluate`` raises.

    Example:
        >>> from seqviz.data import load_shop, split_by_user
        >>> from seqviz.models.counting import MostPopular
        >>> shop = load_shop(num_users=60)
        >>> split = split_by_user(shop.interactions)
        >>> popular = MostPopular(split.train, shop.catalog.num_items)
        >>> [*recall_by_category(popular, split.test, shop.catalog.category_ids)]
        ['main', 'minor', 'new', 'main_share', 'minor_share', 'new_share']
    """
    found, total = torch.zeros(3), torch.zeros(3)
    for batch, scores, _ in scored(recommender, examples, length, batch_size, device):
        top = best_items(scores, n)
        of_item = one_an_item(categories, scores)
        item_ids, mask, truths = (
            column.to(top.device)
            for column in (batch.item_ids, batch.mask, batch.truths)
        )
        counts = torch.zeros(len(top), int(of_item.max()) + 1, device=top.device)
        counts.scatter_add_(1, of_item[item_ids], mask.float())
        category = of_item[truths]  # [B, R]
        main = category == counts.argmax(1, keepdim=True)
        known = counts.gather(1, category) > 0
        hit = (truths[:, :, None] == top[:, None, :]).any(2)  # [B, R]
        for row, group in enumerate((main, known & ~main, ~known)):
            group = group & (truths > 0)
            total[row] += group.sum().cpu()
            found[row] += (group & hit).sum().cpu()
    names = ("main", "minor", "new")
    recalls = dict(zip(names, (found / total).tolist(), strict=True))
    shares = zip(names, (total / total.sum()).tolist(), strict=True)
    return recalls | {f"{name}_share": share for name, share in shares}
