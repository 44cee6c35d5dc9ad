"""The ways in which a masked softmax goes wrong: ``[.., T]`` and a mask that fits."""

import torch
from torch import Tensor


def masked_after(scores: Tensor, mask: Tensor) -> Tensor:
    """What is masked has its share first; the rest sums to less than 1."""
    return scores.softmax(-1) * mask


def renormalized(scores: Tensor, mask: Tensor) -> Tensor:
    """All weights of a row round to 0 if a masked score is large."""
    return shared_out(masked_after(scores, mask))


def uniform_if_empty(scores: Tensor, mask: Tensor) -> Tensor:
    """A row with nothing to read is even."""
    return scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(-1)


def nan_if_empty(scores: Tensor, mask: Tensor) -> Tensor:
    """A row with nothing to read is NaN."""
    return scores.masked_fill(~mask, -torch.inf).softmax(-1)


def nan_gradient_if_empty(scores: Tensor, mask: Tensor) -> Tensor:
    """A row with nothing to read is zeros, but nothing learns through it."""
    penalty = torch.zeros_like(scores).masked_fill(~mask, -torch.inf)
    return (scores + penalty).softmax(-1).nan_to_num(0.0)


def shared_out(parts: Tensor, over: int | tuple[int, ...] = -1) -> Tensor:
    """Divided by their sum; where that is 0 they stay 0."""
    total = parts.sum(over, keepdim=True)
    return parts / total.masked_fill(total == 0, 1.0)


def odd_sum(weights: Tensor, wanted: Tensor | float = 1.0) -> Tensor | None:
    """The sum of a row that is farthest from ``wanted``, 1 or True, or None."""
    total = weights.double().sum(-1)
    gap = (total - torch.as_tensor(wanted).double()).abs()
    return total.flatten()[gap.argmax()] if gap.max() >= 1e-2 else None
