"""BERT4Rec: hide some clicks, tell them from both sides; hide the next one to serve."""

import torch
from torch import Tensor, nn

from seqviz.arguments import require_ids, require_mask, require_whole
from seqviz.data import Batch
from seqviz.layers import Dropout, LearnedPositions, TransformerBlock, cloze, hide
from seqviz.layers.positions import require_length
from seqviz.layers.transformer import weights_of
from seqviz.models.next_item import NextItem, Questions


class BERT4Rec(NextItem):
    """Retrieval with one interest: what bidirectional attention tells of a hidden item.

    The order of the clicks matters.

    A row of training is a history and its target; some items are hidden behind the
    mask's vector, and each is told from all that is left. To serve, the mask's vector
    stands behind the history: the hidden item is the next one. An empty history is that
    vector alone, and gets the same interest for everybody. Positions are counted from
    the end of the row, so a hidden item there is always at position 0. Train it on
    ``longest_histories(split.train)``, a row for each user.

    Args:
        num_items: N; ids run from 1 to N, 0 is padding.
        embedding_dim: E, a multiple of ``num_heads``.
        num_heads: H.
        num_blocks: how many ``TransformerBlock``.
        max_length: longest history, without the mask's place.
        dropout: share of the entries set to 0 in training: of the input, and within the
            blocks.
        hidden_share: how much of a row the cloze hides.
        latest_share: how often it hides the latest item alone.
        hidden_dim: width of the feed-forward networks; 4E if not given, as published.
        norm_first: pre-norm blocks; else post-norm, as published, which norms the
            input, too.
        activation: ``"gelu"``, as published, or ``"relu"``.
        output_layer: a layer with GELU and a norm behind the blocks, as published; else
            the norm alone.
        **options: of ``NextItem``: calibration, temperature, sampler, num_negatives,
            log_q.

    ``norm_first=True, activation="relu", output_layer=False, hidden_dim=E`` is the
    stack of SASRec: then the two differ in what is asked and who may be read, and in
    nothing else.

    Differs from the paper: no bias for each item at the output.

    Source: Sun et al. 2019 (arXiv 1904.06690).

    Example:
        >>> model = BERT4Rec(num_items=100, embedding_dim=8).eval()
        >>> list(model(torch.tensor([[0, 5, 3, 9]])).shape)  # [B, 1, E]
        [1, 1, 8]
    """

    def __init__(
        self,
        num_items: int,
        embedding_dim: int = 64,
        num_heads: int = 2,
        num_blocks: int = 2,
        max_length: int = 50,
        dropout: float = 0.2,
        *,
        hidden_share: float = 0.2,
        latest_share: float = 0.0,
        hidden_dim: int | None = None,
        norm_first: bool = False,
        activation: str = "gelu",
        output_layer: bool = True,
        **options,
    ) -> None:
        super().__init__(num_items, embedding_dim, all_positions=True, **options)
        require_whole(num_blocks=num_blocks, max_length=max_length)
        nothing = torch.zeros(1, 1, dtype=torch.bool)
        cloze(nothing, hidden_share, latest=latest_share)  # in range?
        self.max_length = max_length
        self.hidden_share = hidden_share
        self.latest_share = latest_share
        self.mask_vector = nn.Parameter(torch.empty(embedding_dim))
        nn.init.normal_(self.mask_vector, std=embedding_dim**-0.5)
        self.positions = LearnedPositions(max_length + 1, embedding_dim)
        self.input_norm = nn.Identity() if norm_first else nn.LayerNorm(embedding_dim)
        self.dropout = Dropout(dropout)
        self.blocks = nn.ModuleList(
            TransformerBlock(
                embedding_dim,
                num_heads,
                hidden_dim=hidden_dim,
                causal=False,
                dropout=dropout,
                norm_first=norm_first,
                activation=activation,
            )
            for _ in range(num_blocks)
        )
        norm = nn.LayerNorm(embedding_dim)
        layer = (nn.Linear(embedding_dim, embedding_dim), nn.GELU())
        self.output = nn.Sequential(*(layer if output_layer else ()), norm)

    def states(self, behaviors: Tensor, mask: Tensor) -> Tensor:
        """``[B, T, E]``: what each place is told to be; zeros at padding.

        T is at most ``max_length + 1``; hidden items have the mask's vector already.
        """
        states = self._start(behaviors, mask)
        for block in self.blocks:
            states = block(states, mask)
        return self.output(states) * mask[..., None]

    def pool(self, behaviors: Tensor, mask: Tensor) -> Tensor:
        """``[B, T, E]`` to ``[B, 1, E]``: the state of a mask behind the history."""
        behaviors, mask = self._with_mask(behaviors, mask)
        states = self._start(behaviors, mask)
        for block in self.blocks[:-1]:
            states = block(states, mask)
        return self.output(self.blocks[-1].at_latest(states, mask))

    def weights(self, item_ids: Tensor) -> Tensor:
        """What each block's heads read when serving.

        From ids ``[B, T]`` to ``[B, blocks, H, T + 1, T + 1]``; the last row and column
        are the mask's.
        """
        behaviors, mask = self._with_mask(*self.behaviors(item_ids))
        return weights_of(self.blocks, self._start(behaviors, mask), mask)

    def questions(self, batch: Batch, hidden: Tensor | None = None) -> Questions:
        """What is hidden of each row with its target behind it.

        Args:
            hidden: bool ``[B, T + 1]``, True = hidden; drawn by ``cloze`` if not given.

        Raises:
            ValueError: nothing is hidden, or padding is.
        """
        targets = require_ids("target_ids", batch.target_ids, 1, self.num_items)
        item_ids = self._checked(batch.item_ids)
        item_ids = torch.cat([item_ids, targets[:, None]], 1)  # [B, T + 1]
        mask = item_ids != 0
        if hidden is None:
            hidden = cloze(mask, self.hidden_share, latest=self.latest_share)
        require_mask(hidden, mask.shape, "hidden")
        if not hidden.any() or (hidden & ~mask).any():
            raise ValueError(
                "hidden must hide an item, and no padding, got "
                f"{int((hidden & mask).sum())} items and "
                f"{int((hidden & ~mask).sum())} places of padding"
            )
        return Questions(item_ids, hidden, hidden.flatten().nonzero()[:, 0])

    def answering(self, behaviors: Tensor, mask: Tensor, asked: Tensor) -> Tensor:
        """``[n, E]``: the states of what is hidden, from a row in which it is."""
        states = self._start(hide(behaviors, asked, self.mask_vector), mask)
        for block in self.blocks[:-1]:
            states = block(states, mask)
        places = asked.flatten().nonzero()[:, 0]  # of the last block no others count
        return self.output(self.blocks[-1].at(states, mask, places))

    def _with_mask(self, behaviors: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """The history with the mask's vector behind it: one step more."""
        require_length(behaviors, self.max_length)
        vector = self.mask_vector.to(behaviors.dtype).expand(behaviors.shape[0], 1, -1)
        real = torch.cat([mask, mask.new_ones(mask.shape[0], 1)], 1)
        return torch.cat([behaviors, vector], 1), real

    def _start(self, behaviors: Tensor, mask: Tensor) -> Tensor:
        # items and positions have length about 1, the blocks expect entries of about 1
        states = self.positions(behaviors, mask) * behaviors.shape[2] ** 0.5
        return self.dropout(self.input_norm(states))
