"""Target attention: a candidate item asks the history what bears on it."""

from torch import Tensor, nn

from seqviz.arguments import (
    require_behaviors,
    require_finite,
    require_heads,
    require_mask,
    require_vectors,
)
from seqviz.layers.attention import unchecked_weights
from seqviz.layers.heads import join_heads, split_heads


class TargetAttention(nn.Module):
    r"""The query comes from the candidate, keys and values from the behaviors.

    .. math::
        a = \operatorname{softmax}_T\big(q K^\top / \sqrt{E/H}\big), \quad
        q = c\, W_Q, \; K = X W_K, \; V = X W_V, \quad u = a V W_O

    for each of H heads on its own slice of E/H entries. The order of the behaviors
    plays no part.

    Args:
        embedding_dim: E, a multiple of ``num_heads``.
        num_heads: H.
        projection: False leaves the four matrices out: q = c, K = V = X, u = a V.

    Call it with ``target [B, E]`` or, for M candidates, ``[B, M, E]``,
    ``behaviors [B, T, E]`` and ``mask [B, T]`` (bool, True = real; none: all are real).
    It returns ``interest``, shaped like the target, with ``need_weights=True`` also
    ``weights [B, H, T]`` or ``[B, H, M, T]``. An empty history gives zeros in both.

    Raises: what ``SelfAttention`` raises; ValueError for a target that does not fit.

    Sources: Zhou et al. 2018 (arXiv 1706.06978), section 4.3, for the idea (its score
    is a network, its weights are not normalized); Vaswani et al. 2017
    (arXiv 1706.03762), section 3.2.3, for this form.

    Example:
        >>> layer = TargetAttention(embedding_dim=8, num_heads=2)
        >>> target, behaviors = torch.randn(3, 8), torch.randn(3, 5, 8)
        >>> interest, weights = layer(target, behaviors, need_weights=True)
        >>> list(interest.shape), list(weights.shape)  # [B, E], [B, H, T]
        ([3, 8], [3, 2, 5])
    """

    def __init__(
        self, embedding_dim: int, num_heads: int = 1, *, projection: bool = True
    ) -> None:
        super().__init__()
        require_heads(embedding_dim, num_heads)
        self.embedding_dim = embedding_dim
        self.num_heads = num_heads
        self.query = self.key_value = self.output = None
        if projection:
            self.query = nn.Linear(embedding_dim, embedding_dim, bias=False)
            self.key_value = nn.Linear(embedding_dim, 2 * embedding_dim, bias=False)
            self.output = nn.Linear(embedding_dim, embedding_dim, bias=False)
            self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the weights anew: Glorot for each of the four square matrices."""
        if self.output is not None:
            for matrix in (
                self.query.weight,
                *self.key_value.weight.chunk(2),
                self.output.weight,
            ):
                nn.init.xavier_uniform_(matrix)

    def forward(
        self,
        target: Tensor,
        behaviors: Tensor,
        mask: Tensor | None = None,
        *,
        need_weights: bool = False,
    ) -> Tensor | tuple[Tensor, Tensor]:
        """``[B, E]`` or ``[B, M, E]``, as the target: its interest; and the weights."""
        require_behaviors(behaviors, self.embedding_dim, finite=False)
        self._check_target(target, behaviors)
        if mask is not None:
            require_mask(mask, behaviors.shape[:2])
        candidates = target if target.dim() == 3 else target[:, None]  # [B, M, E]
        query, key, value = (
            split_heads(vectors, self.num_heads)  # [B, H, M or T, E/H]
            for vectors in self._look_up(candidates, behaviors)
        )
        weights = unchecked_weights(query, key, mask)  # [B, H, M, T]
        read = weights @ value  # [B, H, M, E/H]
        # every candidate meets all behaviors, and 0 times NaN is NaN
        require_finite("behaviors", behaviors, read[:, :, :1])
        interest = join_heads(read)  # [B, M, E]
        if self.output is not None:
            interest = self.output(interest)
        if target.dim() == 2:
            interest, weights = interest[:, 0], weights[:, :, 0]  # [B, E], [B, H, T]
        return (interest, weights) if need_weights else interest

    def _look_up(
        self, candidates: Tensor, behaviors: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        if self.output is None:
            return candidates, behaviors, behaviors
        return self.query(candidates), *self.key_value(behaviors).chunk(2, -1)

    def _check_target(self, target: Tensor, behaviors: Tensor) -> None:
        require_vectors("target", target, 2, 3)
        batch, _, width = behaviors.shape
        if target.shape[0] != batch or target.shape[-1] != width:
            raise ValueError(
                f"target must have shape [{batch}, {width}] or [{batch}, M, {width}] "
                f"to fit behaviors {list(behaviors.shape)}, got {list(target.shape)}"
            )
