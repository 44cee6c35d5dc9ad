"""Softmax over the real positions only."""

from torch import Tensor

from seqviz.arguments import require_mask


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
            f"mask must broadcast to logits {list(logits.shape)}, "
            f"got {list(mask.shape)}"
        ) from None
    require_mask(mask, logits.shape)
    empty = ~mask.any(dim, keepdim=True)
    logits = logits.masked_fill(~mask, float("-inf")).masked_fill(empty, 0.0)
    return logits.softmax(dim).masked_fill(~mask, 0.0)
