"""How good a recommender's lists are: user by user, and in the mean."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from seqviz.data import Examples, Ragged
from seqviz.experiments.recommend import (
    Recommender,
    best_items,
    one_an_item,
    scored_by_each,
)
from seqviz.metrics import diversity, hit_rate, ndcg, recall


@torch.no_grad()
def evaluate_users(
    recommender: Recommender,
    examples: Examples,
    *,
    at: Sequence[int] = (20, 50),
    length: int = 50,
    batch_size: int = 128,
    exclude_seen: bool = False,
    categories: np.ndarray | None = None,
    device: torch.device | str | None = None,
) -> dict[str, np.ndarray]:
    """Recall, NDCG and hit rate of each user's list at each N, full catalog.

    Args:
        recommender: a model, which is put in eval mode for the time, or a baseline.
        examples: histories with their true next items, one row for each user; repeated
            truths count once.
        at: the list lengths N.
        length: T, how much of a history is read.
        exclude_seen: leave the items of the whole history out, also of what ``length``
            cuts off. A true item that she had before can then not be found, so it does
            not count as one. Off by default: people buy again.
        categories: ``[N + 1]`` category ids; adds diversity.
        device: where the batches go; where the model is, if not given.

    Returns:
        float32 ``[U]``, in the order of the examples: ``"recall@20"``, ``"ndcg@20"``,
        ``"hit_rate@20"``; ``"recall@20 repeat"`` and ``"recall@20 explore"``, the
        recall of the true items that the whole history holds and does not hold; with
        ``categories`` ``"diversity@20"``. NaN where a user has no such true item.

    Raises:
        TypeError, ValueError: no example, none with a new true item, NaN among the
            scores, categories that are not ``[N + 1]``, or more items asked for than
            are left.

    Example:
        >>> from seqviz.data import load_shop, split_by_user
        >>> from seqviz.models.counting import MostPopular
        >>> shop = load_shop(num_users=60)
        >>> split = split_by_user(shop.interactions)
        >>> popular = MostPopular(split.train, shop.catalog.num_items)
        >>> evaluate_users(popular, split.test, at=[20])["recall@20"].shape  # [U]
        (6,)
    """
    (values,) = evaluate_each(
        [recommender],
        examples,
        at=at,
        length=length,
        batch_size=batch_size,
        exclude_seen=exclude_seen,
        categories=categories,
        device=device,
    )
    return values


@torch.no_grad()
def evaluate_each(
    recommenders: Sequence[Recommender],
    examples: Examples,
    *,
    at: Sequence[int] = (20, 50),
    length: int = 50,
    batch_size: int = 512,
    exclude_seen: bool = False,
    categories: np.ndarray | None = None,
    device: torch.device | str | None = None,
) -> list[dict[str, np.ndarray]]:
    """``evaluate_users`` of several recommenders, in one pass over the users.

    Batches and true items are looked up once and the lists of all are read together;
    with a large catalog the scores take most of the time, and those stay as they are
    (`make bench`, case "checkpoints").

    Args:
        recommenders: of one catalog, on one device.
        examples, at, length, exclude_seen, categories, device: as there.

    Returns:
        What ``evaluate_users`` returns, for each.

    Raises:
        TypeError, ValueError: what ``evaluate_users`` raises, or no recommender.

    Example:
        >>> from seqviz.data import load_shop, split_by_user
        >>> from seqviz.models import MeanPooling
        >>> split = split_by_user(load_shop(num_users=60).interactions)
        >>> models = [MeanPooling(num_items=240) for _ in range(3)]
        >>> len(evaluate_each(models, split.test, at=[20]))
        3
    """
    if not recommenders:
        raise ValueError("recommenders must hold at least one, got none")
    found = _measured(
        recommenders, examples, at, length, batch_size, exclude_seen, categories, device
    )
    return [values for values, _ in found]


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
    """The mean over the users of what ``evaluate_users`` returns; arguments as there.

    Returns:
        ``{"recall@20": ..., "ndcg@20": ..., "coverage@20": ..., ...}``, each the mean
        over the users that have a value, NaN if none has; ``"coverage@20"``, the share
        of the catalog in at least one list; with ``exclude_seen`` ``"left_out"``, the
        number of users without a true item that is new to them.

    Raises:
        TypeError, ValueError: what ``evaluate_users`` raises.

    Example:
        >>> from seqviz.data import load_shop, split_by_user
        >>> from seqviz.models.counting import MostPopular
        >>> shop = load_shop(num_users=60)
        >>> split = split_by_user(shop.interactions)
        >>> popular = MostPopular(split.train, shop.catalog.num_items)
        >>> sorted(evaluate(popular, split.test, at=[20]))[:3]
        ['coverage@20', 'hit_rate@20', 'ndcg@20']
    """
    ((values, listed),) = _measured(
        [recommender],
        examples,
        at,
        length,
        batch_size,
        exclude_seen,
        categories,
        device,
    )
    result = {name: _mean(value) for name, value in values.items()}
    for n, in_a_list in zip(at, listed, strict=True):
        result[f"coverage@{n}"] = int(in_a_list.sum()) / (len(in_a_list) - 1)
    if exclude_seen:
        result["left_out"] = int(np.isnan(values[f"hit_rate@{at[0]}"]).sum())
    return result


def _measured(
    recommenders: Sequence[Recommender],
    examples: Examples,
    at: Sequence[int],
    length: int,
    batch_size: int,
    exclude_seen: bool,
    categories: np.ndarray | None,
    device: torch.device | str | None,
) -> list[tuple[dict[str, np.ndarray], list[Tensor]]]:
    """The values of the users, and the items ``[N + 1]`` of the lists at each N."""
    S = len(recommenders)
    values: dict[str, list[Tensor]] = {}
    listed: list[Tensor] = []  # [S, N + 1] at each N
    for batch, of_each, part in scored_by_each(
        recommenders, examples, length, batch_size, device
    ):
        lists = []
        for scores in of_each:
            if exclude_seen:
                scores = _without(scores, part.histories)
            lists.append(best_items(scores, max(at)))
        top = torch.cat(lists)  # [S * B, N]
        truths = _Truths.of(batch.truths, part.histories, top.device)
        if exclude_seen:
            truths = truths._replace(counted=truths.counted & ~truths.known)
        rows = truths.again(S).values(top, at)
        if not listed:
            shape = S, scores.shape[1]
            listed = [top.new_zeros(shape, dtype=torch.bool) for _ in at]
        for n, in_a_list in zip(at, listed, strict=True):
            in_a_list.scatter_(1, top[:, :n].reshape(S, -1), True)
            if categories is not None:
                of_item = one_an_item(categories, scores)
                rows[f"diversity@{n}"] = diversity(of_item[top[:, :n]])
        for name, row in rows.items():
            values.setdefault(name, []).append(row.view(S, -1))
    arrays = {name: torch.cat(rows, 1).cpu().numpy() for name, rows in values.items()}
    if np.isnan(arrays[f"recall@{at[0]}"]).all():
        raise ValueError(
            "examples must hold a true item that is not in its history, got none in "
            f"{len(examples)} rows"
        )
    return [
        ({name: own[s] for name, own in arrays.items()}, [own[s] for own in listed])
        for s in range(S)
    ]


class _Truths(NamedTuple):
    """The true items of B users, sorted, so that a list finds them by bisection."""

    ids: Tensor
    """int64 ``[B, R]``, ascending."""
    counted: Tensor
    """bool ``[B, R]``, False at padding and where an id is there again."""
    known: Tensor
    """bool ``[B, R]``, True where the whole history holds the id."""

    @classmethod
    def of(cls, truths: Tensor, histories: Ragged, device: torch.device) -> "_Truths":
        """From truths ``[B, R]``, padded with 0."""
        ids = truths.sort(1).values
        counted = ids.diff(dim=1, prepend=ids.new_zeros(len(ids), 1)) > 0
        # a user and an item as one number
        size = 1 + max(int(ids.max()), int(histories.flat().max(initial=0)))
        rows, items = _events(histories)
        own = torch.arange(len(ids))[:, None] * size + ids.cpu()
        known = torch.from_numpy(np.isin(own, rows * size + items))
        return cls(*(x.to(device) for x in (ids, counted, known)))

    def again(self, count: int) -> "_Truths":
        """The same for each of ``count`` recommenders: ``[count * B, R]``."""
        return _Truths(*(x.repeat(count, 1) for x in self)) if count > 1 else self

    def values(self, top: Tensor, at: Sequence[int]) -> dict[str, Tensor]:
        """Every metric of the lists ``[B, N]`` at each n: float32 ``[B]``."""
        place = torch.searchsorted(self.ids, top).clamp(max=self.ids.shape[1] - 1)
        found = self.ids.gather(1, place) == top  # [B, N]
        result = {}
        for kind, group in (
            ("", self.counted),
            (" repeat", self.counted & self.known),
            (" explore", self.counted & ~self.known),
        ):
            hits, num_truths = found & group.gather(1, place), group.sum(1)
            some = num_truths > 0  # [B]
            hits, num_truths = hits[some], num_truths[some]
            for n in at:
                rows = {f"recall@{n}{kind}": recall(hits[:, :n], num_truths)}
                if not kind:
                    rows[f"ndcg@{n}"] = ndcg(hits[:, :n], num_truths)
                    rows[f"hit_rate@{n}"] = hit_rate(hits[:, :n])
                for name, row in rows.items():
                    value = row.new_full(some.shape, torch.nan)
                    result[name] = value.masked_scatter(some, row)
        return result


def _events(histories: Ragged) -> tuple[Tensor, Tensor]:
    """The row and the item of every event of the histories, one after the other."""
    rows = np.repeat(np.arange(len(histories)), histories.lengths)
    return torch.from_numpy(rows), torch.from_numpy(histories.flat())


def _without(scores: Tensor, histories: Ragged) -> Tensor:
    """``[B, N + 1]`` scores with -inf at the items of each whole history."""
    events = tuple(x.to(scores.device) for x in _events(histories))
    return scores.index_put(events, scores.new_tensor(-torch.inf))


def _mean(values: np.ndarray) -> float:
    """Over the users that have a value; NaN if none has."""
    there = values[~np.isnan(values)]
    return float(there.mean(dtype=np.float64)) if len(there) else float("nan")
