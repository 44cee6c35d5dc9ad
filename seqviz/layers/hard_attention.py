"""Attention that picks one behavior instead of mixing all, and how to train it."""

from typing import NamedTuple

import torch
from torch import Tensor

from seqviz.layers.attention import attention_weights, require_value


class HardLookUp(NamedTuple):
    """What ``hard_attention`` returns.

    Example:
        >>> key = torch.eye(3)[None]  # [B, T, E]
        >>> read = hard_attention(50 * key[:, 1:2], key, key)
        >>> read.choice, read.output  # the second, almost surely
        (tensor([[[0., 1., 0.]]]), tensor([[[0., 1., 0.]]]))
    """

    output: Tensor
    """``[B, Q, D]``, the value that was picked."""
    choice: Tensor
    """``[B, Q, T]``, 1 at the picked behavior and 0 elsewhere."""
    log_probability: Tensor
    """``[B, Q]``, of the pick; 0 where there was nothing to pick."""


def hard_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Tensor | None = None,
    *,
    causal: bool = False,
    scale: float | None = None,
    temperature: float = 1.0,
    straight_through: bool = False,
    generator: torch.Generator | None = None,
) -> HardLookUp:
    r"""Draw one behavior a query from the weights of soft attention, and read it alone.

    .. math::
        t \sim \operatorname{softmax}_T\big(s\, q^\top K / \tau\big), \quad o = v_t

    A draw has no slope, so query and key get their gradient in one of two ways:

    - ``straight_through=True``: backward treats the draw as if it were the soft
      weights. Low variance, biased.
    - else the output's gradient reaches the picked value only, and query and key learn
      through ``score_function_loss`` and the log-probability. Unbiased, high variance.

    Args:
        query, key, value, mask, causal, scale, temperature: as in ``attend``.
        straight_through: which of the two.
        generator: of the draws; must live on the device of the query.

    A query with nothing to read gets zeros. Raises what ``attend`` raises.

    Sources: Xu et al. 2015 (arXiv 1502.03044), section 4.1; Bengio et al. 2013
    (arXiv 1308.3432), straight-through.

    Example:
        >>> query, key = torch.randn(2, 1, 8), torch.randn(2, 5, 8)
        >>> read = hard_attention(query, key, key)
        >>> list(read.output.shape), read.choice.sum(-1)  # one behavior a query
        ([2, 1, 8], tensor([[1.],
                [1.]]))
    """
    weights = attention_weights(
        query, key, mask, causal=causal, scale=scale, temperature=temperature
    )
    require_value(key, value)
    wide = weights.to(torch.promote_types(weights.dtype, torch.float32))
    drawn = wide.detach()
    empty = (drawn == 0).all(-1, keepdim=True)  # [B, Q, 1]
    # a draw needs some weight: an empty row draws anything and is then emptied
    index = torch.multinomial(
        (drawn + empty).flatten(0, -2), 1, generator=generator
    ).view(empty.shape)  # [B, Q, 1]
    choice = torch.zeros_like(drawn).scatter(-1, index, 1.0).masked_fill(empty, 0.0)
    choice = choice.to(weights.dtype)  # [B, Q, T]
    read = choice + weights - weights.detach() if straight_through else choice
    log_probability = wide.gather(-1, index).masked_fill(empty, 1.0).log()
    return HardLookUp(read @ value, choice, log_probability.squeeze(-1))


def score_function_loss(
    loss: Tensor, log_probability: Tensor, baseline: Tensor | float = 0.0
) -> Tensor:
    r"""The mean loss, with a gradient that also knows how the draws came about.

    .. math::
        \nabla\, \mathbb{E}[\ell] =
        \mathbb{E}\big[\nabla \ell + (\ell - b)\, \nabla \log p(t)\big]

    Args:
        loss: ``[B]``, one number per row, after the draws.
        log_probability: ``[B]``, or ``[B, Q]`` for several draws a row, of
            ``hard_attention``.
        baseline: b, a number or ``[B]``: what loss to expect before the draw, such as a
            running mean. Any b that does not depend on the row's own draw keeps the
            gradient right on average; a good one lowers its variance.

    Returns:
        A scalar whose value is ``loss.mean()``.

    Raises:
        ValueError: the shapes do not fit.

    Source: Williams 1992 (doi 10.1007/BF00992696).

    Example:
        >>> log_probability = torch.tensor([0.5, 0.5]).log().requires_grad_()
        >>> loss = score_function_loss(torch.tensor([1.0, 3.0]), log_probability, 2.0)
        >>> loss.backward()
        >>> loss.item(), log_probability.grad  # more of the first, less of the second
        (2.0, tensor([-0.5000,  0.5000]))
    """
    if loss.dim() != 1 or log_probability.shape[:1] != loss.shape:
        raise ValueError(
            "loss must be [B] and log_probability [B] or [B, Q], "
            f"got {list(loss.shape)} and {list(log_probability.shape)}"
        )
    if isinstance(baseline, Tensor) and baseline.shape not in ((), loss.shape):
        raise ValueError(
            f"baseline must be a number or have shape {list(loss.shape)}, "
            f"got {list(baseline.shape)}"
        )
    if log_probability.dim() > 1:
        log_probability = log_probability.flatten(1).sum(1)  # [B]
    advantage = (loss - baseline).detach()
    # the difference is 0: it adds a gradient and no value
    return (loss + advantage * (log_probability - log_probability.detach())).mean()
