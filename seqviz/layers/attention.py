"""Attention as a soft look-up: compare, turn into weights, read the mixture."""

import torch
from torch import Tensor

from seqviz.arguments import require_mask, require_vectors
from seqviz.layers.masking import masked_softmax


def attend(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Tensor | None = None,
    *,
    causal: bool = False,
    scale: float | None = None,
    temperature: float = 1.0,
    need_weights: bool = False,
) -> Tensor | tuple[Tensor, Tensor]:
    r"""What each query reads from the values.

    .. math::
        A = \operatorname{softmax}_T\big(s\, Q K^\top / \tau\big), \quad O = A V

    Args:
        query: ``[B, Q, E]``, or ``[B, H, Q, E]`` with heads.
        key: ``[B, T, E]``, or ``[B, H, T, E]``.
        value: ``[B, T, D]``, or ``[B, H, T, D]``; D may differ from E.
        mask: bool, True = may be read. ``[B, T]`` holds for every query, ``[B, Q, T]``
            says it for each pair; either holds for all heads.
        causal: query t reads behaviors 0 to t only; needs Q = T.
        scale: s; :math:`1/\sqrt{E}` if not given.
        temperature: τ above 0. Towards 0 the largest score takes everything, towards
            infinity all weights become equal.
        need_weights: return ``(output, weights)`` instead of the output alone.

    Returns:
        ``output [B, Q, D]``, and ``weights [B, Q, T]`` if asked for (with H where the
        query has it). A row of weights sums to 1, and is exactly 0 where the mask is
        False. A query with nothing to read gets zeros in both.

    Raises:
        TypeError: vectors that are not floating-point, a mask that is not bool.
        ValueError: shapes that do not fit, T = 0, ``causal`` with Q ≠ T, a temperature
            not above 0; on the CPU also NaN or infinity, padding included.

    Source: Vaswani et al. 2017 (arXiv 1706.03762), section 3.2.1.

    Example:
        >>> key = torch.tensor([[[4.0, 0.0], [0.0, 4.0]]])  # [B, T, E]
        >>> value = torch.tensor([[[10.0], [20.0]]])  # [B, T, D]
        >>> attend(key[:, :1], key, value, scale=1.0)  # asks like the first key
        tensor([[[10.0000]]])
    """
    require_query_and_key(query, key)
    require_value(key, value)
    weights = unchecked_weights(
        query, key, mask, causal=causal, scale=scale, temperature=temperature
    )
    output = weights @ value  # [B, Q, D]
    return (output, weights) if need_weights else output


def attention_weights(
    query: Tensor,
    key: Tensor,
    mask: Tensor | None = None,
    *,
    causal: bool = False,
    scale: float | None = None,
    temperature: float = 1.0,
) -> Tensor:
    """The first half of ``attend``: ``[B, Q, E], [B, T, E] -> [B, Q, T]``.

    Example:
        >>> key = torch.tensor([[[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]])  # [B, T, E]
        >>> real = torch.tensor([[True, True, False]])
        >>> attention_weights(key[:, :1], key, real, temperature=0.1).round(decimals=3)
        tensor([[[0.9990, 0.0010, 0.0000]]])
    """
    require_query_and_key(query, key)
    return unchecked_weights(
        query, key, mask, causal=causal, scale=scale, temperature=temperature
    )


def unchecked_weights(
    query: Tensor,
    key: Tensor,
    mask: Tensor | None = None,
    *,
    causal: bool = False,
    scale: float | None = None,
    temperature: float = 1.0,
) -> Tensor:
    """``attention_weights`` of a query and a key that a caller has checked already."""
    if not temperature > 0:
        raise ValueError(f"temperature must be above 0, got {temperature}")
    scale = query.shape[-1] ** -0.5 if scale is None else scale
    # half precision ends at 65504, which scores and a small temperature pass
    wide = torch.promote_types(query.dtype, torch.float32)
    scores = (query * scale).to(wide) @ key.to(wide).mT  # [B, Q, T], half in autocast
    logits = scores.to(wide) / temperature
    readable = readable_pairs(mask, causal, logits)
    if readable is None:
        weights = logits.softmax(-1)
    else:
        weights = masked_softmax(logits, readable)
    return weights.to(query.dtype)


def readable_pairs(mask: Tensor | None, causal: bool, logits: Tensor) -> Tensor | None:
    """Which query may read which behavior, fit to broadcast to ``logits``.

    ``mask`` is ``[B, T]`` or ``[B, Q, T]``, ``logits`` is ``[B, Q, T]`` or
    ``[B, H, Q, T]``. None: each may read all.
    """
    batch, (queries, length) = logits.shape[0], logits.shape[-2:]
    if mask is not None:
        if mask.dim() == 3:
            require_mask(mask, (batch, queries, length))
        else:
            require_mask(mask, (batch, length))
            mask = mask[:, None]  # [B, 1, T]
        if logits.dim() == 4:
            mask = mask[:, None]  # [B, 1, 1 or Q, T]
    if not causal:
        return mask
    if queries != length:
        raise ValueError(
            f"causal must have as many queries as behaviors, got Q = {queries} "
            f"and T = {length}"
        )
    earlier = torch.ones(
        length, length, dtype=torch.bool, device=logits.device
    ).tril()  # [T, T]
    return earlier if mask is None else mask & earlier


def require_query_and_key(query: Tensor, key: Tensor) -> None:
    """Raise unless the two are ``[B, Q, E]`` and ``[B, T, E]``, or so with heads."""
    require_vectors("query", query, 3, 4)
    require_vectors("key", key, 3, 4)
    if query.shape[:-2] != key.shape[:-2] or query.shape[-1] != key.shape[-1]:
        raise ValueError(
            "query and key must be [B, Q, E] and [B, T, E], or [B, H, Q, E] and "
            f"[B, H, T, E], got {list(query.shape)} and {list(key.shape)}"
        )
    if key.shape[-2] == 0:
        raise ValueError(
            f"key must have a T of at least 1, got {list(key.shape)}; give an empty "
            "history one step of padding"
        )


def require_value(key: Tensor, value: Tensor) -> None:
    """Raise unless every key has its value."""
    require_vectors("value", value, 3, 4)
    if key.shape[:-1] != value.shape[:-1]:
        raise ValueError(
            "key and value must agree in all but the last dimension, "
            f"got {list(key.shape)} and {list(value.shape)}"
        )
