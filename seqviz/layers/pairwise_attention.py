"""The pairs of fields, each weighted by what it has to say: AFM."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from seqviz.arguments import require_fields, require_mask, require_whole
from seqviz.layers.frozen import frozen_weights
from seqviz.layers.masking import masked_softmax


class PairwiseAttention(nn.Module):
    r"""The weighted sum of all products of two fields.

    .. math::
        \mathbf{o} = \sum_{i < j} w_{ij}\, \mathbf{v}_i \odot \mathbf{v}_j, \qquad
        w = \operatorname{softmax}_{ij}\Big(
        \mathbf{h} \cdot \operatorname{ReLU}\big(
        (\mathbf{v}_i \odot \mathbf{v}_j) W + \mathbf{b}\big)\Big)

    With every weight 1 it is the sum of a factorization machine.

    Args:
        embedding_dim: E.
        hidden_dim: D, width of the attention network.

    Call it with ``fields [B, F, E]`` and, if fields may be missing, ``mask [B, F]``
    (bool, True = there): a pair counts if both of its fields are there. It returns
    ``[B, E]``, with ``need_weights=True`` also the weights ``[B, P]`` of the
    P = F(F − 1)/2 pairs in the order of ``field_pairs(F)``. ``frozen``, broadcastable
    to ``[B, P]``, takes the place of the weights; a missing pair keeps its 0. A row
    with fewer than two fields gives zeros.

    Raises:
        TypeError, ValueError: an argument has a wrong type or shape, or holds NaN.

    Source: Xiao et al. 2017 (arXiv 1708.04617), equations 4 and 5. The paper's scalar
    is the product of the output with one more vector.

    Example:
        >>> layer = PairwiseAttention(embedding_dim=8)
        >>> output, weights = layer(torch.randn(2, 4, 8), need_weights=True)
        >>> list(output.shape), list(weights.shape)  # [B, E], [B, P] of six pairs
        ([2, 8], [2, 6])
    """

    def __init__(self, embedding_dim: int, hidden_dim: int = 8) -> None:
        super().__init__()
        require_whole(embedding_dim=embedding_dim, hidden_dim=hidden_dim)
        self.embedding_dim = embedding_dim
        self.attention = nn.Linear(embedding_dim, hidden_dim)
        self.score = nn.Linear(hidden_dim, 1, bias=False)

    def forward(
        self,
        fields: Tensor,
        mask: Tensor | None = None,
        *,
        frozen: Tensor | None = None,
        need_weights: bool = False,
    ) -> Tensor | tuple[Tensor, Tensor]:
        """``[B, F, E] -> [B, E]``; with ``need_weights`` also ``[B, P]``."""
        require_fields(fields, embedding_dim=self.embedding_dim)
        left, right = field_pairs(fields.shape[1]).to(fields.device)
        real = None
        if mask is not None:
            require_mask(mask, fields.shape[:2])
            real = mask[:, left] & mask[:, right]  # [B, P]
        if frozen is None:
            products = _products(fields)  # [B, P, E]
            logits = self.score(F.relu(self.attention(products))).squeeze(-1)
            if real is None:
                weights = logits.softmax(-1)
            else:
                weights = masked_softmax(logits, real)
        else:
            like = fields.new_empty(fields.shape[0], left.shape[0])
            weights = frozen_weights(frozen, like)
            if real is not None:
                weights = weights.masked_fill(~real, 0.0)
        output = _weighted(fields, weights, left, right)  # [B, E]
        return (output, weights) if need_weights else output


def _weighted(fields: Tensor, weights: Tensor, left: Tensor, right: Tensor) -> Tensor:
    """``[B, E]``, the weighted sum of the pairs: F rows a row are read, not P."""
    num_fields = fields.shape[1]
    square = weights.new_zeros(weights.shape[0], num_fields**2)
    square = square.index_copy(1, left * num_fields + right, weights)
    read = square.unflatten(1, (num_fields, num_fields)) @ fields  # [B, F, E]
    return (fields * read).sum(1)


def _products(fields: Tensor) -> Tensor:
    """``[B, F, E] -> [B, P, E]``, from slices: nothing is gathered or scattered."""
    if fields.device.type == "cpu" and fields.requires_grad and torch.is_grad_enabled():
        return _Products.apply(fields)
    first = range(fields.shape[1] - 1)
    parts = [fields[:, i : i + 1] * fields[:, i + 1 :] for i in first]
    return torch.cat(parts, 1) if parts else fields[:, :0]


class _Products(torch.autograd.Function):
    """The same, without a gradient of all fields for each slice."""

    generate_vmap_rule = True

    @staticmethod
    def forward(fields: Tensor) -> Tensor:
        first = range(fields.shape[1] - 1)
        parts = [fields[:, i : i + 1] * fields[:, i + 1 :] for i in first]
        return torch.cat(parts, 1) if parts else fields[:, :0].clone()

    @staticmethod
    def setup_context(ctx, inputs: tuple[Tensor], output: Tensor) -> None:
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, slope: Tensor) -> Tensor:
        (fields,) = ctx.saved_tensors
        total = torch.zeros_like(fields)
        last = fields.shape[1] - 1
        parts = slope.split([last - i for i in range(last)], 1) if last else ()
        for i, part in enumerate(parts):
            total[:, i] += (part * fields[:, i + 1 :]).sum(1)
            total[:, i + 1 :].addcmul_(part, fields[:, i : i + 1])
        return total


def field_pairs(num_fields: int) -> Tensor:
    """``[2, P]``: both places of each pair, (0, 1), (0, 2), ..., (1, 2), ...

    Raises:
        TypeError, ValueError: ``num_fields`` is no whole number of at least 1.

    Example:
        >>> field_pairs(3)
        tensor([[0, 0, 1],
                [1, 2, 2]])
    """
    require_whole(num_fields=num_fields)
    return torch.triu_indices(num_fields, num_fields, offset=1)
