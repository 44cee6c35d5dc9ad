"""Self-attentive reading of a history into K interests (ComiRec-SA)."""

import torch
from torch import Tensor, nn

from seqviz.arguments import (
    require_behaviors,
    require_finite,
    require_mask,
    require_whole,
)
from seqviz.layers.look_up import look_up
from seqviz.layers.masking import masked_softmax
from seqviz.layers.positions import recency
from seqviz.layers.precision import at_least_float32


class MultiInterestSelfAttention(nn.Module):
    r"""K softmax read-outs of one behavior sequence.

    .. math::
        Z = \tanh\big((X + P)\,W_1\big), \quad
        A = \operatorname{softmax}_T\big(Z W_2\big)^\top, \quad
        U = A X

    The softmax runs over the behaviors. The values are the behaviors themselves,
    without positions.

    Args:
        embedding_dim: E, width of a behavior.
        num_interests: K, number of interests.
        hidden_dim: D, width of the hidden layer; 4E if not given.
        max_length: longest history; when given, a learned position is added to the
            input of the logits. It is counted back from the latest real behavior, so
            the side of the padding does not matter.

    Shapes: ``behaviors [B, T, E]``, ``mask [B, T]`` (bool, True = real) to
    ``interests [B, K, E]``, with ``need_weights=True`` also ``weights [B, K, T]``. A
    row of weights sums to 1; padding gets exactly 0; a history without a real behavior
    gives zeros.

    Raises:
        TypeError: a size is no whole number, behaviors are ids, ``mask`` is not bool.
        ValueError: a size below 1, shapes that do not fit, T = 0, behaviors longer than
            ``max_length``; on the CPU also NaN or infinity, padding included.

    Source: Cen et al. 2020 (arXiv 2005.09347), section 3.1, equations 5 to 7.

    Example:
        >>> layer = MultiInterestSelfAttention(embedding_dim=8, num_interests=4)
        >>> interests, weights = layer(torch.randn(2, 5, 8), need_weights=True)
        >>> list(interests.shape), list(weights.shape)  # [B, K, E], [B, K, T]
        ([2, 4, 8], [2, 4, 5])
        >>> weights.sum(-1)[0]  # an interest reads a mixture
        tensor([1.0000, 1.0000, 1.0000, 1.0000], grad_fn=<SelectBackward0>)
    """

    def __init__(
        self,
        embedding_dim: int,
        num_interests: int,
        hidden_dim: int | None = None,
        max_length: int | None = None,
    ) -> None:
        super().__init__()
        hidden_dim = 4 * embedding_dim if hidden_dim is None else hidden_dim
        require_whole(
            embedding_dim=embedding_dim,
            num_interests=num_interests,
            hidden_dim=hidden_dim,
            max_length=1 if max_length is None else max_length,
        )
        self.W1 = nn.Parameter(torch.empty(embedding_dim, hidden_dim))
        self.W2 = nn.Parameter(torch.empty(hidden_dim, num_interests))
        self.position = (
            None
            if max_length is None
            else nn.Parameter(torch.empty(max_length, embedding_dim))
        )
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the weights anew (Glorot), the positions near 0."""
        nn.init.xavier_uniform_(self.W1)
        nn.init.xavier_uniform_(self.W2)
        if self.position is not None:
            nn.init.normal_(self.position, std=0.02)

    def logits(self, behaviors: Tensor, mask: Tensor | None = None) -> Tensor:
        """``[B, T, E] -> [B, K, T]``: how much each interest asks for each behavior."""
        if self.position is not None:
            steps = recency(behaviors, mask, len(self.position))  # [B, T]
            behaviors = behaviors + self.position[steps]
        # in place: [B, T, D] is the largest tensor of a step
        hidden = (behaviors @ self.W1).tanh_()
        return (hidden @ self.W2).transpose(1, 2)  # [B, K, T]

    def forward(
        self,
        behaviors: Tensor,
        mask: Tensor | None = None,
        *,
        need_weights: bool = False,
    ) -> Tensor | tuple[Tensor, Tensor]:
        """``[B, T, E] -> [B, K, E]``; with ``need_weights`` also ``[B, K, T]``."""
        require_behaviors(behaviors, self.W1.shape[0], finite=False)
        if mask is not None:
            require_mask(mask, behaviors.shape[:2])
        logits = self.logits(behaviors, mask)  # [B, K, T]
        weights = _weights(logits, mask)
        interests = weights @ behaviors  # [B, K, E]
        # each interest meets all behaviors, and 0 times NaN is NaN
        require_finite("behaviors", behaviors, interests[:, :1])
        return (interests, weights) if need_weights else interests

    def of_items(
        self, item_vectors: Tensor, item_ids: Tensor, *, need_weights: bool = False
    ) -> Tensor | tuple[Tensor, Tensor]:
        """``forward`` of ``item_vectors[item_ids]``, faster where the items are few.

        A logit depends on the item and how long ago it was, on nothing else. So a
        catalog smaller than the batch has fewer different logits than the batch has
        behaviors, and the hidden layer is worked out once for each.

        Args:
            item_vectors: ``[N + 1, E]``; row 0 is padding.
            item_ids: ``[B, T]``, 0 for padding.
        """
        mask = item_ids != 0
        hidden = item_vectors @ self.W1  # [N + 1, D]
        steps = item_ids.new_zeros(())
        if self.position is not None:
            steps = recency(item_ids, mask, len(self.position))  # [B, T]
            length = item_ids.shape[1]
            hidden = hidden + (self.position[:length] @ self.W1)[:, None]  # [T, N+1, D]
        logits = (hidden.tanh_() @ self.W2).flatten(0, -2)  # [T * (N + 1), K]
        logits = look_up(logits, steps * len(item_vectors) + item_ids)  # [B, T, K]
        behaviors = look_up(item_vectors, item_ids)  # [B, T, E]
        weights = _weights(logits.transpose(1, 2), mask)
        interests = weights @ behaviors  # [B, K, E]
        return (interests, weights) if need_weights else interests


def _weights(logits: Tensor, mask: Tensor | None) -> Tensor:
    if mask is None:
        return logits.softmax(-1)
    return masked_softmax(logits, mask[:, None, :])


def read_out(interests: Tensor, target: Tensor) -> Tensor:
    """The interest nearest to the target: ``[B, K, E], [B, E] -> [B, E]``.

    Training reads out the interest with the largest inner product with the item that
    came next. Source: Cen et al. 2020, equation 8.

    Example:
        >>> interests = torch.tensor([[[1.0, 0.0], [0.0, 1.0]]])  # [B, K, E]
        >>> read_out(interests, torch.tensor([[0.2, 0.9]]))
        tensor([[0., 1.]])
    """
    if interests.dim() != 3 or target.shape != interests[:, 0].shape:
        raise ValueError(
            f"interests must be [B, K, E] and target [B, E], "
            f"got {list(interests.shape)} and {list(target.shape)}"
        )
    wide = at_least_float32(interests), at_least_float32(target)
    best = torch.einsum("bke,be->bk", *wide).argmax(1)  # [B]
    rows = torch.arange(best.shape[0], device=best.device)
    return interests[rows, best]  # [B, E]
