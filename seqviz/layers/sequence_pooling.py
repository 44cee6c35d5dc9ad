"""From a history to one vector that depends on the candidate, or does not."""

from collections.abc import Sequence

from torch import Tensor, nn

from seqviz.arguments import require_behaviors, require_mask
from seqviz.layers.activation_unit import LocalActivationUnit, require_query
from seqviz.layers.masking import masked_softmax


class AttentionSequencePooling(nn.Module):
    r"""The sum of the behaviors, each weighted by its local activation.

    .. math:: u = \sum_t w_t\, x_t, \qquad w_t = s_t \quad\text{or}\quad
        w = \operatorname{softmax}_T(s)

    The raw weights do not sum to 1, so the length of :math:`u` grows with what the
    history has to say about the candidate: the strength of the interest. The softmax
    keeps only the shares.

    Args:
        embedding_dim: E.
        hidden_units: widths of the hidden layers of the unit.
        activation: of the unit: ``"sigmoid"``, ``"prelu"`` or ``"dice"``.
        softmax: whether the weights are normalized.

    Call it with ``query [B, 1, E]`` (the candidate), ``behaviors [B, T, E]`` and
    ``mask [B, T]`` (bool, True = real). It returns the interest ``[B, 1, E]``, with
    ``need_weights=True`` also the weights ``[B, T]``. Padding has weight 0: raw, it
    is set to 0; with the softmax it is masked before. An empty history gives zeros in
    both.

    Raises:
        TypeError, ValueError: an argument has a wrong type or shape.

    Source: Zhou et al. 2018 (arXiv 1706.06978), section 4.3, equation 3.

    Example:
        >>> pool = AttentionSequencePooling(embedding_dim=8, softmax=True)
        >>> query, behaviors = torch.randn(2, 1, 8), torch.randn(2, 5, 8)
        >>> mask = torch.tensor([[True] * 5, [False] * 5])
        >>> interest, weights = pool(query, behaviors, mask, need_weights=True)
        >>> list(interest.shape), weights.sum(1).round()  # the second is empty
        ([2, 1, 8], tensor([1., 0.], grad_fn=<RoundBackward0>))
    """

    def __init__(
        self,
        embedding_dim: int,
        hidden_units: Sequence[int] = (80, 40),
        activation: str = "sigmoid",
        softmax: bool = False,
    ) -> None:
        super().__init__()
        self.unit = LocalActivationUnit(embedding_dim, hidden_units, activation)
        self.softmax = softmax

    def forward(
        self,
        query: Tensor,
        behaviors: Tensor,
        mask: Tensor,
        *,
        need_weights: bool = False,
    ) -> Tensor | tuple[Tensor, Tensor]:
        """``[B, 1, E]``: the interest; with ``need_weights`` also ``[B, T]``."""
        logits = self.unit(query, behaviors, mask).squeeze(-1)  # [B, T]
        if self.softmax:
            weights = masked_softmax(logits, mask)
        else:
            weights = logits.masked_fill(~mask, 0.0)
        interest = weights[:, None] @ behaviors  # [B, 1, E]
        return (interest, weights) if need_weights else interest


class SumPooling(nn.Module):
    """The sum of the real behaviors, whatever the candidate: DIN's Base model.

    Called like ``AttentionSequencePooling``; every weight is 1, padding 0.

    Source: Zhou et al. 2018 (arXiv 1706.06978), section 4.2.

    Example:
        >>> behaviors = torch.tensor([[[1.0, 2.0], [3.0, 4.0]]])
        >>> SumPooling()(behaviors[:, :1], behaviors, torch.tensor([[True, True]]))
        tensor([[[4., 6.]]])
    """

    def forward(
        self,
        query: Tensor,
        behaviors: Tensor,
        mask: Tensor,
        *,
        need_weights: bool = False,
    ) -> Tensor | tuple[Tensor, Tensor]:
        """``[B, 1, E]``: the interest; with ``need_weights`` also ``[B, T]``."""
        require_behaviors(behaviors, behaviors.shape[-1])
        require_query(query, behaviors)
        require_mask(mask, behaviors.shape[:2])
        weights = mask.to(behaviors.dtype)
        interest = weights[:, None] @ behaviors
        return (interest, weights) if need_weights else interest
