"""Ask a recommender for its lists over the full catalog, and measure them."""

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from seqviz.data import Batch, Examples, batches
from seqviz.metrics import coverage, diversity, hit_rate, ndcg, recall
from seqviz.retrieval.exact import top_columns


class Recommender(Protocol):
    """Anything that scores the catalog for a batch of histories."""

    def scores(self, batch: Batch) -> Tensor:
        """``[B, N + 1]``; column 0 is padding."""


@torch.no_grad()
def recommend(
    recommender: Recommender, batch: Batch, n: int, *, exclude_seen: bool = False
) -> Tensor:
    """The best ``n`` item ids for each history, best first: ``[B, n]``.

    Padding is never recommended. With ``exclude_seen`` the items of the (padded)
    history are not either.

    Raises:
        ValueError: fewer than ``n`` items are left for a history.
    """
    return _best(recommender.scores(batch), batch, n, exclude_seen)


@torch.no_grad()
def evaluate(
    recommender: Recommender,
    examples: Examples,
    *,
    at: Sequence[int] = (20, 50),
    length: int = 50,
    batch_size: int = 128,
    exclude_seen: bool = False,
    categories: np.ndarray | None = None,
    device: torch.device | str | None = None,
) -> dict[str, float]:
    """Means over the examples of Recall, NDCG and hit rate at each N, full catalog.

    Args:
        recommender: a model, which is put in eval mode for the time, or a baseline.
        examples: histories with their true next items; repeated truths count once.
        at: the list lengths N.
        length: T, how much of a history is read.
        exclude_seen: leave the items of the history out. Off by default: people buy
            again.
        categories: ``[N + 1]`` category ids; adds diversity.
        device: where the batches go; where the model is, if not given.

    Returns:
        ``{"recall@20": ..., "ndcg@20": ..., "hit_rate@20": ..., "coverage@20": ...}``,
        with ``"diversity@20"`` when ``categories`` is given.
    """
    values: dict[str, list[Tensor]] = {}
    lists = []
    for batch, scores in _scored(recommender, examples, length, batch_size, device):
        top = _best(scores, batch, max(at), exclude_seen)
        lists.append(top)
        hits, num_truths = _hits(top, batch.truths)
        for n in at:
            row = {
                f"recall@{n}": recall(hits[:, :n], num_truths),
                f"ndcg@{n}": ndcg(hits[:, :n], num_truths),
                f"hit_rate@{n}": hit_rate(hits[:, :n]),
            }
            if categories is not None:
                of_item = torch.as_tensor(categories, device=top.device)
                row[f"diversity@{n}"] = diversity(of_item[top[:, :n]])
            for name, value in row.items():
                values.setdefault(name, []).append(value)

    result = {name: float(torch.cat(parts).mean()) for name, parts in values.items()}
    num_items = scores.shape[1] - 1
    for n in at:
        result[f"coverage@{n}"] = coverage(torch.cat(lists)[:, :n], num_items)
    return result


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
        (``new``); and each group's share of the true items (``main_share``, ...).
    """
    found, total = torch.zeros(3), torch.zeros(3)
    for batch, scores in _scored(recommender, examples, length, batch_size, device):
        top = _best(scores, batch, n, exclude_seen=False)
        of_item = torch.as_tensor(categories, device=top.device)
        counts = torch.zeros(len(top), int(of_item.max()) + 1, device=top.device)
        counts.scatter_add_(1, of_item[batch.item_ids], batch.mask.float())
        category = of_item[batch.truths]  # [B, R]
        main = category == counts.argmax(1, keepdim=True)
        known = counts.gather(1, category) > 0
        hit = (batch.truths[:, :, None] == top[:, None, :]).any(2)  # [B, R]
        for row, group in enumerate((main, known & ~main, ~known)):
            group = group & (batch.truths > 0)
            total[row] += group.sum().cpu()
            found[row] += (group & hit).sum().cpu()
    names = ("main", "minor", "new")
    recalls = dict(zip(names, (found / total).tolist(), strict=True))
    shares = zip(names, (total / total.sum()).tolist(), strict=True)
    return recalls | {f"{name}_share": share for name, share in shares}


def _scored(
    recommender: Recommender,
    examples: Examples,
    length: int,
    batch_size: int,
    device: torch.device | str | None,
) -> Iterator[tuple[Batch, Tensor]]:
    """Batches with their scores; a model is in eval mode until the last."""
    if len(examples) == 0:
        raise ValueError("examples is empty: there is nobody to evaluate")
    module = recommender if isinstance(recommender, torch.nn.Module) else None
    if device is None:
        device = next(module.parameters()).device if module else "cpu"
    was_training = module is not None and module.training
    if module is not None:
        module.eval()
    try:
        for batch in batches(examples, batch_size, length, device=device):
            yield batch, recommender.scores(batch)
    finally:
        if was_training:
            module.train()


def _best(scores: Tensor, batch: Batch, n: int, exclude_seen: bool) -> Tensor:
    """``[B, N + 1]`` scores to the ids of the best ``n``: ``[B, n]``."""
    if exclude_seen:
        scores = scores.scatter(1, batch.item_ids.to(scores.device), -torch.inf)
    items = scores[:, 1:]  # without the padding
    if 1 <= n <= items.shape[1]:
        values, columns = top_columns(items, n)
        if values.isnan().any():  # topk takes NaN for the largest
            raise ValueError("the recommender's scores hold NaN")
        if not (values == -torch.inf).any():
            return columns + 1
    left = int((items > -torch.inf).sum(1).min())
    raise ValueError(f"n must lie in 1..{left} (items left to recommend), got {n}")


def _hits(top: Tensor, truths: Tensor) -> tuple[Tensor, Tensor]:
    """Which list places hold a true item ``[B, N]``, and how many there are ``[B]``."""
    truths = truths.to(top.device)
    size = int(torch.maximum(top.max(), truths.max())) + 1
    relevant = torch.zeros(len(top), size, dtype=torch.bool, device=top.device)
    relevant.scatter_(1, truths, True)
    relevant[:, 0] = False  # padding of the truths
    ordered = truths.sort(1).values  # a truth counts where it differs from the last
    distinct = ordered.diff(dim=1, prepend=ordered.new_zeros(len(top), 1)) > 0
    return relevant.gather(1, top), distinct.sum(1)
