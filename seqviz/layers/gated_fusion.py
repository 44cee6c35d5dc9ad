"""How much of the session and how much of the past, entry by entry."""

import torch
from torch import Tensor, nn

from seqviz.arguments import require_vectors, require_whole


class GatedFusion(nn.Module):
    r"""A mixture of two vectors whose shares depend on both, and on the user.

    .. math::
        g = \sigma(u W_u + s W_s + p W_p + b), \quad o = g \odot s + (1 - g) \odot p

    Args:
        embedding_dim: E.

    Call it with ``user``, ``short`` and ``long``, each ``[B, E]``. It returns
    ``(output, gate)``, both ``[B, E]``: where the gate is 1 the session speaks alone,
    where it is 0 the past does.

    Raises:
        TypeError, ValueError: an argument has a wrong type or shape, or holds NaN.

    Source: Lv et al. 2019 (arXiv 1909.00385), section 3.6.

    Example:
        >>> fuse = GatedFusion(embedding_dim=4)
        >>> user, short, long = torch.randn(3, 2, 4)
        >>> output, gate = fuse(user, short, long)
        >>> torch.allclose(output, gate * short + (1 - gate) * long)
        True
    """

    def __init__(self, embedding_dim: int) -> None:
        super().__init__()
        require_whole(embedding_dim=embedding_dim)
        self.embedding_dim = embedding_dim
        self.gate = nn.Linear(3 * embedding_dim, embedding_dim)  # one product for three

    def forward(
        self, user: Tensor, short: Tensor, long: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Three of ``[B, E]`` to ``output [B, E]`` and ``gate [B, E]``."""
        for name, vectors in (("user", user), ("short", short), ("long", long)):
            require_vectors(name, vectors, 2)
            if vectors.shape != (user.shape[0], self.embedding_dim):
                raise ValueError(
                    f"{name} must have shape [{len(user)}, {self.embedding_dim}], got "
                    f"{list(vectors.shape)}"
                )
        gate = torch.sigmoid(self.gate(torch.cat([user, short, long], 1)))
        return gate * short + (1 - gate) * long, gate
