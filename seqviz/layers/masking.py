"""Softmax over the real positions only."""

import torch
from torch import Tensor

from seqviz.arguments import is_readable, require_mask


def masked_softmax(logits: Tensor, mask: Tensor, dim: int = -1) -> Tensor:
    """Softmax of ``logits`` along ``dim`` over the positions where ``mask`` is True.

    A masked position gets exactly 0. A row without any real position gets zeros:
    never NaN, never uniform; its gradient is 0.

    Args:
        logits: any shape, e.g. ``[B, K, T]``.
        mask: bool, broadcastable to ``logits``, True = real.
        dim: the axis that sums to 1.

    Raises:
        TypeError: ``mask`` is not bool.
        ValueError: ``mask`` does not broadcast to the shape of ``logits``.

    Example:
        >>> mask = torch.tensor([[True, True, False], [False, False, False]])
        >>> masked_softmax(torch.zeros(2, 3), mask)
        tensor([[0.5000, 0.5000, 0.0000],
                [0.0000, 0.0000, 0.0000]])
    """
    sizes = zip(reversed(mask.shape), reversed(logits.shape), strict=False)
    if mask.dim() > logits.dim() or any(own not in (1, size) for own, size in sizes):
        raise ValueError(
            f"mask must broadcast to logits {list(logits.shape)}, "
            f"got {list(mask.shape)}"
        )
    require_mask(mask, mask.shape)
    if is_readable(mask) and mask.all():
        return logits.softmax(dim)
    # what is masked stays as small as it came: only the logits have their full shape
    mask = mask.view((1,) * (logits.dim() - mask.dim()) + mask.shape)
    real = mask.any(dim, keepdim=True)
    nothing = torch.where(real, -torch.inf, 0.0).to(logits)
    weights = torch.where(mask, logits, nothing).softmax(dim)
    return torch.where(mask, weights, 0.0)
