"""BST: the candidate stands behind the history, and a block reads both."""

import torch
from torch import Tensor, nn

from seqviz.arguments import require_whole
from seqviz.layers import Dropout, LearnedPositions, TransformerBlock
from seqviz.layers.positions import require_length
from seqviz.models.din import ClickModel, item_width


class CandidateBlock(nn.Module):
    """Transformer blocks over the behaviors and the candidate, who comes last.

    All read all. What the candidate's place holds in the end is the interest. Positions
    count back from the candidate, at 0, so neither the side nor the amount of padding
    matters. An empty history leaves the candidate to read itself.

    Args:
        embedding_dim: E of the item vectors, a multiple of ``num_heads``.
        num_heads: H.
        num_blocks: how many blocks; the published models were best with one.
        max_length: longest history, without the candidate.
        dropout: share of the entries set to 0 in training.
        hidden_dim: width of the feed-forward networks; 4E if not given.
        norm_first: pre-norm; else post-norm, as published.

    Call it with ``query [B, 1, E]`` (the candidate), ``behaviors [B, T, E]`` and
    ``mask [B, T]``. It returns ``[B, 1, E]``, with ``need_weights=True`` also
    ``[B, T]``: what the candidate takes of each behavior in the last block, mean over
    the heads. The rest, up to 1, it takes of itself.

    Source: Chen et al. 2019 (arXiv 1905.06874), section 2.2.
    """

    def __init__(
        self,
        embedding_dim: int,
        num_heads: int = 1,
        num_blocks: int = 1,
        max_length: int = 50,
        *,
        dropout: float = 0.0,
        hidden_dim: int | None = None,
        norm_first: bool = False,
    ) -> None:
        super().__init__()
        require_whole(num_blocks=num_blocks, max_length=max_length)
        self.max_length = max_length
        self.positions = LearnedPositions(max_length + 1, embedding_dim)
        self.dropout = Dropout(dropout)
        self.blocks = nn.ModuleList(
            TransformerBlock(
                embedding_dim,
                num_heads,
                hidden_dim=hidden_dim,
                causal=False,
                dropout=dropout,
                norm_first=norm_first,
            )
            for _ in range(num_blocks)
        )

    def forward(
        self,
        query: Tensor,
        behaviors: Tensor,
        mask: Tensor,
        *,
        need_weights: bool = False,
    ) -> Tensor | tuple[Tensor, Tensor]:
        """``[B, 1, E]``: the interest; with ``need_weights`` also ``[B, T]``."""
        require_length(behaviors, self.max_length)
        states = torch.cat([behaviors, query], 1)  # [B, T + 1, E]
        real = torch.cat([mask, mask.new_ones(mask.shape[0], 1)], 1)
        states = self.dropout(self.positions(states, real) * states.shape[2] ** 0.5)
        for block in self.blocks[:-1]:
            states = block(states, real)
        last = self.blocks[-1]
        if not need_weights:  # of the last block one row is read
            return last.at_latest(states, real)
        states, weights = last(states, real, need_weights=True)
        return states[:, -1:], weights[:, :, -1, :-1].mean(1)


class BST(ClickModel):
    """The Behavior Sequence Transformer: a click model that reads both at once.

    The order of the clicks matters.

    Args:
        num_items: N.
        embedding_dim: width of one field's embedding.
        num_heads, num_blocks, max_length, dropout, hidden_dim, norm_first: of
            :class:`CandidateBlock`; the heads divide the width of all fields together.
        options: those of :class:`ClickModel`.

    Differs from the paper: it hands all T + 1 outputs to the network above, so that the
    network's size depends on T, and counts positions in time; here the candidate's
    output alone goes up, and positions count clicks.

    Source: Chen et al. 2019 (arXiv 1905.06874).

    Example:
        >>> from seqviz.data import ClickBatch
        >>> ids = torch.tensor([[5, 9, 0]])
        >>> batch = ClickBatch(ids, ids != 0, *[ids[:, 0]] * 3, torch.ones(1))
        >>> list(BST(num_items=100, max_length=10)(batch).shape)  # the log-odds, [B]
        [1]
    """

    def __init__(
        self,
        num_items: int,
        embedding_dim: int = 16,
        *,
        num_heads: int = 1,
        num_blocks: int = 1,
        max_length: int = 50,
        dropout: float = 0.0,
        hidden_dim: int | None = None,
        norm_first: bool = False,
        item_features: Tensor | None = None,
        **options,
    ) -> None:
        pooling = CandidateBlock(
            item_width(num_items, embedding_dim, item_features),
            num_heads,
            num_blocks,
            max_length,
            dropout=dropout,
            hidden_dim=hidden_dim,
            norm_first=norm_first,
        )
        super().__init__(
            num_items, pooling, embedding_dim, item_features=item_features, **options
        )
