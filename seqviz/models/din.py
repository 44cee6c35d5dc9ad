"""Click models: DIN, and the Base model it is measured against."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from seqviz.arguments import require_ids, require_number, require_whole
from seqviz.data import ClickBatch
from seqviz.layers import (
    AttentionSequencePooling,
    SumPooling,
    TargetAttention,
    batch_l2,
    full_l2,
)
from seqviz.layers.activation_unit import dense_stack, run_stack
from seqviz.layers.embedding_table import EmbeddingTable


class ClickModel(nn.Module):
    """Predicts whether a user clicks a shown item, from her history.

    Fields: every item has an id and the columns of ``item_features``; the behaviors of
    a history are items, with the same tables. Every user has the columns of
    ``user_features``. An item vector is the concatenation of its fields' embeddings,
    E = ``embedding_dim`` for each. User, pooled history and shown item side by side go
    through a network with one output.

    Every row has one shown item, clicked or not, and goes the same way: the labels
    share every table, every layer and every statistic.

    The order of the clicks does not matter unless the pooling reads it.

    Args:
        num_items: N; ids run from 1 to N, 0 is padding.
        pooling: ``(query [B, 1, E], behaviors [B, T, E], mask [B, T]) -> [B, 1, P]``,
            with ``need_weights=True`` also weights ``[B, T]``.
        pooled_dim: P; E if not given.
        embedding_dim: width of one field's embedding.
        item_features: int64 ``[N + 1, F]``, more ids of each item; row 0 is padding.
        user_features: int64 ``[U, G]``, ids of each user, e.g. her own number.
        hidden_units: widths of the network's hidden layers.
        activation: ``"sigmoid"``, ``"prelu"`` or ``"dice"``.
        l2: how much the penalty on the item tables counts.
        counts: float ``[N + 1]``, how often each item occurs in the training data.
            With it the penalty is the mini-batch aware one on the rows that the batch
            touches; without it the whole item tables are penalized in every step.

    Raises:
        TypeError, ValueError: an argument has a wrong type, shape or range.

    Example:
        >>> from seqviz.data import ClickBatch
        >>> from seqviz.layers import SumPooling
        >>> ids = torch.tensor([[5, 9, 0]])
        >>> batch = ClickBatch(ids, ids != 0, *[ids[:, 0]] * 3, torch.ones(1))
        >>> model = ClickModel(num_items=100, pooling=SumPooling())
        >>> bool(0 < model.probabilities(batch) < 1)
        True
    """

    def __init__(
        self,
        num_items: int,
        pooling: nn.Module,
        embedding_dim: int = 16,
        *,
        pooled_dim: int | None = None,
        item_features: Tensor | None = None,
        user_features: Tensor | None = None,
        hidden_units: Sequence[int] = (200, 80),
        activation: str = "prelu",
        l2: float = 0.0,
        counts: Tensor | None = None,
    ) -> None:
        super().__init__()
        require_whole(num_items=num_items, embedding_dim=embedding_dim)
        require_number(low=0, l2=l2)
        item_features = _item_features(item_features, num_items)
        counts = None if counts is None else torch.as_tensor(counts)
        if counts is not None and counts.shape != (num_items + 1,):
            raise ValueError(
                f"counts must have shape [{num_items + 1}], got {list(counts.shape)}"
            )
        user_features = _features("user_features", user_features, None)
        self.pooling = pooling
        self.l2 = l2
        self.register_buffer("item_features", item_features)
        self.register_buffer("user_features", user_features)
        self.register_buffer("counts", counts)
        self.embedding = _table(num_items + 1, embedding_dim, padding=True)
        self.feature_embeddings = _tables(item_features, embedding_dim, padding=True)
        self._count_features()
        self.user_embeddings = _tables(user_features, embedding_dim, padding=False)
        self.width = embedding_dim * (1 + len(self.feature_embeddings))
        pooled_dim = self.width if pooled_dim is None else pooled_dim
        require_whole(pooled_dim=pooled_dim)
        joined = pooled_dim + self.width + embedding_dim * len(self.user_embeddings)
        self.layers = dense_stack(joined, hidden_units, activation)

    @property
    def num_items(self) -> int:
        """N, without the padding."""
        return self.embedding.num_embeddings - 1

    def item_vectors(self) -> Tensor:
        """``[N + 1, E]``, all fields; row 0 is padding and all zeros."""
        return self._look_up(torch.arange(self.num_items + 1, device=self._device))

    def forward(self, batch: ClickBatch) -> Tensor:
        """``[B]``: the log-odds of a click."""
        return self.logits(batch)

    def logits(self, batch: ClickBatch) -> Tensor:
        """``[B]``: the log-odds of a click."""
        query, behaviors = self._vectors(batch)
        return self._logits(batch, query, self.pooling(query, behaviors, batch.mask))

    def probabilities(self, batch: ClickBatch) -> Tensor:
        """``[B]``: the click probabilities."""
        return self.logits(batch).sigmoid()

    def weights(self, batch: ClickBatch) -> Tensor:
        """``[B, T]``: how much each behavior counts for the shown item."""
        query, behaviors = self._vectors(batch)
        return self.pooling(query, behaviors, batch.mask, need_weights=True)[1]

    def loss(self, batch: ClickBatch) -> Tensor:
        """Mean cross entropy of the clicks, plus the penalty."""
        query, behaviors = self._vectors(batch)
        interest = self.pooling(query, behaviors, batch.mask)
        return self._loss(batch, query, behaviors, interest)

    def _loss(
        self, batch: ClickBatch, query: Tensor, behaviors: Tensor, interest: Tensor
    ) -> Tensor:
        """The loss of what the pooling gave, ``[B, 1, P]``."""
        logits = self._logits(batch, query, interest)
        clicked = batch.clicked.to(logits.dtype)
        loss = F.binary_cross_entropy_with_logits(logits, clicked)
        if not self.l2:
            return loss
        return loss + self.l2 * self._penalty(batch, query, behaviors)

    def _logits(self, batch: ClickBatch, query: Tensor, interest: Tensor) -> Tensor:
        parts = [
            table(column)
            for table, column in zip(
                self.user_embeddings, self._user_columns(batch.users), strict=True
            )
        ]
        joined = torch.cat([*parts, interest[:, 0], query[:, 0]], -1)
        return run_stack(self.layers, joined).squeeze(-1)

    def _user_columns(self, users: Tensor) -> Tensor | tuple[()]:
        if self.user_features is None:
            return ()
        users = require_ids("users", users, 0, len(self.user_features) - 1)
        return self.user_features[users].T  # [G, B]

    def _vectors(self, batch: ClickBatch, *more: Tensor) -> tuple[Tensor, ...]:
        """``[B, 1, E]``, ``[B, T, E]`` and the vectors of ``more`` ids, 0 to N."""
        item_ids = require_ids("item_ids", batch.item_ids, 0, self.num_items)
        target_ids = require_ids("target_ids", batch.target_ids, 1, self.num_items)
        # one look-up: the gradient of each is as large as the whole table
        ids = target_ids[:, None], item_ids, *more
        vectors = self._look_up(torch.cat([part.flatten() for part in ids]))
        parts = vectors.split([part.numel() for part in ids])
        return tuple(
            part.unflatten(0, own.shape) for part, own in zip(parts, ids, strict=True)
        )

    def _look_up(self, ids: Tensor) -> Tensor:
        vectors = self.embedding(ids)
        if not self.feature_embeddings:
            return vectors
        columns = self.item_features[ids].unbind(-1)
        more = [
            table(column)
            for table, column in zip(self.feature_embeddings, columns, strict=True)
        ]
        return torch.cat([vectors, *more], -1)

    def _penalty(self, batch: ClickBatch, query: Tensor, behaviors: Tensor) -> Tensor:
        if self.counts is None:
            tables = [self.embedding, *self.feature_embeddings]
            return full_l2(*(table.weight for table in tables))
        ids = torch.cat([batch.target_ids, batch.item_ids.flatten()])
        vectors = torch.cat([query[:, 0], behaviors.flatten(0, -2)])
        fields = [ids]
        if self.item_features is not None:
            fields += self.item_features[ids].unbind(-1)
        widths = vectors.split(self.embedding.embedding_dim, -1)
        return sum(
            batch_l2(own, field, self.get_buffer(name))
            for own, field, name in zip(
                widths, fields, self._count_names(), strict=True
            )
        )

    def _count_names(self) -> list[str]:
        """The buffers with the number of occurrences, field by field."""
        features = range(len(self.feature_embeddings))
        return ["counts", *(f"feature_counts_{f}" for f in features)]

    def _count_features(self) -> None:
        """An id of a feature occurs as often as all items that have it."""
        if self.counts is None or self.item_features is None:
            return
        for name, column in zip(
            self._count_names()[1:], self.item_features.unbind(-1), strict=True
        ):
            self.register_buffer(name, torch.bincount(column, self.counts).float())

    @property
    def _device(self) -> torch.device:
        return self.embedding.weight.device


class DIN(ClickModel):
    """The Deep Interest Network: the history is pooled for each candidate anew.

    The order of the clicks does not matter.

    Args:
        num_items: N.
        embedding_dim: width of one field's embedding.
        attention_units: widths of the local activation unit's hidden layers.
        attention_activation: ``"sigmoid"``, ``"prelu"`` or ``"dice"``.
        softmax: whether the weights are normalized; the paper's are not.
        options: those of :class:`ClickModel`.

    Source: Zhou et al. 2018 (arXiv 1706.06978), section 4.3.

    Example:
        >>> from seqviz.data import ClickBatch
        >>> ids = torch.tensor([[5, 9, 0]])
        >>> batch = ClickBatch(ids, ids != 0, *[ids[:, 0]] * 3, torch.ones(1))
        >>> weights = DIN(num_items=100, softmax=True).weights(batch)
        >>> list(weights.shape), weights[0, 2].item()  # [B, T], nothing for padding
        ([1, 3], 0.0)
    """

    def __init__(
        self,
        num_items: int,
        embedding_dim: int = 16,
        *,
        attention_units: Sequence[int] = (80, 40),
        attention_activation: str = "sigmoid",
        softmax: bool = False,
        item_features: Tensor | None = None,
        **options,
    ) -> None:
        width = item_width(num_items, embedding_dim, item_features)
        pooling = AttentionSequencePooling(
            width, attention_units, attention_activation, softmax
        )
        super().__init__(
            num_items, pooling, embedding_dim, item_features=item_features, **options
        )


class BaseModel(ClickModel):
    """DIN without attention: the sum of the behaviors, for every candidate the same.

    The order of the clicks does not matter.

    Source: Zhou et al. 2018 (arXiv 1706.06978), section 4.2.

    Example:
        >>> from seqviz.data import ClickBatch
        >>> ids = torch.tensor([[5, 9, 0]])
        >>> batch = ClickBatch(ids, ids != 0, *[ids[:, 0]] * 3, torch.ones(1))
        >>> BaseModel(num_items=100).weights(batch)  # the sum: every click counts 1
        tensor([[1., 1., 0.]])
    """

    def __init__(self, num_items: int, embedding_dim: int = 16, **options) -> None:
        super().__init__(num_items, SumPooling(), embedding_dim, **options)


class TargetPooling(nn.Module):
    """Target attention in the place of the local activation unit, with one head.

    Example:
        >>> pool = TargetPooling(embedding_dim=8)
        >>> query, behaviors = torch.randn(2, 1, 8), torch.randn(2, 5, 8)
        >>> list(pool(query, behaviors, torch.ones(2, 5) > 0).shape)  # [B, 1, E]
        [2, 1, 8]
    """

    def __init__(self, embedding_dim: int) -> None:
        super().__init__()
        self.attention = TargetAttention(embedding_dim)

    def forward(
        self,
        query: Tensor,
        behaviors: Tensor,
        mask: Tensor,
        *,
        need_weights: bool = False,
    ) -> Tensor | tuple[Tensor, Tensor]:
        """``[B, 1, E]``: the interest; with ``need_weights`` also ``[B, T]``."""
        if not need_weights:
            return self.attention(query, behaviors, mask)
        interest, weights = self.attention(query, behaviors, mask, need_weights=True)
        return interest, weights[:, 0, 0]


def item_width(num_items: int, embedding_dim: int, item_features: Tensor | None) -> int:
    """E of the item vectors, after the features are found to fit the items."""
    require_whole(num_items=num_items, embedding_dim=embedding_dim)
    features = _item_features(item_features, num_items)
    return embedding_dim * (1 if features is None else 1 + features.shape[1])


def _item_features(table: Tensor | None, num_items: int) -> Tensor | None:
    features = _features("item_features", table, num_items + 1)
    if features is not None and features[0].any():
        raise ValueError(
            f"item_features must be 0 in row 0, the padding, got {features[0].tolist()}"
        )
    return features


def _features(name: str, table: Tensor | None, rows: int | None) -> Tensor | None:
    if table is None:
        return None
    table = torch.as_tensor(table)
    if table.is_floating_point() or table.dim() != 2:
        raise ValueError(
            f"{name} must be ids with two dimensions, got {table.dtype} "
            f"{list(table.shape)}"
        )
    if rows is not None and len(table) != rows:
        raise ValueError(
            f"{name} must have {rows} rows, 0 to N, got shape {list(table.shape)}"
        )
    if not len(table):
        raise ValueError(f"{name} must have a row, got shape {list(table.shape)}")
    if table.min() < 0:
        raise ValueError(f"{name} must be at least 0, got {int(table.min())}")
    return table.long()


def _table(rows: int, width: int, *, padding: bool) -> EmbeddingTable:
    table = EmbeddingTable(rows, width, padding_idx=0 if padding else None)
    nn.init.normal_(table.weight, std=width**-0.5)
    if padding:
        with torch.no_grad():
            table.weight[0] = 0
    return table


def _tables(features: Tensor | None, width: int, *, padding: bool) -> nn.ModuleList:
    sizes = [] if features is None else (features.amax(0) + 1).tolist()
    return nn.ModuleList(_table(size, width, padding=padding) for size in sizes)
