"""The long-term half of SDM: what she likes, attribute by attribute."""

import torch
from torch import Tensor, nn

from seqviz.arguments import (
    require_finite,
    require_mask,
    require_vectors,
    require_whole,
)
from seqviz.layers.short_term import user_weights, weighted_sum


class LongTermInterest(nn.Module):
    r"""The user asks each of her attributes; a layer joins the answers.

    .. math::
        \alpha^f = \operatorname{softmax}_L\big(G^f u\big), \quad z^f = \alpha^f G^f,
        \quad p = \tanh\big([z^1, \dots, z^F]\, W + b\big)

    Args:
        embedding_dim: E.
        num_attributes: F: item, category, brand, shop, price band, or fewer.
        bounded: the score of the authors' code, :math:`\tanh(g^\top u) / \sqrt E`. With
            it no weight is more than :math:`e^{2 / \sqrt E}` times another.

    Call it with ``values [B, F, L, E]``, ``mask [B, F, L]`` (bool, True = real) and
    ``user [B, E]``. It returns ``long [B, E]``, with ``need_weights=True`` also
    ``weights [B, F, L]``. An attribute without a value gives zeros, to itself alone; a
    user without any gets :math:`\tanh(b)`.

    Raises:
        TypeError, ValueError: an argument has a wrong type or shape; on the CPU also
            NaN or infinity, padding included.

    Source: Lv et al. 2019 (arXiv 1909.00385), section 3.5.

    Example:
        >>> layer = LongTermInterest(embedding_dim=8, num_attributes=3)
        >>> values, mask = torch.randn(2, 3, 6, 8), torch.ones(2, 3, 6) > 0
        >>> long, weights = layer(values, mask, torch.randn(2, 8), need_weights=True)
        >>> list(long.shape), list(weights.shape)  # [B, E], [B, F, L]
        ([2, 8], [2, 3, 6])
    """

    def __init__(
        self, embedding_dim: int, num_attributes: int = 5, *, bounded: bool = False
    ) -> None:
        super().__init__()
        require_whole(embedding_dim=embedding_dim, num_attributes=num_attributes)
        self.embedding_dim = embedding_dim
        self.num_attributes = num_attributes
        self.bounded = bounded
        self.join = nn.Linear(num_attributes * embedding_dim, embedding_dim)

    def forward(
        self,
        values: Tensor,
        mask: Tensor,
        user: Tensor,
        *,
        need_weights: bool = False,
    ) -> Tensor | tuple[Tensor, Tensor]:
        """``[B, F, L, E], [B, F, L], [B, E] -> [B, E]``; and ``[B, F, L]``."""
        self._check(values, mask, user)
        weights = user_weights(values, mask, user[:, None], self.bounded)  # [B, F, L]
        read = weighted_sum(weights, values)  # [B, F, E]
        long = torch.tanh(self.join(read.flatten(1)))  # [B, E]
        require_finite("values", values, long)
        return (long, weights) if need_weights else long

    def _check(self, values: Tensor, mask: Tensor, user: Tensor) -> None:
        require_vectors("values", values, 4, finite=False)
        batch, shape = values.shape[0], list(values.shape)
        expected = (self.num_attributes, self.embedding_dim)
        if (shape[1], shape[3]) != expected or shape[2] == 0:
            raise ValueError(
                f"values must have shape [B, {expected[0]}, L, {expected[1]}] with an "
                f"L of at least 1, got {shape}"
            )
        require_mask(mask, values.shape[:3])
        require_vectors("user", user, 2)
        if tuple(user.shape) != (batch, self.embedding_dim):
            raise ValueError(
                f"user must have shape [{batch}, {self.embedding_dim}] to fit values "
                f"{shape}, got {list(user.shape)}"
            )
