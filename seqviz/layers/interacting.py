"""Fields that read one another: the interacting layer of AutoInt."""

import torch.nn.functional as F
from torch import Tensor, nn

from seqviz.arguments import (
    require_fields,
    require_heads,
    require_mask,
)
from seqviz.layers.frozen import frozen_weights
from seqviz.layers.heads import join_heads, split_heads
from seqviz.layers.masking import masked_softmax
from seqviz.layers.precision import at_least_float32


class InteractingLayer(nn.Module):
    r"""Self-attention over the fields of a row, with a residual and a ReLU.

    .. math::
        w_{fg} = \operatorname{softmax}_g\big(\mathbf{v}_f W_Q \cdot
        \mathbf{v}_g W_K\big), \qquad
        \tilde{\mathbf{v}}_f = \operatorname{ReLU}\Big(\sum_g w_{fg}\,
        \mathbf{v}_g W_V + \mathbf{v}_f W_R\Big)

    for each head with its own columns of the matrices; the heads stand side by side.
    The scores are not divided by the root of their width, as published.

    Args:
        embedding_dim: E, shared out among the heads.
        num_heads: H.
        residual: whether :math:`\mathbf{v}_f W_R` is added.

    Call it with ``fields [B, F, E]`` and, if fields may be missing, ``mask [B, F]``
    (bool, True = there): a missing field is not read, and what it reads is 0. It
    returns ``[B, F, E]``, with ``need_weights=True`` also the weights
    ``[B, H, F, F]``, a row for the field that reads. ``frozen``, broadcastable to
    that, takes their place.

    Raises:
        TypeError, ValueError: an argument has a wrong type or shape, or holds NaN.

    Source: Song et al. 2019 (AutoInt, arXiv 1810.11921), equations 5 to 8.

    Example:
        >>> layer = InteractingLayer(embedding_dim=8, num_heads=2)
        >>> output, weights = layer(torch.randn(3, 5, 8), need_weights=True)
        >>> list(output.shape), list(weights.shape)  # [B, F, E], [B, H, F, F]
        ([3, 5, 8], [3, 2, 5, 5])
    """

    def __init__(
        self, embedding_dim: int, num_heads: int = 2, residual: bool = True
    ) -> None:
        super().__init__()
        require_heads(embedding_dim, num_heads)
        self.embedding_dim = embedding_dim
        self.num_heads = num_heads
        self.residual = residual
        parts = 4 if residual else 3
        # query, key, value, residual: one product for all
        self.projections = nn.Linear(embedding_dim, parts * embedding_dim, bias=False)

    def forward(
        self,
        fields: Tensor,
        mask: Tensor | None = None,
        *,
        frozen: Tensor | None = None,
        need_weights: bool = False,
    ) -> Tensor | tuple[Tensor, Tensor]:
        """``[B, F, E] -> [B, F, E]``; with ``need_weights`` also ``[B, H, F, F]``."""
        require_fields(fields, embedding_dim=self.embedding_dim)
        B, num_fields, E = fields.shape
        query, key, value, *own = self.projections(fields).split(E, -1)
        query, key, value = (
            split_heads(x, self.num_heads) for x in (query, key, value)
        )  # [B, H, F, E/H]
        if mask is not None:
            require_mask(mask, fields.shape[:2])
            real = mask[:, None, None] & mask[:, None, :, None]  # [B, 1, F, F]
        if frozen is not None:
            weights = frozen_weights(
                frozen, fields.new_empty(B, self.num_heads, num_fields, num_fields)
            )
            if mask is not None:
                weights = weights.masked_fill(~real, 0.0)
        else:
            # half precision ends at 65504, which a score may pass
            scores = at_least_float32(query) @ at_least_float32(key).mT
            if mask is None:
                weights = scores.softmax(-1).to(value.dtype)
            else:
                weights = masked_softmax(scores, real).to(value.dtype)
        output = join_heads(weights @ value)
        if own:
            output = output + own[0]
        if mask is not None:
            output = output.masked_fill(~mask[..., None], 0.0)
        output = F.relu(output)
        return (output, weights) if need_weights else output
