"""Dropout whose draws cost a fraction of torch's on a CPU."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from seqviz.arguments import is_readable

LEVELS = 2**16  # what is drawn for an entry: a number of 16 bits


class Dropout(nn.Dropout):
    """``nn.Dropout``: in training each entry is 0 with probability p, else 1/(1 - p).

    On a CPU torch draws a random number for each entry, one by one, which can cost more
    than the layers around it (`make bench`, case "bert4rec"). Here four entries share
    one number of 64 bits, so p is rounded to a multiple of 2^-16; what is kept is
    divided by the rounded share, so that the mean stays the same. Elsewhere it is
    torch's own.

    Example:
        >>> vectors = Dropout(0.75)(torch.ones(1000))
        >>> vectors.unique().tolist()
        [0.0, 4.0]
    """

    def forward(self, vectors: Tensor) -> Tensor:
        """Any shape to the same shape."""
        dropped = round(self.p * LEVELS)
        if not self.training or not dropped:
            return vectors
        if vectors.device.type != "cpu" or not is_readable(vectors) or self.inplace:
            return F.dropout(vectors, self.p, True, self.inplace)
        if dropped == LEVELS:
            return vectors * 0
        return vectors * _kept(vectors, dropped)


def _kept(vectors: Tensor, dropped: int) -> Tensor:
    """0 where an entry is dropped, which is as often as ``dropped`` in ``LEVELS``."""
    count = vectors.numel()
    numbers = torch.empty((count + 3) // 4, dtype=torch.int64).random_(-(2**63), None)
    bits = numbers.view(torch.int16)[:count].view(vectors.shape)
    kept = torch.empty_like(bits, dtype=vectors.dtype)
    torch.ge(bits, dropped - LEVELS // 2, out=kept)  # without a copy in bool
    return kept.mul_(LEVELS / (LEVELS - dropped))
