"""Inputs that the cases of many exercises are made of."""

import torch
from torch import Tensor


def marks(*rows: str) -> Tensor:
    """A mask from its rows: ``marks("..xx", "xxxx")``, where x is True."""
    return torch.tensor([[mark == "x" for mark in row] for row in rows])


def histories(*rows: str, E: int = 4) -> tuple[Tensor, Tensor]:
    """Random behaviors ``[B, T, E]`` and the mask of ``marks``."""
    mask = marks(*rows)
    return torch.randn(*mask.shape, E), mask


def some(B: int, T: int, share: float) -> Tensor:
    """A random mask ``[B, T]``, True in a share of it and at the end of every row.

    Below a share of 1 it begins with False, so that something is left out.
    """
    mask = torch.rand(B, T) < share
    mask[:, -1] = True
    mask[0, 0] &= share >= 1
    return mask
