"""The user's own counts."""

from typing import Protocol

import torch
from torch import Tensor

from seqviz.arguments import require_number, require_whole
from seqviz.data import Batch
from seqviz.layers.precision import exact_device, in_float64
from seqviz.models.counting.events import history


class Fallback(Protocol):
    """Anything that scores the catalog for a batch of histories."""

    def scores(self, batch: Batch) -> Tensor:
        """``[B, N + 1]``; column 0 is padding."""


class PersonalFrequency:
    """What she chose most often comes first: the counts of the history in the batch.

    The order is lexicographic: a larger count always goes first; of equal counts (also
    of all that she never chose, at 0) the larger score of the fallback; then the lower
    id. The scores say this order and nothing else: their whole part is the place of
    the count among the row's counts, their fraction the place in the fallback.

    Args:
        num_items: N.
        fallback: another recommender, for what is tied. Without one, ties by id.
        half_life: after how many behaviors one counts half: the j-th before the latest
            counts 2 ** (-j / half_life). None counts all alike.

    Source: P-TopFreq of Li et al. 2023 (arXiv 2109.14233), with MostPopular as the
    fallback their GP-TopFreq. The half-life is ours.

    Example:
        >>> from seqviz.data import Batch
        >>> ids = torch.tensor([[5, 3, 5]])
        >>> scores = PersonalFrequency(9).scores(Batch(ids, ids != 0, *[None] * 4))
        >>> scores[0].argmax()  # she chose item 5 twice
        tensor(5)
    """

    def __init__(
        self,
        num_items: int,
        fallback: Fallback | None = None,
        half_life: float | None = None,
    ) -> None:
        require_whole(num_items=num_items)
        if half_life is not None:
            require_number(low=0, ends=False, half_life=half_life)
        self.num_items = num_items
        self.fallback = fallback
        self.half_life = half_life

    def scores(self, batch: Batch) -> Tensor:
        """``[B, N + 1]``: place of the count, and behind the point of the fallback.

        Raises:
            ValueError: ids out of range, or a fallback whose scores are of another
                shape or hold NaN.
        """
        ids = history(batch, self.num_items)  # [B, T]
        counts = ids.new_zeros(len(ids), self.num_items + 1, dtype=torch.float64)
        counts.scatter_add_(1, ids, self._weights(ids != 0))
        scores = _levels(counts, ids) + self._behind_the_point(batch)
        scores[:, 0] = -torch.inf
        return scores.to(exact_device(batch.item_ids.device))

    def _weights(self, real: Tensor) -> Tensor:
        """How much each behavior counts, ``[B, T]``; 0 for padding."""
        if self.half_life is None:
            return real.double()
        later = real.flip(1).cumsum(1).flip(1) - 1  # behaviors since then
        return real * torch.exp2(-later.double() / self.half_life)

    def _behind_the_point(self, batch: Batch) -> Tensor:
        """The fallback's order as ``[B, N + 1]`` different numbers in [0, 1)."""
        size = self.num_items + 1
        lower = 1 - torch.arange(1, size + 1, dtype=torch.float64) / size
        expected = (len(batch.item_ids), size)
        if self.fallback is None:
            return lower.expand(expected)
        scores = in_float64(self.fallback.scores(batch)).cpu()
        if tuple(scores.shape) != expected:
            raise ValueError(
                f"fallback must score [B, N + 1] = {list(expected)}, got "
                f"{list(scores.shape)}"
            )
        if scores.isnan().any():
            raise ValueError("fallback must score with numbers, got NaN")
        order = scores.argsort(dim=1, descending=True, stable=True)
        return torch.empty_like(scores).scatter_(1, order, lower.expand(expected))


def _levels(counts: Tensor, ids: Tensor) -> Tensor:
    """Counts ``[B, N + 1]`` as 0, 1, 2, ... in their order; only ``ids`` are not 0."""
    own, order = counts.gather(1, ids).sort(1)  # [B, T]
    higher = own.diff(dim=1, prepend=torch.zeros_like(own[:, :1])) > 0
    level = higher.cumsum(1).double()
    return torch.zeros_like(counts).scatter_(1, ids.gather(1, order), level)
