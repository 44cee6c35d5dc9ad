"""The mechanisms: functions and modules on plain tensors, no data, no training."""

from .interest_attention import MultiInterestSelfAttention, read_out
from .masking import masked_softmax
from .sampled_softmax import (
    NegativeSampler,
    sampled_cross_entropy,
    sampled_softmax_loss,
)

__all__ = [
    "MultiInterestSelfAttention",
    "NegativeSampler",
    "masked_softmax",
    "read_out",
    "sampled_cross_entropy",
    "sampled_softmax_loss",
]
