"""The transformer block: attend, then think about each position by itself."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from seqviz.arguments import (
    require_behaviors,
    require_choice,
    require_ids,
    require_mask,
    require_whole,
)
from seqviz.layers.dropout import Dropout
from seqviz.layers.positions import at_latest
from seqviz.layers.self_attention import SelfAttention

ACTIVATIONS = {"relu": nn.ReLU, "gelu": nn.GELU}


class TransformerBlock(nn.Module):
    r"""Self-attention and a feed-forward network, each as a correction to its input.

    .. math::
        Y = X + \operatorname{Attention}(\operatorname{Norm}(X)), \quad
        Z = Y + \operatorname{ReLU}(\operatorname{Norm}(Y)\, W_1 + b_1)\, W_2 + b_2

    The norm comes first (pre-norm), so that a sum runs from the first block to the last
    untouched. With ``norm_first=False`` it comes after each sum (post-norm), as in the
    first transformer, BERT4Rec and BST:

    .. math::
        Y = \operatorname{Norm}(X + \operatorname{Attention}(X)), \quad
        Z = \operatorname{Norm}(Y + \operatorname{ReLU}(Y W_1 + b_1)\, W_2 + b_2)

    Dropout acts on the weights, inside the network and on both corrections.

    Args:
        embedding_dim: E, a multiple of ``num_heads``.
        num_heads: H.
        hidden_dim: D, width of the feed-forward network; 4E if not given.
        causal: behavior t reads behaviors 0 to t only.
        dropout: share of the entries set to 0 in training.
        norm_first: pre-norm; else post-norm.
        activation: ``"relu"`` or ``"gelu"``, in the feed-forward network.

    The call is that of ``SelfAttention``: ``behaviors [B, T, E]`` and ``mask [B, T]``
    to ``output [B, T, E]``, with ``need_weights=True`` also ``weights [B, H, T, T]``.
    Padding comes out as zeros.

    Sources: Vaswani et al. 2017 (arXiv 1706.03762), section 3; Xiong et al. 2020
    (arXiv 2002.04745) for the place of the norm.

    Example:
        >>> block = TransformerBlock(embedding_dim=8, num_heads=2)
        >>> list(block(torch.randn(3, 5, 8)).shape)  # [B, T, E]
        [3, 5, 8]
    """

    def __init__(
        self,
        embedding_dim: int,
        num_heads: int = 1,
        *,
        hidden_dim: int | None = None,
        causal: bool = True,
        dropout: float = 0.0,
        norm_first: bool = True,
        activation: str = "relu",
    ) -> None:
        super().__init__()
        require_choice(ACTIVATIONS, activation=activation)
        self.norm_first = norm_first
        hidden_dim = 4 * embedding_dim if hidden_dim is None else hidden_dim
        require_whole(embedding_dim=embedding_dim, hidden_dim=hidden_dim)
        self.attention_norm = nn.LayerNorm(embedding_dim)
        self.attention = SelfAttention(
            embedding_dim, num_heads, causal=causal, dropout=dropout
        )
        self.feed_forward_norm = nn.LayerNorm(embedding_dim)
        self.feed_forward = nn.Sequential(
            nn.Linear(embedding_dim, hidden_dim),
            ACTIVATIONS[activation](),
            Dropout(dropout),
            nn.Linear(hidden_dim, embedding_dim),
        )
        self.dropout = Dropout(dropout)

    def forward(
        self,
        behaviors: Tensor,
        mask: Tensor | None = None,
        *,
        need_weights: bool = False,
    ) -> Tensor | tuple[Tensor, Tensor]:
        """``[B, T, E]`` to as much; with ``need_weights`` also ``[B, H, T, T]``."""
        # the attention looks for NaN, which the norm passes on
        require_behaviors(behaviors, self.attention.embedding_dim, finite=False)
        asking = self.asking(behaviors)
        read = self.attention(asking, mask, need_weights=need_weights)
        read, weights = read if need_weights else (read, None)
        output = self.correct(behaviors, read)
        if mask is not None:
            output = output * mask[..., None]
        return (output, weights) if need_weights else output

    def at_latest(self, behaviors: Tensor, mask: Tensor) -> Tensor:
        """The output of the latest real behavior alone, ``[B, 1, E]``, for less work.

        An empty history gives zeros.
        """
        require_behaviors(behaviors, self.attention.embedding_dim, finite=False)
        require_mask(mask, behaviors.shape[:2])
        read = self.attention.at_latest(self.asking(behaviors), mask)
        output = self.correct(at_latest(behaviors, mask), read)
        return output * mask.any(1)[:, None, None]

    def at(self, behaviors: Tensor, mask: Tensor, places: Tensor) -> Tensor:
        """The outputs of some real behaviors alone, ``[n, E]``, for less work.

        Args:
            places: int64 ``[n]``, where they stand among the ``B * T``.
        """
        require_behaviors(behaviors, self.attention.embedding_dim, finite=False)
        require_ids("places", places, 0, mask.numel() - 1)
        read = self.attention(self.asking(behaviors), mask)  # [B, T, E]
        own, read = (x.flatten(0, 1).index_select(0, places) for x in (behaviors, read))
        return self.correct(own, read)

    def asking(self, behaviors: Tensor) -> Tensor:
        """``[..., E]``: what the attention is given of the behaviors."""
        return self.attention_norm(behaviors) if self.norm_first else behaviors

    def correct(self, behaviors: Tensor, read: Tensor) -> Tensor:
        """``[..., E]`` twice to as much: the output for what the attention has read."""
        behaviors = behaviors + self.dropout(read)
        if self.norm_first:
            change = self.feed_forward(self.feed_forward_norm(behaviors))
            return behaviors + self.dropout(change)
        behaviors = self.attention_norm(behaviors)
        change = self.feed_forward(behaviors)
        return self.feed_forward_norm(behaviors + self.dropout(change))


def weights_of(
    blocks: Iterable[TransformerBlock], states: Tensor, mask: Tensor
) -> Tensor:
    """What the heads of each block read: ``[B, T, E]`` to ``[B, blocks, H, T, T]``."""
    found = []
    for block in blocks:
        states, weights = block(states, mask, need_weights=True)
        found.append(weights)
    return torch.stack(found, 1)
