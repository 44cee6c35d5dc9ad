"""Softmax over the real positions only."""

import torch
from torch import Tensor


def check_mask(mask: Tensor, shape: tuple[int, ...], name: str = "mask") -> None:
    """Raise unless ``mask`` is a bool tensor of ``shape``."""
    if mask.dtype != torch.bool:
        raise TypeError(
            f"{name} must be bool with True = real, got {mask.dtype}; "
            f"write {name} = item_ids != 0"
        )
    if tuple(mask.shape) != tuple(shape):
        raise ValueError(
            f"{name} must have shape {list(shape)}, got {list(mask.shape)}"
        )


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
    """
    try:
        mask = mask.expand(logits.shape)
    except RuntimeError:
        raise ValueError(
            f"mask of shape {list(mask.shape)} does not broadcast to "
            f"logits of shape {list(logits.shape)}"
        ) from None
    check_mask(mask, logits.shape)
    empty = ~mask.any(dim, keepdim=True)
    logits = logits.masked_fill(~mask, float("-inf")).masked_fill(empty, 0.0)
    return logits.softmax(dim).masked_fill(~mask, 0.0)
