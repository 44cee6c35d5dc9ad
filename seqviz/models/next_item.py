"""Models that say at every position what comes next."""

import torch
from torch import Tensor

from seqviz.arguments import require_ids
from seqviz.data import Batch
from seqviz.layers import full_softmax_loss, latest
from seqviz.layers.precision import at_least_float32
from seqviz.models.retriever import Retriever


class NextItem(Retriever):
    """A retriever whose every position predicts the item after it.

    A subclass defines ``states(behaviors, mask) -> [B, T, E]`` beside ``pool``, its
    latest as ``[B, 1, E]``. Train it on ``longest_histories(split.train)``, a row for
    each user, not on a row for every prefix. The negatives of a batch are shared by all
    its positions.

    Args:
        num_items: N; ids run from 1 to N, 0 is padding.
        embedding_dim: E.
        all_positions: False trains the last position of a row only, for rows that are
            prefixes, as the other models of this book do.
        **options: of ``Retriever``: temperature, sampler, num_negatives, log_q.
    """

    def __init__(
        self, num_items: int, embedding_dim: int, *, all_positions: bool, **options
    ) -> None:
        super().__init__(num_items, embedding_dim, **options)
        self.all_positions = all_positions

    def states(self, behaviors: Tensor, mask: Tensor) -> Tensor:
        """``[B, T, E]``: what is predicted after each behavior."""
        raise NotImplementedError

    def loss(self, batch: Batch, negative_ids: Tensor | None = None) -> Tensor:
        """Mean cross entropy of what comes next, over all predictions of the batch.

        The next item of a behavior is the one after it in the row, and
        ``batch.target_ids`` for the latest.

        Args:
            negative_ids: what ``draw`` returned; drawn here if not given.
        """
        if self.sampler is not None:
            return super().loss(batch, negative_ids)
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
        return self.against(
            self._scaled(query),
            self._normalized(vectors[following]),
            self._normalized(negatives),
            ids[following],
            negative_ids,
            log_probability,
        )


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
