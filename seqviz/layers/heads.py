"""Several attentions side by side: each head reads its own slice of the vectors."""

from torch import Tensor


def split_heads(vectors: Tensor, num_heads: int) -> Tensor:
    """``[B, T, E] -> [B, H, T, E/H]``: head h gets entries h·E/H to (h+1)·E/H."""
    return vectors.unflatten(-1, (num_heads, -1)).transpose(1, 2)


def join_heads(vectors: Tensor) -> Tensor:
    """``[B, H, T, E/H] -> [B, T, E]``, the way back."""
    return vectors.transpose(1, 2).flatten(2)
