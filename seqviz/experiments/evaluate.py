"""Ask a recommender for its lists over the full catalog, and measure them."""

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from seqviz.arguments import require_ids, require_whole
from seqviz.data import Batch, Examples, Ragged, batches
from seqviz.metrics import coverage, diversity, hit_rate, ndcg, recall
from seqviz.retrieval.exact import top_columns


class Recommender(Protocol):
    """Anything that scores the catalog for a batch of histories."""

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
        TypeError, ValueError: ``seen`` are no ids, or fewer than ``n`` items are left
            for a history.
    """
    scores = recommender.scores(batch)
    if seen is not None:
        seen = require_ids("seen", seen, 0, scores.shape[1] - 1)
        scores = scores.scatter(1, seen.to(scores.device), -torch.inf)
    return _best(scores, n)


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
        exclude_seen: leave the items of the whole history out, also of what ``length``
            cuts off. A true item that she had before can then not be found, so it does
            not count as one, and an example with no other is left out of the means
            (``"left_out"`` says how many). Off by default: people buy again.
        categories: ``[N + 1]`` category ids; adds diversity.
        device: where the batches go; where the model is, if not given.

    Returns:
        ``{"recall@20": ..., "ndcg@20": ..., "hit_rate@20": ..., "coverage@20": ...}``,
        with ``"diversity@20"`` when ``categories`` is given.

    Raises:
        TypeError, ValueError: no example, none with a new true item, NaN among the
            scores, categories that are not ``[N + 1]``, or more items asked for than
            are left.
    """
    values: dict[str, list[Tensor]] = {}
    lists, left_out = [], 0
    for batch, scores, part in _scored(
        recommender, examples, length, batch_size, device
    ):
        truths = batch.truths.to(scores.device)
        if exclude_seen:
            known = _known(part.histories, scores)  # [B, N + 1]
            scores = scores.masked_fill(known, -torch.inf)
            truths = truths.masked_fill(known.gather(1, truths), 0)
        top = _best(scores, max(at))
        lists.append(top)
        hits, num_truths = _hits(top, truths)
        counted = num_truths > 0  # all, unless seen items are left out
        left_out += int((~counted).sum())
        hits, num_truths = hits[counted], num_truths[counted]
        for n in at:
            row = {
                f"recall@{n}": recall(hits[:, :n], num_truths),
                f"ndcg@{n}": ndcg(hits[:, :n], num_truths),
                f"hit_rate@{n}": hit_rate(hits[:, :n]),
            }
            if categories is not None:
                of_item = _of_item(categories, scores)
                row[f"diversity@{n}"] = diversity(of_item[top[:, :n]])
            for name, value in row.items():
                values.setdefault(name, []).append(value)

    if left_out == len(examples):
        raise ValueError(
            "examples must hold a true item that is not in its history, got none in "
            f"{left_out} rows"
        )
    result = {name: float(torch.cat(parts).mean()) for name, parts in values.items()}
    num_items = scores.shape[1] - 1
    for n in at:
        result[f"coverage@{n}"] = coverage(torch.cat(lists)[:, :n], num_items)
    return result | ({"left_out": left_out} if exclude_seen else {})


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
    """
    found, total = torch.zeros(3), torch.zeros(3)
    for batch, scores, _ in _scored(recommender, examples, length, batch_size, device):
        top = _best(scores, n)
        of_item = _of_item(categories, scores)
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


def _scored(
    recommender: Recommender,
    examples: Examples,
    length: int,
    batch_size: int,
    device: torch.device | str | None,
) -> Iterator[tuple[Batch, Tensor, Examples]]:
    """Batches, their scores and their examples; a model is in eval mode meanwhile."""
    if len(examples) == 0:
        raise ValueError("examples must hold at least one row, got none")
    module = recommender if isinstance(recommender, torch.nn.Module) else None
    if device is None:
        device = next(module.parameters()).device if module else "cpu"
    was_training = module is not None and module.training
    if module is not None:
        module.eval()
    try:
        start = 0
        for batch in batches(examples, batch_size, length, device=device):
            part = slice(start, start + len(batch.item_ids))
            start = part.stop
            yield batch, recommender.scores(batch), examples.select(part)
    finally:
        if was_training:
            module.train()


def _known(histories: Ragged, scores: Tensor) -> Tensor:
    """The items of each whole history as a bool mask ``[B, N + 1]``."""
    rows = np.repeat(np.arange(len(histories)), histories.lengths)
    places = (torch.from_numpy(x).to(scores.device) for x in (rows, histories.flat()))
    known = torch.zeros_like(scores, dtype=torch.bool)
    known[tuple(places)] = True
    return known


def _of_item(categories: np.ndarray, scores: Tensor) -> Tensor:
    """The categories as a tensor, after they are found to be one an item."""
    of_item = torch.as_tensor(categories, device=scores.device)
    if of_item.shape != scores.shape[1:]:
        raise ValueError(
            f"categories must have shape [N + 1] = [{scores.shape[1]}], got "
            f"{list(of_item.shape)}"
        )
    return of_item


def _best(scores: Tensor, n: int) -> Tensor:
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


def _hits(top: Tensor, truths: Tensor) -> tuple[Tensor, Tensor]:
    """Which list places hold a true item ``[B, N]``, and how many there are ``[B]``."""
    size = int(torch.maximum(top.max(), truths.max())) + 1
    relevant = torch.zeros(len(top), size, dtype=torch.bool, device=top.device)
    relevant.scatter_(1, truths, True)
    relevant[:, 0] = False  # padding of the truths
    ordered = truths.sort(1).values  # a truth counts where it differs from the last
    distinct = ordered.diff(dim=1, prepend=ordered.new_zeros(len(top), 1)) > 0
    return relevant.gather(1, top), distinct.sum(1)
