"""SDM: the session she is in and the past that she brings, joined by a gate."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from seqviz.arguments import require_choice, require_ids, require_whole
from seqviz.data import SessionBatch
from seqviz.layers import GatedFusion, LongTermInterest, ShortTermEncoder
from seqviz.layers.embedding_table import EmbeddingTable
from seqviz.layers.look_up import look_up
from seqviz.layers.precision import at_least_float32
from seqviz.layers.sampled_softmax import sampled_cross_entropy
from seqviz.layers.short_term import real_first
from seqviz.models.retriever import Retriever

FUSIONS = ("gate", "concat", "sum", "short", "long")


class Reading(NamedTuple):
    """What SDM made of a batch."""

    output: Tensor
    """``[B, E]``: what is compared with the items."""
    short: Tensor
    """``[B, E]``: the session; zeros without one."""
    long: Tensor
    """``[B, E]``: what came before."""
    gate: Tensor
    """``[B, E]``: the share of the session; of another fusion than "gate" 1 or 0 where
    one side is left out, else one half."""
    weights: Tensor
    """``[B, T]``: the user's, over the session."""
    long_weights: Tensor
    """``[B, F, L]``: the user's, over each attribute."""


class SDM(Retriever):
    """Retrieval with one interest: session and past, mixed by a gate.

    The order of the clicks matters.

    Called with batches of ``SessionExamples``. An item is its id and its attributes:
    the sum of their vectors, which is the published concatenation and the layer after
    it in one. The same sum is what an interest is compared with; the authors have a
    second table there.

    Args:
        num_items: N; ids run from 1 to N, 0 is padding.
        embedding_dim: E, a multiple of ``num_heads``.
        num_heads: H.
        attributes: ``[N + 1, F]`` ids, see ``item_attributes``; column 0 is the item.
            None: the item alone.
        num_users: U; a batch's users are 0 to U - 1. What all users share is learned
            beside what is hers, which begins at 0: so a user who was not trained on
            asks as everybody does. 0: nobody has anything of her own.
        fusion: "gate", "concat" (a layer on both), "sum", "short" or "long" alone.
        recurrent, self_attention, user_attention, bounded: of ``ShortTermEncoder``,
            ``bounded`` also of ``LongTermInterest``.
        **options: of ``Retriever``: temperature, sampler, num_negatives, log_q.

    The paper's profile of the user (age, sex, ...) is replaced by her number.

    Raises:
        TypeError, ValueError: an argument has a wrong type, shape or range.

    Source: Lv et al. 2019 (arXiv 1909.00385).

    Example:
        >>> from seqviz.data import SessionBatch
        >>> session, long = torch.tensor([[5, 3]]), torch.tensor([[[8, 2, 0]]])
        >>> none = torch.zeros(1, dtype=torch.long)
        >>> batch = SessionBatch(session, session > 0, none, *[none] * 3, session, long)
        >>> reading = SDM(num_items=100, embedding_dim=8).read(batch)
        >>> list(reading.gate.shape), list(reading.weights.shape)  # [B, E], [B, T]
        ([1, 8], [1, 2])
    """

    def __init__(
        self,
        num_items: int,
        embedding_dim: int = 64,
        num_heads: int = 4,
        *,
        attributes: Tensor | None = None,
        num_users: int = 0,
        fusion: str = "gate",
        recurrent: bool = True,
        self_attention: bool = True,
        user_attention: bool = True,
        bounded: bool = False,
        **options,
    ) -> None:
        super().__init__(num_items, embedding_dim, **options)
        require_choice(FUSIONS, fusion=fusion)
        require_whole(low=0, num_users=num_users)
        attributes = _checked_attributes(attributes, num_items)
        self.register_buffer("attributes", attributes, persistent=False)
        sizes = attributes[:, 1:].amax(0)  # [F - 1] values of each, without 0
        self._sizes = sizes.tolist()
        shifts = sizes.cumsum(0) - sizes
        self.register_buffer("_shifts", shifts, persistent=False)
        self.attribute_embedding = EmbeddingTable(
            int(sizes.sum()) + 1, embedding_dim, padding_idx=0
        )
        width = attributes.shape[1] * embedding_dim
        with torch.no_grad():  # the sum begins with length 1
            for table in (self.embedding, self.attribute_embedding):
                nn.init.normal_(table.weight, std=width**-0.5)[0] = 0
        self.user_embedding = EmbeddingTable(num_users, embedding_dim)
        nn.init.zeros_(self.user_embedding.weight)
        self.everybody = nn.Parameter(torch.empty(embedding_dim))
        nn.init.normal_(self.everybody, std=embedding_dim**-0.5)
        self.fusion = fusion
        self.short = self.long = self.join = None
        if fusion != "long":
            self.short = ShortTermEncoder(
                embedding_dim,
                num_heads,
                recurrent=recurrent,
                self_attention=self_attention,
                user_attention=user_attention,
                bounded=bounded,
            )
        if fusion != "short":
            self.long = LongTermInterest(
                embedding_dim, attributes.shape[1], bounded=bounded
            )
        if fusion == "gate":
            self.join = GatedFusion(embedding_dim)
        elif fusion == "concat":
            self.join = nn.Linear(2 * embedding_dim, embedding_dim)

    def forward(self, batch: SessionBatch) -> Tensor:
        """A batch to interests ``[B, 1, E]``: what is asked of the catalog."""
        return self.interests_of(batch)

    def interests(self, item_ids: Tensor) -> Tensor:
        """Refused: ids alone do not tell the session from the past.

        Raises:
            TypeError: always.
        """
        raise TypeError(
            "item_ids must come with their sessions: SDM reads a SessionBatch "
            "(interests_of, scores), got ids alone"
        )

    def interests_of(self, batch: SessionBatch) -> Tensor:
        """A batch to interests ``[B, 1, E]``."""
        return self.read(_packed(batch)).output[:, None]

    def item_vectors(self) -> Tensor:
        """``[N + 1, E]``: what an interest is compared with; row 0 is padding."""
        return self._normalized(self._all_vectors())

    def users(self, user_ids: Tensor) -> Tensor:
        """``[B]`` numbers to ``[B, E]``: what asks."""
        own = self.user_embedding
        if not own.num_embeddings:
            return self.everybody.expand(user_ids.shape[0], -1)
        user_ids = require_ids("users", user_ids, 0, own.num_embeddings - 1)
        return self.everybody + own(user_ids)

    def read(self, batch: SessionBatch) -> Reading:
        """All that the model makes of a batch."""
        _require_sessions(batch)
        session_ids = self._checked(batch.session_ids)
        behaviors = look_up(self._all_vectors(), session_ids)
        return self._read(batch, behaviors, self._values(batch))

    def head_weights(self, batch: SessionBatch) -> Tensor:
        """What each head reads in the session: ``[B, H, T, T]``."""
        _require_sessions(batch)
        session_ids = self._checked(batch.session_ids)
        behaviors = look_up(self._all_vectors(), session_ids)
        return self.short.head_weights(behaviors, session_ids != 0)

    def sampled_loss(
        self,
        batch: SessionBatch,
        negative_ids: Tensor,
        log_probability: Tensor | None = None,
    ) -> Tensor:
        """``loss`` against the given items only.

        Args:
            negative_ids: ``[S]`` shared by the batch, or ``[B, S]``.
            log_probability: ``[N + 1]``, see ``sampled_softmax_loss``.
        """
        batch = _packed(batch)
        session_ids = self._checked(batch.session_ids)
        target_ids = require_ids("target_ids", batch.target_ids, 1, self.num_items)
        negative_ids = require_ids("negative_ids", negative_ids, 1, self.num_items)
        values, behaviors, *others = self._values_and(
            batch, session_ids, target_ids, negative_ids
        )
        output = self._read(batch, behaviors, values).output
        output, target, negatives = map(at_least_float32, (output, *others))
        with torch.autocast(output.device.type, enabled=False):
            query = self._scaled(output)
            target, negatives = self._normalized(target), self._normalized(negatives)
        return sampled_cross_entropy(
            query, target, negatives, target_ids, negative_ids, log_probability
        )

    def _read(self, batch: SessionBatch, behaviors: Tensor, values: Tensor) -> Reading:
        """The vectors of the session ``[B, T, E]`` and of the past ``[B, F, L, E]``."""
        user = self.users(batch.users)  # [B, E]
        mask, long_ids = batch.session_ids != 0, self._long_ids(batch)
        nothing = torch.zeros_like(user)
        short, weights = nothing, mask.to(user.dtype) * 0
        long, long_weights = nothing, (long_ids != 0).to(user.dtype) * 0
        if self.short is not None:
            short, weights = self.short(behaviors, mask, user, need_weights=True)
        if self.long is not None:
            long, long_weights = self.long(
                values, long_ids != 0, user, need_weights=True
            )
        output, gate = self._fuse(user, short, long)
        return Reading(output, short, long, gate, weights, long_weights)

    def _fuse(self, user: Tensor, short: Tensor, long: Tensor) -> tuple[Tensor, Tensor]:
        if self.fusion == "gate":
            return self.join(user, short, long)
        if self.fusion == "concat":
            output = self.join(torch.cat([short, long], 1))
        else:
            output = short + long  # of one alone the other is 0
        share = {"short": 1.0, "long": 0.0}.get(self.fusion, 0.5)
        return output, torch.full_like(output, share)

    def _long_ids(self, batch: SessionBatch) -> Tensor:
        """``[B, F, L]``, the attributes that this model has."""
        count = self.attributes.shape[1]
        if batch.long_ids.shape[1] < count:
            raise ValueError(
                f"long_ids must hold the {count} attributes of the items, got shape "
                f"{list(batch.long_ids.shape)}"
            )
        return batch.long_ids[:, :count]

    def _values(self, batch: SessionBatch) -> Tensor:
        """The vectors of the past, ``[B, F, L, E]``; L is 0 where nobody reads it."""
        return self._values_and(batch)[0]

    def _values_and(self, batch: SessionBatch, *ids: Tensor) -> tuple[Tensor, ...]:
        """``_values``, and items ``[...]`` to what they are and have: ``[..., E]``.

        One look-up a table: the gradient of each is as large as the table.
        """
        long_ids = self._long_ids(batch)
        if self.long is None:
            long_ids = long_ids[..., :0]
        past, *items = _all_of(
            self.embedding, [self._checked(long_ids[:, 0]), *ids]
        )  # [B, L, E], [..., E]
        past = past[:, None]
        if not self._sizes:
            return past, *items
        for column, size in enumerate(self._sizes, 1):
            require_ids(f"long_ids[:, {column}]", long_ids[:, column], 0, size)
        rows = [self._rows(long_ids[:, 1:].movedim(1, -1)).movedim(-1, 1)]
        rows += [self._rows(self.attributes[one][..., 1:]) for one in ids]
        values, *parts = _all_of(self.attribute_embedding, rows)
        vectors = [own + of.sum(-2) for own, of in zip(items, parts, strict=True)]
        return torch.cat([past, values], 1), *vectors

    def _rows(self, values: Tensor) -> Tensor:
        """``[..., F - 1]`` value ids to rows of the one table of all attributes."""
        return (values + self._shifts) * (values != 0)

    def _all_vectors(self) -> Tensor:
        """``[N + 1, E]``; row 0 is what the padding holds."""
        rows = self._rows(self.attributes[:, 1:])
        parts = self.attribute_embedding(rows)  # [N + 1, F - 1, E]
        return self.embedding.weight + parts.sum(1)


def _all_of(table: EmbeddingTable, ids: list[Tensor]) -> list[Tensor]:
    """Ids ``[...]`` of several kinds to their vectors ``[..., E]``."""
    found = table(torch.cat([one.flatten() for one in ids]))
    parts = found.split([one.numel() for one in ids])
    return [part.unflatten(0, one.shape) for part, one in zip(parts, ids, strict=True)]


def _require_sessions(batch: SessionBatch) -> None:
    if not isinstance(batch, SessionBatch):
        raise TypeError(
            "batch must be a SessionBatch, made from SessionExamples, got "
            f"{type(batch).__name__}"
        )


def _packed(batch: SessionBatch) -> SessionBatch:
    """With the padding at the right: ids are cheaper to move than vectors."""
    _require_sessions(batch)
    return batch._replace(session_ids=real_first(batch.session_ids))


def _checked_attributes(attributes: Tensor | None, num_items: int) -> Tensor:
    """``[N + 1, F]`` int64, after they are found to say one thing of each item."""
    if attributes is None:
        return torch.arange(num_items + 1)[:, None]
    attributes = torch.as_tensor(attributes)
    if attributes.dim() != 2 or len(attributes) != num_items + 1:
        raise ValueError(
            f"attributes must be [N + 1, F] with N + 1 = {num_items + 1}, got "
            f"{list(attributes.shape)}"
        )
    attributes = require_ids("attributes", attributes, 0, 2**62)
    wrong = attributes[:, 0] != torch.arange(num_items + 1)  # [N + 1]
    wrong[0] |= attributes[0].any()
    if wrong.any():
        row = int(wrong.byte().argmax())
        raise ValueError(
            "attributes must have the item's own id in column 0, and nothing but 0 in "
            f"row 0, the padding, got {attributes[row].tolist()} in row {row}"
        )
    return attributes
