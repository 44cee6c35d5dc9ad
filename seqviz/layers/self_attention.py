"""Self-attention: every behavior reads the whole history, itself included."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from seqviz.arguments import (
    require_behaviors,
    require_finite,
    require_heads,
    require_mask,
)
from seqviz.layers.attention import unchecked_weights
from seqviz.layers.dropout import Dropout
from seqviz.layers.heads import join_heads, split_heads
from seqviz.layers.positions import at_latest


class SelfAttention(nn.Module):
    r"""Queries, keys and values all come from the behaviors.

    .. math::
        A = \operatorname{softmax}_T\big(Q K^\top / \sqrt{E/H}\big), \quad
        Q = X W_Q, \; K = X W_K, \; V = X W_V, \quad O = A V W_O

    for each of H heads on its own slice of E/H entries.

    Args:
        embedding_dim: E, a multiple of ``num_heads``.
        num_heads: H.
        projection: False leaves the four matrices out: Q = K = V = X, O = A V.
        causal: behavior t reads behaviors 0 to t only.
        dropout: share of the weights set to 0 in training.

    Call it with ``behaviors [B, T, E]``, ``mask [B, T]`` (bool, True = real; none: all
    are real). It returns ``output [B, T, E]``, with ``need_weights=True`` also
    ``weights [B, H, T, T]`` (before dropout). Without them it runs torch's fused
    kernel, which never holds them.

    Padding is never read, and reads nothing: its rows of weights and of output are
    zeros. For that the projections have no bias. (One on the keys would cancel in the
    softmax anyway, one on the values is one on the output, and that one belongs to the
    layer that follows.)

    Raises:
        TypeError: behaviors are not floating-point, the mask is not bool.
        ValueError: shapes that do not fit, T = 0, heads that do not divide E; on the
            CPU also NaN or infinity, padding included.

    Source: Vaswani et al. 2017 (arXiv 1706.03762), section 3.2.2.

    Example:
        >>> layer = SelfAttention(embedding_dim=8, num_heads=2, causal=True)
        >>> output, weights = layer(torch.randn(3, 5, 8), need_weights=True)
        >>> list(output.shape), list(weights.shape)  # [B, T, E], [B, H, T, T]
        ([3, 5, 8], [3, 2, 5, 5])
        >>> weights[0, 0, 0]  # the first click reads itself alone
        tensor([1., 0., 0., 0., 0.], grad_fn=<SelectBackward0>)
    """

    def __init__(
        self,
        embedding_dim: int,
        num_heads: int = 1,
        *,
        projection: bool = True,
        causal: bool = False,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        require_heads(embedding_dim, num_heads)
        self.embedding_dim = embedding_dim
        self.num_heads = num_heads
        self.causal = causal
        self.dropout = Dropout(dropout)
        self.query_key_value = self.output = None
        if projection:
            # one product instead of three
            self.query_key_value = nn.Linear(
                embedding_dim, 3 * embedding_dim, bias=False
            )
            self.output = nn.Linear(embedding_dim, embedding_dim, bias=False)
            self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the weights anew: Glorot for each of the four square matrices."""
        if self.output is not None:
            for matrix in (*self.query_key_value.weight.chunk(3), self.output.weight):
                nn.init.xavier_uniform_(matrix)

    def forward(
        self,
        behaviors: Tensor,
        mask: Tensor | None = None,
        *,
        need_weights: bool = False,
    ) -> Tensor | tuple[Tensor, Tensor]:
        """``[B, T, E]`` to as much; with ``need_weights`` also ``[B, H, T, T]``."""
        require_behaviors(behaviors, self.embedding_dim, finite=False)
        if mask is not None:
            require_mask(mask, behaviors.shape[:2])
        query, key, value = self.look_up(behaviors)  # [B, H, T, E/H] each
        if need_weights:
            real = None if mask is None else mask[:, :, None] & mask[:, None, :]
            weights = unchecked_weights(query, key, real, causal=self.causal)
            read = self.dropout(weights) @ value  # [B, H, T, E/H]
        else:
            read = self._fused(query, key, value, mask)
        # the last behavior meets all others, and 0 times NaN is NaN
        require_finite("behaviors", behaviors, read[:, :, -1])
        output = join_heads(read)  # [B, T, E]
        if self.output is not None:
            output = self.output(output)
        if mask is not None and not need_weights:
            real = mask[..., None]  # a product is several times faster than a fill
            output = output * real if self.output is None else output.mul_(real)
        return (output, weights) if need_weights else output

    def at_latest(self, behaviors: Tensor, mask: Tensor) -> Tensor:
        """The output of the latest real behavior alone: ``[B, 1, E]``.

        The same numbers at 1/T of the scores. Nothing real comes after the latest, so
        causal or not makes no difference: this is target attention whose target is the
        latest behavior. An empty history gives zeros.
        """
        require_behaviors(behaviors, self.embedding_dim, finite=False)
        require_mask(mask, behaviors.shape[:2])
        asking = at_latest(behaviors, mask)  # [B, 1, E]
        if self.output is None:
            query = split_heads(asking, self.num_heads)
            heads = split_heads(behaviors, self.num_heads)
            weights = unchecked_weights(query, heads, mask)  # [B, H, 1, T]
            read = self.dropout(weights) @ heads  # [B, H, 1, E/H]
            require_finite("behaviors", behaviors, read)
            return join_heads(read)
        for_query, for_key, for_value = (
            matrix.unflatten(0, (self.num_heads, -1))  # [H, E/H, E]
            for matrix in self.query_key_value.weight.chunk(3)
        )
        # q·(W x) = (Wᵀ q)·x, so W_K and W_V meet one query instead of T behaviors
        query = torch.einsum("be,hde->bhd", asking[:, 0], for_query)
        query = torch.einsum("bhd,hde->bhe", query, for_key)
        scale = for_key.shape[1] ** -0.5
        weights = unchecked_weights(query, behaviors, mask, scale=scale)  # [B, H, T]
        read = self.dropout(weights) @ behaviors  # [B, H, E]
        require_finite("behaviors", behaviors, read)
        read = torch.einsum("bhe,hde->bhd", read, for_value)
        return self.output(read.flatten(1)[:, None])

    def look_up(self, behaviors: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """``[B, T, E]`` to queries, keys and values, ``[B, H, T, E/H]`` each."""
        if self.query_key_value is None:
            heads = split_heads(behaviors, self.num_heads)
            return heads, heads, heads
        packed = self.query_key_value(behaviors)  # [B, T, 3E]
        return tuple(split_heads(part, self.num_heads) for part in packed.chunk(3, -1))

    def _fused(
        self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None
    ) -> Tensor:
        """``[B, H, T, E/H]``; rows of padding hold anything finite."""
        dropout = self.dropout.p if self.training else 0.0
        if dropout and query.device.type == "cpu":  # the kernel holds the weights, too
            weights = unchecked_weights(query, key, mask, causal=self.causal)
            return self.dropout(weights) @ value
        if mask is None:
            return F.scaled_dot_product_attention(
                query, key, value, dropout_p=dropout, is_causal=self.causal
            )
        # A row with nothing to read is NaN in some of torch's kernels, and NaN times 0
        # is NaN. So padding reads something here, and its output is emptied later.
        if self.causal:
            # added to the scores: the kernel makes the same of a bool mask, slower
            length = mask.shape[1]
            later = query.new_full((length, length), -torch.inf).triu(1)
            padding = query.new_zeros(mask.shape).masked_fill_(~mask, -torch.inf)
            readable = padding[:, None] + later  # [B, T, T]
            # each behavior reads itself; writing to a diagonal view has no ONNX
            itself = torch.eye(length, dtype=torch.bool, device=mask.device)
            readable.masked_fill_(itself, 0.0)
        else:
            readable = (mask | ~mask.any(1, keepdim=True))[:, None]  # [B, 1, T]
        return F.scaled_dot_product_attention(
            query, key, value, attn_mask=readable[:, None], dropout_p=dropout
        )
