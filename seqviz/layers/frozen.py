"""What a layer would compute from its input, held fixed instead."""

import torch
from torch import Tensor

from seqviz.arguments import require_finite


def frozen_weights(frozen: Tensor, like: Tensor) -> Tensor:
    """``frozen`` in the shape and type of ``like``, the weights that it replaces.

    Args:
        frozen: floating-point, broadcastable to ``like``: one number for all, ``[P]``
            for all rows, or a value for every row.
        like: the weights of the layer, or an empty tensor of their shape.

    Raises:
        TypeError, ValueError: a wrong type or shape, or NaN.
    """
    if not frozen.is_floating_point():
        raise TypeError(f"frozen must be floating-point, got {frozen.dtype}")
    try:
        shape = torch.broadcast_shapes(frozen.shape, like.shape)
    except RuntimeError:
        shape = None
    if shape != like.shape:
        raise ValueError(
            f"frozen must broadcast to the weights {list(like.shape)}, got "
            f"{list(frozen.shape)}"
        )
    require_finite("frozen", torch.atleast_1d(frozen))
    return frozen.to(like).expand_as(like)
