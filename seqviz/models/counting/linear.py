"""A linear model of items on items, in closed form."""

import torch
from torch import Tensor

from seqviz.arguments import require_number, require_whole
from seqviz.data import Batch, Examples
from seqviz.models.counting.events import chosen_items, distinct_history
from seqviz.models.counting.ties import by_id

MOST_ITEMS = 20_000  # a dense N x N of 3 GB, and three of them while it is inverted


class EASE:
    """Predicts each item of a user from her other items, all weights at once.

    Ridge regression of every column of X on all others, X ``[U, N]`` with 1 where a
    training user has the item: with P = (X^T X + lambda I)^-1 the weights are
    B = I - P diag(1 / diag P), and no item speaks for itself.

    Args:
        train: the examples to count in.
        num_items: N; the N x N weights are dense, in float64.
        regularization: lambda. It wants tuning: it weighs against numbers of users.

    Source: Steck 2019 (arXiv 1905.03375).

    Raises:
        ValueError: N above 20,000.

    Example:
        >>> from seqviz.data import batches, load_shop, split_by_user
        >>> train = split_by_user(load_shop(num_users=40).interactions).train
        >>> batch = next(iter(batches(train, 4, 20)))
        >>> list(EASE(train, 240).scores(batch).shape)  # [B, N + 1]
        [4, 241]
    """

    def __init__(
        self, train: Examples, num_items: int, regularization: float = 500.0
    ) -> None:
        require_number(low=0, ends=False, regularization=regularization)
        require_whole(num_items=num_items)
        if num_items > MOST_ITEMS:
            raise ValueError(
                f"num_items must be at most {MOST_ITEMS} for EASE, got {num_items}: "
                f"its dense N x N would take {8e-9 * num_items**2:,.0f} GB, and three "
                "times as much while it is inverted; use ItemKNN"
            )
        self.num_items = num_items
        X = chosen_items(train, num_items)[:, 1:]  # [U, N]
        gram = torch.from_numpy((X.T @ X).toarray())
        gram.diagonal().add_(regularization)
        P = torch.cholesky_inverse(torch.linalg.cholesky(gram))
        weights = torch.zeros(num_items + 1, num_items + 1, dtype=torch.float64)
        weights[1:, 1:] = -P / P.diagonal()
        self.weights = weights.fill_diagonal_(0)  # [N + 1, N + 1]

    def scores(self, batch: Batch) -> Tensor:
        """``[B, N + 1]``: weights summed over the distinct items of the history."""
        scores = distinct_history(batch, self.num_items) @ self.weights.numpy()
        return by_id(scores, batch.item_ids.device)
