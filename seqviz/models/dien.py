"""DIEN: interests are read out of the behaviors, then led toward the candidate."""

import torch
from torch import Tensor, nn

from seqviz.arguments import require_ids, require_number
from seqviz.data import ClickBatch
from seqviz.layers import InterestEvolution, InterestExtractor
from seqviz.models.din import ClickModel, item_width


class EvolutionPooling(nn.Module):
    """``InterestExtractor``, then ``InterestEvolution``.

    Its weights ``[B, T]`` are those of the target over the interest states.

    Example:
        >>> pool = EvolutionPooling(embedding_dim=8)
        >>> query, behaviors = torch.randn(2, 1, 8), torch.randn(2, 5, 8)
        >>> list(pool(query, behaviors, torch.ones(2, 5) > 0).shape)  # [B, 1, E]
        [2, 1, 8]
    """

    def __init__(self, embedding_dim: int, kind: str = "augru") -> None:
        super().__init__()
        self.extractor = InterestExtractor(embedding_dim)
        self.evolution = InterestEvolution(embedding_dim, kind)

    def forward(
        self,
        query: Tensor,
        behaviors: Tensor,
        mask: Tensor,
        *,
        need_weights: bool = False,
    ) -> Tensor | tuple[Tensor, Tensor]:
        """``[B, 1, E]``: the interest; with ``need_weights`` also ``[B, T]``."""
        states = self.extractor(behaviors, mask)
        return self.evolution(query, states, mask, need_weights=need_weights)


class DIEN(ClickModel):
    """The Deep Interest Evolution Network: two recurrent layers read the history.

    The first, a GRU, is trained to tell the next click from another item. The second is
    led by the shown item. The order of the clicks matters; the side of the padding does
    not.

    Args:
        num_items: N, at least 2 with an auxiliary loss: a negative is another item.
        embedding_dim: width of one field's embedding.
        kind: ``"augru"``, ``"agru"`` or ``"aigru"``, see ``InterestEvolution``.
        auxiliary: α, how much the auxiliary loss counts; 0 leaves it out.
        options: those of :class:`ClickModel`.

    Source: Zhou et al. 2019 (arXiv 1809.03672). Its attributes of the target and its
    context are here the fields of item and user.

    Example:
        >>> from seqviz.data import ClickBatch
        >>> ids = torch.tensor([[5, 9, 0]])
        >>> batch = ClickBatch(ids, ids != 0, *[ids[:, 0]] * 3, torch.ones(1))
        >>> list(DIEN(num_items=100)(batch).shape)  # the log-odds, [B]
        [1]
    """

    def __init__(
        self,
        num_items: int,
        embedding_dim: int = 16,
        *,
        kind: str = "augru",
        auxiliary: float = 1.0,
        item_features: Tensor | None = None,
        **options,
    ) -> None:
        require_number(low=0, auxiliary=auxiliary)
        width = item_width(num_items, embedding_dim, item_features)
        pooling = EvolutionPooling(width, kind)
        super().__init__(
            num_items, pooling, embedding_dim, item_features=item_features, **options
        )
        if auxiliary and num_items == 1:
            raise ValueError(
                "auxiliary must be 0 for a catalog of one item, where no other can be "
                f"drawn, got {auxiliary}"
            )
        self.auxiliary = auxiliary

    def draw(self, batch: ClickBatch) -> Tensor:
        """``[B, T]``: for each behavior another item, all others with one chance."""
        ids = torch.randint_like(batch.item_ids, 1, self.num_items)
        return ids + (ids >= batch.item_ids) * batch.mask

    def loss(self, batch: ClickBatch, negative_ids: Tensor | None = None) -> Tensor:
        """Cross entropy of the clicks, α times the auxiliary loss, and the penalty.

        Args:
            negative_ids: ``[B, T]``, drawn here if not given.
        """
        if not self.auxiliary:
            return super().loss(batch)
        if negative_ids is None:
            negative_ids = self.draw(batch)
        negative_ids = require_ids("negative_ids", negative_ids, 0, self.num_items)
        query, behaviors, negatives = self._vectors(batch, negative_ids)
        states = self.pooling.extractor(behaviors, batch.mask)
        interest = self.pooling.evolution(query, states, batch.mask)
        loss = self._loss(batch, query, behaviors, interest)
        auxiliary = self.pooling.extractor.auxiliary_loss(
            states, behaviors, negatives, batch.mask
        )
        return loss + self.auxiliary * auxiliary
