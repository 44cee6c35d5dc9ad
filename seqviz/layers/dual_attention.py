"""Dual attention: the history reads itself, then the candidate reads the result."""

from torch import Tensor, nn

from seqviz.layers.self_attention import SelfAttention
from seqviz.layers.target_attention import TargetAttention


class DualAttention(nn.Module):
    """Self-attention over the behaviors, then target attention over its output.

    Self-attention alone never sees the candidate. Target attention alone compares it
    with one behavior at a time, so that what two behaviors mean together is lost.

    Args:
        embedding_dim: E, a multiple of ``num_heads``.
        num_heads: H, of both.
        projection: False leaves the matrices of both out.

    The call is that of ``TargetAttention``, with the same shapes and errors. The
    weights are those of the second step; ``self_attention`` gives the first's.

    Example:
        >>> layer = DualAttention(embedding_dim=8, num_heads=2)
        >>> target, behaviors = torch.randn(3, 8), torch.randn(3, 5, 8)
        >>> interest, weights = layer(target, behaviors, need_weights=True)
        >>> list(interest.shape), [list(part.shape) for part in weights]
        ([3, 8], [[2, 5], [2, 5], [2, 5]])
    """

    def __init__(
        self, embedding_dim: int, num_heads: int = 1, *, projection: bool = True
    ) -> None:
        super().__init__()
        self.self_attention = SelfAttention(
            embedding_dim, num_heads, projection=projection
        )
        self.target_attention = TargetAttention(
            embedding_dim, num_heads, projection=projection
        )

    def forward(
        self,
        target: Tensor,
        behaviors: Tensor,
        mask: Tensor | None = None,
        *,
        need_weights: bool = False,
    ) -> Tensor | tuple[Tensor, Tensor]:
        """``[B, E]`` or ``[B, M, E]``, as the target: its interest; and the weights."""
        related = self.self_attention(behaviors, mask)  # [B, T, E]
        return self.target_attention(target, related, mask, need_weights=need_weights)
