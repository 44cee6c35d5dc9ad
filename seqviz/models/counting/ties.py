"""An order without ties, so that a list does not depend on who sorts it."""

import numpy as np
import torch
from torch import Tensor

from seqviz.layers.precision import exact_device

BITS = 30  # what is nearer than 1e-9 of the row's largest is rounding, not order


def by_id(scores: np.ndarray | Tensor, device: torch.device) -> Tensor:
    """Float64 scores ``[..., N + 1]`` of which two are never equal: lower ids first.

    They are rounded to whole multiples of 2**-30 of the row's largest power of two
    (whole numbers stay whole), then lowered by less than one such step. Column 0, the
    padding, gets -inf.

    Args:
        device: where the scores go, if it has float64.
    """
    scores = lower_columns_first(scores)
    scores[..., 0] = -torch.inf
    return scores.to(exact_device(device))


def lower_columns_first(scores: np.ndarray | Tensor) -> Tensor:
    """:func:`by_id` for any columns ``[..., C]``, on the CPU."""
    scores = torch.as_tensor(scores, dtype=torch.float64)
    columns = scores.shape[-1]
    largest = torch.frexp(scores.abs().amax(-1, keepdim=True)).exponent
    step = torch.exp2((largest - BITS).double())
    lowered = torch.arange(columns, dtype=torch.float64) / columns  # in [0, 1)
    return ((scores / step).round() - lowered) * step
