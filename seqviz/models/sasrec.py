"""SASRec: self-attention over the history predicts the next item."""

from torch import Tensor, nn

from seqviz.arguments import require_whole
from seqviz.layers import Dropout, KeyCache, LearnedPositions, TransformerBlock
from seqviz.layers.positions import at_latest
from seqviz.layers.transformer import weights_of
from seqviz.models.next_item import NextItem


class SASRec(NextItem):
    """Retrieval with one interest: what causal self-attention makes of the last item.

    The order of the clicks matters.

    Every position of a row says what comes after it, so one row trains as many
    predictions as it has items: train it on ``longest_histories(split.train)``, a row
    for each user, not on a row for every prefix. (As published, the positions within a
    row count back from its end, so that this is not quite the loss of all prefixes.) On
    a large catalog give it a ``sampler``: the full softmax compares every position with
    every item.

    Args:
        num_items: N; ids run from 1 to N, 0 is padding.
        embedding_dim: E, a multiple of ``num_heads``.
        num_heads: H.
        num_blocks: how many ``TransformerBlock``.
        max_length: longest history.
        dropout: share of the entries set to 0 in training: of the input, and within the
            blocks.
        hidden_dim: width of the feed-forward networks; E if not given, as published.
        all_positions: False trains the last position of a row only, for rows that are
            prefixes, as the other models of this book do.
        from_oldest: count positions from the oldest click, so that ``remember`` and
            ``follow`` can serve click by click; else from the latest, as published.
        norm_first: pre-norm blocks; else post-norm.
        **options: of ``NextItem``: calibration, temperature, sampler, num_negatives,
            log_q.

    Differs from the paper in the loss: a softmax over the catalog or over sampled
    items, where the paper has one negative a position and binary cross entropy
    (``calibration=0.0, num_negatives=1``; gSASRec is ``calibration=0.75`` with more).

    Source: Kang and McAuley 2018 (arXiv 1808.09781).

    Example:
        >>> model = SASRec(num_items=100, embedding_dim=8).eval()
        >>> ids = torch.tensor([[0, 5, 3, 9]])
        >>> list(model(ids).shape)  # [B, 1, E]
        [1, 1, 8]
        >>> list(model.weights(ids).shape)  # a block before the heads
        [1, 2, 1, 4, 4]
    """

    def __init__(
        self,
        num_items: int,
        embedding_dim: int = 64,
        num_heads: int = 1,
        num_blocks: int = 2,
        max_length: int = 50,
        dropout: float = 0.2,
        *,
        hidden_dim: int | None = None,
        all_positions: bool = True,
        from_oldest: bool = False,
        norm_first: bool = True,
        **options,
    ) -> None:
        super().__init__(
            num_items, embedding_dim, all_positions=all_positions, **options
        )
        require_whole(num_blocks=num_blocks)
        self.positions = LearnedPositions(
            max_length, embedding_dim, from_oldest=from_oldest
        )
        self.dropout = Dropout(dropout)
        self.blocks = nn.ModuleList(
            TransformerBlock(
                embedding_dim,
                num_heads,
                hidden_dim=embedding_dim if hidden_dim is None else hidden_dim,
                dropout=dropout,
                norm_first=norm_first,
            )
            for _ in range(num_blocks)
        )
        self.norm = nn.LayerNorm(embedding_dim)

    def states(self, behaviors: Tensor, mask: Tensor) -> Tensor:
        """``[B, T, E]``: what is predicted after each behavior; zeros at padding."""
        states = self._start(behaviors, mask)
        for block in self.blocks:
            states = block(states, mask)
        return self.norm(states) * mask[..., None]

    def pool(self, behaviors: Tensor, mask: Tensor) -> Tensor:
        """``[B, T, E]`` to ``[B, 1, E]``; an empty history gives zeros.

        The latest of ``states``. The last block leaves out the others, which nobody
        reads.
        """
        states = self._start(behaviors, mask)
        for block in self.blocks[:-1]:
            states = block(states, mask)
        state = self.blocks[-1].at_latest(states, mask)  # [B, 1, E]
        return self.norm(state) * mask.any(1)[:, None, None]

    def weights(self, item_ids: Tensor) -> Tensor:
        """What each block's heads read: ``[B, T]`` ids to ``[B, blocks, H, T, T]``."""
        behaviors, mask = self.behaviors(item_ids)
        return weights_of(self.blocks, self._start(behaviors, mask), mask)

    def remember(self, item_ids: Tensor) -> tuple[Tensor, KeyCache]:
        """Read histories once: interests ``[B, 1, E]``, and what ``follow`` needs.

        Args:
            item_ids: ``[B, T]``, with a click in every row.

        Raises:
            ValueError: positions are counted from the latest click, so that each new
                click would change all keys; or a history is empty.
        """
        if not self.positions.from_oldest:
            raise ValueError("from_oldest must be True to remember keys, got False")
        behaviors, mask = self.behaviors(item_ids)
        if not mask.any(1).all():
            raise ValueError(
                "item_ids must hold a click in every row, got none in row "
                f"{int(mask.any(1).int().argmin())}"
            )
        cache = KeyCache(self.blocks, len(mask), len(self.positions.weight))
        states = cache.fill(self._start(behaviors, mask), mask)
        return self.norm(at_latest(states, mask)), cache

    def follow(self, item_ids: Tensor, cache: KeyCache) -> Tensor:
        """One more click of each history: ids ``[B]`` to interests ``[B, 1, E]``.

        The same numbers as ``interests`` of the longer history, for O(T) instead of
        O(T²). The cache is brought up to date. In training mode dropout acts as ever.

        Raises:
            ValueError: a history is as long as the table of positions, or an id is 0.
        """
        clicked = self._clicked(item_ids)  # [B]
        place = cache.next_places()  # [B]
        behavior = self.embedding(clicked) + self.positions.weight[place]
        state = cache.append(self.dropout(behavior * behavior.shape[1] ** 0.5))
        return self.norm(state)[:, None]

    def _start(self, behaviors: Tensor, mask: Tensor) -> Tensor:
        # items and positions have length about 1, the blocks expect entries of about 1
        return self.dropout(self.positions(behaviors, mask) * behaviors.shape[2] ** 0.5)
