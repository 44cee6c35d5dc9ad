"""The categories of a history, and what is popular in them."""

import numpy as np
import torch
from torch import Tensor

from seqviz.arguments import whole_numbers
from seqviz.data import Batch, Examples
from seqviz.models.counting.events import history, item_counts
from seqviz.models.counting.ties import by_id


class CategoryShare:
    """Share of the item's category in the history, times popularity within it.

    P(category | history) P(item | category), the latter from the training events. An
    empty history has the shares of all training events, so its list is MostPopular's.

    Args:
        train: the examples to count in.
        categories: ``[N + 1]`` category ids of at least 0, such as
            ``Catalog.category_ids``; column 0 is padding.
        num_items: N.

    Source: a class-based bigram (Brown et al. 1992), the history as what came before.

    Example:
        >>> from seqviz.data import batches, load_shop, split_by_user
        >>> shop = load_shop(num_users=40)
        >>> train = split_by_user(shop.interactions).train
        >>> count = CategoryShare(train, shop.catalog.category_ids, 240)
        >>> list(count.scores(next(iter(batches(train, 4, 20)))).shape)  # [B, N + 1]
        [4, 241]
    """

    def __init__(self, train: Examples, categories: np.ndarray, num_items: int) -> None:
        counts = torch.from_numpy(item_counts(train, num_items)).double()
        categories = whole_numbers("categories", categories)
        if categories.shape != (num_items + 1,):
            raise ValueError(
                f"categories must have shape [N + 1] = [{num_items + 1}], got "
                f"{list(categories.shape)}"
            )
        of_item = np.unique(categories, return_inverse=True)[1]
        self.num_items = num_items
        self.of_item = torch.from_numpy(of_item)  # [N + 1], 0 to C - 1
        self.totals = torch.bincount(self.of_item, counts)  # [C]
        self.within = counts / self.totals[self.of_item].clamp(min=1)  # [N + 1]

    def scores(self, batch: Batch) -> Tensor:
        """``[B, N + 1]``: share of the category, times share within it."""
        ids = history(batch, self.num_items)  # [B, T]
        behaviors = ids.new_zeros(len(ids), len(self.totals), dtype=torch.float64)
        behaviors.scatter_add_(1, self.of_item[ids], (ids != 0).double())  # [B, C]
        known = (ids != 0).any(1, keepdim=True)
        behaviors = torch.where(known, behaviors, self.totals)
        share = behaviors / behaviors.sum(1, keepdim=True)
        scores = share[:, self.of_item] * self.within
        return by_id(scores, batch.item_ids.device)
