"""Exact arithmetic on devices that have none: Apple's MPS knows no float64."""

import torch
from torch import Tensor


def exact_device(device: torch.device) -> torch.device:
    """Where float64 and large whole numbers are exact: the device, or else the CPU.

    MPS has no float64, and draws whole numbers below 2**53 as if they had 32 bits.
    """
    return torch.device("cpu") if device.type == "mps" else device


def in_float64(tensor: Tensor) -> Tensor:
    """The tensor in float64, on the CPU where its own device has none."""
    return tensor.to(exact_device(tensor.device)).double()


def at_least_float32(tensor: Tensor) -> Tensor:
    """Half precision in float32; float32 and float64 as they are."""
    return tensor.to(torch.promote_types(tensor.dtype, torch.float32))
