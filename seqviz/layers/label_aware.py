"""Label-aware attention: in training the target picks among the interests (MIND)."""

import math

import torch
from torch import Tensor, nn

from seqviz.arguments import require_mask, require_number
from seqviz.layers.masking import masked_softmax
from seqviz.layers.precision import at_least_float32


class LabelAwareAttention(nn.Module):
    r"""The interests weighted by how well they fit the target.

    .. math::
        w = \operatorname{softmax}_k\big(\operatorname{sign}(s_k)\,|s_k|^p\big), \quad
        s_k = u_k^\top e, \quad v = \sum_k w_k u_k

    The published formula raises :math:`s_k` to the power p; with an even p, or in
    front of an arg-max, a large *negative* score then wins. Here the sign stays, so
    the order of the scores does. ``power=math.inf`` takes the interest with the
    largest score, the signed score itself. Finite powers tend to that where the
    largest score is above 1 and is not tied; scores within (-1, 1) have powers near 0,
    so there a growing p tends to equal weights instead.

    Args:
        power: p, at least 1, or ``math.inf``.

    Shapes: ``interests [B, K, E]``, ``target [B, E]``, ``mask [B, K]`` (bool, True =
    the user has this interest) to ``query [B, E]``, with ``need_weights=True`` also
    ``weights [B, K]``. Of tied scores the arg-max takes the first. A user without an
    interest gets zeros.

    Raises:
        TypeError, ValueError: ``power`` is no number or below 1; a wrong type or shape.

    Source: Li et al. 2019 (MIND, arXiv 1904.08030), section 3.4.

    Example:
        >>> interests = torch.tensor([[[1.0, 0.0], [0.0, 1.0]]])  # [B, K, E]
        >>> layer = LabelAwareAttention(power=torch.inf)
        >>> layer(interests, torch.tensor([[0.2, 0.9]]))  # takes the nearest
        tensor([[0., 1.]])
    """

    def __init__(self, power: float = 1.0) -> None:
        super().__init__()
        require_number(low=1, high=math.inf, power=power)
        self.power = power

    def forward(
        self,
        interests: Tensor,
        target: Tensor,
        mask: Tensor | None = None,
        *,
        need_weights: bool = False,
    ) -> Tensor | tuple[Tensor, Tensor]:
        """``[B, K, E], [B, E] -> [B, E]``; with ``need_weights`` also ``[B, K]``."""
        if interests.dim() != 3 or target.shape != interests[:, 0].shape:
            raise ValueError(
                f"interests must be [B, K, E] and target [B, E], "
                f"got {list(interests.shape)} and {list(target.shape)}"
            )
        if mask is None:
            mask = torch.ones_like(interests[..., 0], dtype=torch.bool)
        require_mask(mask, interests.shape[:2])
        wide = at_least_float32(interests), at_least_float32(target)
        scores = at_least_float32(torch.einsum("bke,be->bk", *wide))  # [B, K]
        if math.isinf(self.power):
            best = scores.masked_fill(~mask, -torch.inf).argmax(1, keepdim=True)
            weights = torch.zeros_like(scores).scatter(1, best, 1.0) * mask
        else:
            scores = _within_range(scores, mask, self.power)
            logits = scores.sign() * scores.abs().pow(self.power)
            weights = masked_softmax(logits, mask)
        weights = weights.to(interests.dtype)
        query = torch.einsum("bk,bke->be", weights, interests)  # [B, E]
        return (query, weights) if need_weights else query


def _within_range(scores: Tensor, mask: Tensor, power: float) -> Tensor:
    """``[B, K]`` scaled down where a power would be infinite, and the softmax NaN.

    The best score comes to lie where its power is the root of the largest number: the
    power tells it from every lower one, so the softmax is the arg-max, as it was.
    """
    largest = torch.finfo(scores.dtype).max
    root = largest ** (0.5 / power)
    best = scores.masked_fill(~mask, -torch.inf).amax(1, keepdim=True).abs()
    scores = scores * (root / best.clamp(min=root)).detach()
    limit = largest ** (0.75 / power)  # leaves room for the derivative
    return scores.clamp(-limit, limit)
