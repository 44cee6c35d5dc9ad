"""Ask a recommender for its lists over the full catalog."""

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from seqviz.arguments import require_ids, require_whole
from seqviz.data import Batch, Examples, batches
from seqviz.retrieval.exact import top_columns

SCORES = 2**20  # how many to hold at a time


class Recommender(Protocol):
    """Anything that scores the catalog for a batch of histories.

    Example:
        >>> from seqviz.models import MeanPooling
        >>> callable(MeanPooling(num_items=240).scores)  # all that is asked
        True
    """

    def scores(self, batch: Batch) -> Tensor:
        """``[B, N + 1]``; column 0 is padding."""


@torch.no_grad()
def recommend(
    recommender: Recommender, batch: Batch, n: int, *, seen: Tensor | None = None
) -> Tensor:
    """The best ``n`` item ids for each history, best first: ``[B, n]``.

    Args:
        recommender: a model or a baseline.
        batch: the histories.
        n: how many.
        seen: ids ``[B, S]`` to leave out, 0 for none. ``batch.item_ids`` are the last T
            items of each history, which may be fewer than she has seen.

    Padding is never recommended.

    Raises:
        TypeError, ValueError: ``seen`` are no ids or not a row for each history, or
            fewer than ``n`` items are left for one.

    Example:
        >>> from seqviz.data import batches, load_shop, split_by_user
        >>> from seqviz.models import MeanPooling
        >>> split = split_by_user(load_shop(num_users=60).interactions)
        >>> batch = next(iter(batches(split.test, 4, 20)))
        >>> list(recommend(MeanPooling(num_items=240), batch, 10).shape)  # [B, n]
        [4, 10]
    """
    scores = recommender.scores(batch)
    if seen is not None:
        if seen.dim() != 2 or len(seen) != len(scores):
            raise ValueError(
                f"seen must be [B, S] with B = {len(scores)}, got {list(seen.shape)}"
            )
        seen = require_ids("seen", seen, 0, scores.shape[1] - 1)
        scores = scores.scatter(1, seen.to(scores.device), -torch.inf)
    return best_items(scores, n)


def best_items(scores: Tensor, n: int) -> Tensor:
    """``[B, N + 1]`` scores to the ids of the best ``n``: ``[B, n]``."""
    items = scores[:, 1:]  # without the padding
    require_whole(n=n)
    if n <= items.shape[1]:
        values, columns = top_columns(items, n)
        if values.isnan().any():  # topk takes NaN for the largest
            raise ValueError("scores must be numbers, got NaN from the recommender")
        if not (values == -torch.inf).any():
            return columns + 1
    left = int((items > -torch.inf).sum(1).min())
    raise ValueError(f"n must lie in 1..{left} (items left to recommend), got {n}")


def scored(
    recommender: Recommender,
    examples: Examples,
    length: int,
    batch_size: int,
    device: torch.device | str | None,
) -> Iterator[tuple[Batch, Tensor, Examples]]:
    """Batches, their scores and their examples; a model is in eval mode meanwhile."""
    for batch, (scores,), part in scored_by_each(
        [recommender], examples, length, batch_size, device
    ):
        yield batch, scores, part


def scored_by_each(
    recommenders: Sequence[Recommender],
    examples: Examples,
    length: int,
    batch_size: int,
    device: torch.device | str | None,
) -> Iterator[tuple[Batch, Iterator[Tensor], Examples]]:
    """``scored`` of several, each batch made once, the scores of one at a time."""
    if len(examples) == 0:
        raise ValueError("examples must hold at least one row, got none")
    modules = [r for r in recommenders if isinstance(r, torch.nn.Module)]
    if device is None:
        device = next(modules[0].parameters()).device if modules else "cpu"
    # as many rows as keep the scores small: fresh memory costs more than a second batch
    num_items = int(examples.histories.values.max(initial=1))
    batch_size = min(batch_size, max(1, SCORES // num_items))
    training = [module for module in modules if module.training]
    for module in modules:
        module.eval()
    try:
        start = 0
        for batch in batches(examples, batch_size, length, device=device):
            part = slice(start, start + len(batch.item_ids))
            start = part.stop
            scores = (recommender.scores(batch) for recommender in recommenders)
            yield batch, scores, examples.select(part)
    finally:
        for module in training:
            module.train()


def one_an_item(categories: np.ndarray, scores: Tensor) -> Tensor:
    """The categories as a tensor, after they are found to be one for each item."""
    of_item = torch.as_tensor(categories, device=scores.device)
    if of_item.shape != scores.shape[1:]:
        raise ValueError(
            f"categories must have shape [N + 1] = [{scores.shape[1]}], got "
            f"{list(of_item.shape)}"
        )
    return of_item
