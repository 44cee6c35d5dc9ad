"""Inputs that the cases of many exercises are made of."""

import torch
from torch import Tensor


def marks(*rows: str) -> Tensor:
    """A mask from its rows: ``marks("..xx", "xxxx")``, where x is True.

    Example:
        >>> marks("..x", "xxx")
        tensor([[False, False,  True],
                [ True,  True,  True]])
    """
    return torch.tensor([[mark == "x" for mark in row] for row in rows])


def histories(*rows: str, E: int = 4) -> tuple[Tensor, Tensor]:
    """Random behaviors ``[B, T, E]`` and the mask of ``marks``.

    Example:
        >>> behaviors, mask = histories("..x", "xxx")
        >>> list(behaviors.shape), mask.sum(1)
        ([2, 3, 4], tensor([1, 3]))
    """
    mask = marks(*rows)
    return torch.randn(*mask.shape, E), mask


def some(B: int, T: int, share: float) -> Tensor:
    """A random mask ``[B, T]``, True in a share of it and at the end of every row.

    Below a share of 1 it begins with False, so that something is left out.

    Example:
        >>> mask = some(2, 5, 0.5)
        >>> list(mask.shape), mask[:, -1], mask[0, 0]
        ([2, 5], tensor([True, True]), tensor(False))
    """
    mask = torch.rand(B, T) < share
    mask[:, -1] = True
    mask[0, 0] &= share >= 1
    return mask
