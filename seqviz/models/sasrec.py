"""SASRec: self-attention over the history predicts the next item."""

import torch
from torch import Tensor, nn

from seqviz.arguments import require_ids, require_whole
from seqviz.data import Batch
from seqviz.layers import (
    LearnedPositions,
    TransformerBlock,
    full_softmax_loss,
    latest,
    sampled_cross_entropy,
)
from seqviz.layers.precision import at_least_float32
from seqviz.models.retriever import Retriever


class SASRec(Retriever):
    """Retrieval with one interest: what causal self-attention makes of the last item.

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
        **options: of ``Retriever``: temperature, sampler, num_negatives, log_q. The
            negatives of a batch are shared by all its positions.

    Differs from the paper in the loss: a softmax over the catalog or over sampled
    items, where the paper has one negative a position and binary cross entropy. With
    such a loss SASRec passes BERT4Rec (Klenitskiy and Vasilev 2023, arXiv 2309.07602).

    Source: Kang and McAuley 2018 (arXiv 1808.09781).
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
        **options,
    ) -> None:
        super().__init__(num_items, embedding_dim, **options)
        require_whole(num_blocks=num_blocks)
        self.positions = LearnedPositions(max_length, embedding_dim)
        self.dropout = nn.Dropout(dropout)
        self.blocks = nn.ModuleList(
            TransformerBlock(
                embedding_dim,
                num_heads,
                hidden_dim=embedding_dim if hidden_dim is None else hidden_dim,
                dropout=dropout,
            )
            for _ in range(num_blocks)
        )
        self.norm = nn.LayerNorm(embedding_dim)
        self.all_positions = all_positions

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
        states = self._start(behaviors, mask)
        found = []
        for block in self.blocks:
            states, weights = block(states, mask, need_weights=True)
            found.append(weights)
        return torch.stack(found, 1)

    def loss(self, batch: Batch) -> Tensor:
        """Mean cross entropy of what comes next, over all predictions of the batch.

        The next item of a behavior is the one after it in the row, and
        ``batch.target_ids`` for the latest.
        """
        if self.sampler is not None:
            return super().loss(batch)
        behaviors, mask = self.behaviors(batch.item_ids)
        if self.all_positions:
            query = self.states(behaviors, mask)[mask]  # [n, E]
            target_ids = _with_targets(batch)[_following(mask)]  # [n]
        else:
            query, target_ids = self.pool(behaviors, mask)[:, 0], batch.target_ids
        query = self._scaled(at_least_float32(query))
        return full_softmax_loss(query, self.item_vectors(), target_ids)

    def sampled_loss(
        self, batch: Batch, negative_ids: Tensor, log_probability: Tensor | None = None
    ) -> Tensor:
        """``loss`` against the given items only.

        Args:
            negative_ids: ``[S]`` shared by the batch, or ``[B, S]``, a row's own.
            log_probability: ``[N + 1]``, see ``sampled_softmax_loss``.
        """
        if not self.all_positions:
            return super().sampled_loss(batch, negative_ids, log_probability)
        mask = self._checked(batch.item_ids) != 0
        require_ids("target_ids", batch.target_ids, 1, self.num_items)
        negative_ids = require_ids("negative_ids", negative_ids, 1, self.num_items)
        # one look-up: the gradient of each is as large as the whole table
        ids = _with_targets(batch)  # [B·T + B]
        vectors = self.embedding(torch.cat([ids, negative_ids.flatten()]))
        vectors, negatives = vectors.split([len(ids), negative_ids.numel()])
        negatives = negatives.unflatten(0, negative_ids.shape)  # [S, E] or [B, S, E]
        behaviors = vectors[: mask.numel()].unflatten(0, mask.shape)
        following = _following(mask)  # [n]
        if negative_ids.dim() == 2:
            row = mask.nonzero()[:, 0]  # [n]
            negative_ids, negatives = negative_ids[row], negatives[row]
        query = self.states(behaviors, mask)[mask]  # [n, E]
        query, vectors, negatives = map(at_least_float32, (query, vectors, negatives))
        return sampled_cross_entropy(
            self._scaled(query),
            self._normalized(vectors[following]),
            self._normalized(negatives),
            ids[following],
            negative_ids,
            log_probability,
        )

    def _start(self, behaviors: Tensor, mask: Tensor) -> Tensor:
        # items and positions have length about 1, the blocks expect entries of about 1
        return self.dropout(self.positions(behaviors, mask) * behaviors.shape[2] ** 0.5)


def _with_targets(batch: Batch) -> Tensor:
    """The ids of the batch in one line, then its targets: ``[B·T + B]``."""
    return torch.cat([batch.item_ids.flatten(), batch.target_ids]).long()


def _following(mask: Tensor) -> Tensor:
    """Where in ``_with_targets`` the item after each of the n real behaviors stands."""
    if not mask.any():
        raise ValueError(
            "item_ids must hold an item, got nothing but padding of shape "
            f"{list(mask.shape)}"
        )
    rows = torch.arange(mask.shape[0], device=mask.device)
    following = torch.arange(1, mask.numel() + 1, device=mask.device).view(mask.shape)
    # the latest of a row is followed by the row's target
    following[rows, latest(mask)] = mask.numel() + rows
    return following[mask]  # [n]
