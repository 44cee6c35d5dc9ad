"""Click models over fields and a history, each with one job for its attention.

All embed the same fields, sum the history up as one more, and score. They
differ in one place: how the history, the fields, their pairs, the hidden units or the
parts of the network are weighted.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from seqviz.arguments import require_ids, require_whole
from seqviz.data.planted_fields import FieldBatch
from seqviz.layers import (
    AttentionSequencePooling,
    HiddenUnitGate,
    InteractingLayer,
    InterestEvolution,
    InterestExtractor,
    MixtureOfExperts,
    PairwiseAttention,
    SessionInterest,
    SqueezeExcitation,
)
from seqviz.layers.embedding_table import EmbeddingTable
from seqviz.layers.frozen import frozen_weights
from seqviz.layers.masking import masked_softmax

Weighted = tuple[Tensor, Tensor | None]
USER, CATEGORY = 0, 1  # places of the fields that are read by name


class FieldNetwork(nn.Module):
    """Fields and the mean of the history, side by side, through one hidden layer.

    A behavior is the vector of its category, from the table of the shown item's; that
    one asks where the history is read. A subclass overrides ``read_history``,
    ``weigh_fields`` or ``hidden_units`` and returns the weights beside its output.

    Args:
        sizes: how many values each field has; the first is the user, the second the
            category of the shown item.
        embedding_dim: E.
        hidden_dim: D, hidden units.
        labels: which of the batch's labels are predicted.

    Call it with a ``FieldBatch``: log-odds ``[B, Y]``, with ``need_weights=True`` also
    the weights of its job, ``[B, ...]``, None if it has none. ``frozen``, broadcastable
    to them, takes their place.

    The order of the clicks does not matter.

    Raises:
        TypeError, ValueError: an argument has a wrong type, shape or range.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        embedding_dim: int = 8,
        hidden_dim: int = 32,
        labels: Sequence[int] = (0,),
    ) -> None:
        super().__init__()
        require_whole(embedding_dim=embedding_dim, hidden_dim=hidden_dim)
        for place, size in enumerate(sizes):
            require_whole(**{f"sizes[{place}]": size})
        self.sizes = tuple(sizes)
        self.labels = tuple(labels)
        self.embedding_dim = embedding_dim
        begins = torch.tensor([0, *self.sizes[:-1]]).cumsum(0)
        self.register_buffer("begins", begins, persistent=False)
        self.embedding = EmbeddingTable(sum(self.sizes), embedding_dim)
        nn.init.normal_(self.embedding.weight, std=embedding_dim**-0.5)
        self.hidden = nn.Linear((len(self.sizes) + 1) * embedding_dim, hidden_dim)
        self.output = nn.Linear(hidden_dim, len(self.labels))

    def embed(self, batch: FieldBatch) -> tuple[Tensor, Tensor, Tensor]:
        """Fields ``[B, F, E]``, behaviors ``[B, T, E]``, the shown item ``[B, E]``."""
        for place, size in enumerate(self.sizes):
            column = batch.fields[:, place]
            require_ids(f"fields[:, {place}]", column, 0, size - 1)
        fields = self.embedding(batch.fields + self.begins)
        known = batch.item_categories
        known = require_ids("item_categories", known, 0, self.sizes[CATEGORY] - 1)
        behaviors = self.embedding(known + self.begins[CATEGORY])
        return fields, behaviors, fields[:, CATEGORY]

    def read_history(
        self, shown: Tensor, behaviors: Tensor, mask: Tensor, frozen: Tensor | None
    ) -> Weighted:
        """``[B, E]``: here the mean of the behaviors; zeros for an empty history."""
        return mean_of(behaviors, mask), None

    def weigh_fields(self, fields: Tensor, frozen: Tensor | None) -> Weighted:
        """``[B, F, E] -> [B, F, E]``: here as they are."""
        return fields, None

    def hidden_units(self, fields: Tensor, frozen: Tensor | None) -> Weighted:
        """``[B, F, E] -> [B, D]``, or ``[B, Y, D]``, one for each label."""
        return F.relu(self.hidden(fields.flatten(1))), None

    def forward(
        self,
        batch: FieldBatch,
        *,
        frozen: Tensor | None = None,
        need_weights: bool = False,
    ) -> Tensor | tuple[Tensor, Tensor | None]:
        """``[B, Y]``: the log-odds; with ``need_weights`` also the weights."""
        fields, behaviors, shown = self.embed(batch)
        history, *weights = self.read_history(shown, behaviors, batch.mask, frozen)
        fields = torch.cat([fields, history[:, None]], 1)
        fields, *more = self.weigh_fields(fields, frozen)
        hidden, *most = self.hidden_units(fields, frozen)
        if hidden.dim() == 2:
            logits = self.output(hidden)
        else:  # a row of the output's weight for each label
            logits = (hidden * self.output.weight).sum(-1) + self.output.bias
        if not need_weights:
            return logits
        found = [x for x in (*weights, *more, *most) if x is not None]
        return logits, found[0] if found else None

    def loss(self, batch: FieldBatch) -> Tensor:
        """Cross entropy, the mean over rows and labels."""
        logits = self(batch)
        labels = batch.labels[:, self.labels].to(logits)
        return F.binary_cross_entropy_with_logits(logits, labels)


def mean_of(behaviors: Tensor, mask: Tensor) -> Tensor:
    """``[B, T, E] -> [B, E]`` over the real behaviors; zeros if there are none."""
    real = mask[..., None].to(behaviors)
    return (behaviors * real).sum(1) / real.sum(1).clamp(min=1)


class FactorizationMachine(FieldNetwork):
    """AFM: the fields' own effects plus the weighted sum of their pairs.

    Args:
        attention: without it every pair weighs the same, as in a factorization machine.
        rest: those of :class:`FieldNetwork`; ``hidden_dim`` is not used.

    The order of the clicks does not matter.
    """

    def __init__(self, *rest, attention: bool = True, **options) -> None:
        super().__init__(*rest, **options)
        E, num_fields = self.embedding_dim, len(self.sizes) + 1
        self.pairs = PairwiseAttention(E)
        self.attention = attention
        if not attention:
            self.pairs.requires_grad_(False)
        self.hidden = nn.Identity()
        self.output = nn.Linear((num_fields + 1) * E, len(self.labels))

    def hidden_units(self, fields: Tensor, frozen: Tensor | None) -> Weighted:
        """``[B, F, E] -> [B, (F + 1) E]``: the fields, and what their pairs say."""
        P = fields.shape[1] * (fields.shape[1] - 1) // 2
        if not self.attention and frozen is None:
            frozen = fields.new_full((P,), 1 / P)
        read, weights = self.pairs(fields, frozen=frozen, need_weights=True)
        # the softmax makes a mean of them; the sum keeps their scale
        return torch.cat([fields.flatten(1), P * read], 1), weights


class SENet(FieldNetwork):
    """SENet: a gate for each field before the network.

    The order of the clicks does not matter.
    """

    def __init__(self, *rest, activation: str = "sigmoid", **options) -> None:
        super().__init__(*rest, **options)
        self.gate = SqueezeExcitation(len(self.sizes) + 1, 2, activation)

    def weigh_fields(self, fields: Tensor, frozen: Tensor | None) -> Weighted:
        """``[B, F, E] -> [B, F, E]``: each field times its gate."""
        return self.gate(fields, frozen=frozen, need_weights=True)


class AutoInt(FieldNetwork):
    """AutoInt: fields that read one another before the network.

    Args:
        attention: without it every field reads the mean of all.
        rest: those of :class:`FieldNetwork`.

    The order of the clicks does not matter.
    """

    def __init__(self, *rest, attention: bool = True, **options) -> None:
        super().__init__(*rest, **options)
        self.attention = attention
        self.interacting = InteractingLayer(self.embedding_dim, num_heads=2)

    def weigh_fields(self, fields: Tensor, frozen: Tensor | None) -> Weighted:
        """``[B, F, E] -> [B, F, E]``: what each field read."""
        if not self.attention and frozen is None:
            frozen = fields.new_full((1,), 1 / fields.shape[1])
        return self.interacting(fields, frozen=frozen, need_weights=True)


class LHUC(FieldNetwork):
    """LHUC: a gate for each hidden unit, by the user.

    The order of the clicks does not matter.
    """

    def __init__(self, *rest, **options) -> None:
        super().__init__(*rest, **options)
        self.gate = HiddenUnitGate(self.embedding_dim, self.hidden.out_features)

    def hidden_units(self, fields: Tensor, frozen: Tensor | None) -> Weighted:
        """``[B, F, E] -> [B, D]``: each unit times its gate."""
        hidden, _ = super().hidden_units(fields, None)
        return self.gate(hidden, fields[:, USER], frozen=frozen, need_weights=True)


class MMoE(FieldNetwork):
    """MMoE: experts in the place of the hidden layer, a mixture for each label.

    Args:
        num_experts: X; with one it is a shared bottom.
        gates: without them every expert weighs the same, for both labels.
        rest: those of :class:`FieldNetwork`; ``hidden_dim`` is shared out among the
            experts.

    The order of the clicks does not matter.
    """

    def __init__(
        self,
        *rest,
        num_experts: int = 4,
        gates: bool = True,
        labels: Sequence[int] = (0, 1),
        **options,
    ) -> None:
        super().__init__(*rest, labels=labels, **options)
        width = self.hidden.out_features // num_experts
        self.mixture = MixtureOfExperts(
            self.hidden.in_features, num_experts, len(self.labels), (width,)
        )
        self.gates = gates
        if not gates:
            self.mixture.gate.requires_grad_(False)
        self.hidden = nn.Identity()
        self.output = nn.Linear(width, len(self.labels))

    def hidden_units(self, fields: Tensor, frozen: Tensor | None) -> Weighted:
        """``[B, F, E] -> [B, Y, D / X]``: the mixture of each label."""
        if not self.gates and frozen is None:
            frozen = fields.new_full((1,), 1 / self.mixture.num_experts)
        return self.mixture(fields.flatten(1), frozen=frozen, need_weights=True)


class DINFields(FieldNetwork):
    """DIN: the behaviors weighted by how well they fit the shown item.

    The order of the clicks does not matter.
    """

    def __init__(self, *rest, **options) -> None:
        super().__init__(*rest, **options)
        self.pooling = AttentionSequencePooling(self.embedding_dim, (16,), softmax=True)

    def read_history(
        self, shown: Tensor, behaviors: Tensor, mask: Tensor, frozen: Tensor | None
    ) -> Weighted:
        """``[B, E]``: the weighted sum of the behaviors."""
        logits = self.pooling.unit(shown[:, None], behaviors, mask).squeeze(-1)
        weights = masked_softmax(logits, mask)
        if frozen is not None:
            weights = _shares(frozen_weights(frozen, weights), mask)
        return (weights[:, None] @ behaviors).squeeze(1), weights


class DIENFields(FieldNetwork):
    """DIEN: interests out of the behaviors, moved toward the shown item.

    Args:
        kind: of :class:`~seqviz.layers.InterestEvolution`.
        auxiliary: how much the loss of the extractor counts; its negatives are the
            behaviors of the next row of the batch.
        rest: those of :class:`FieldNetwork`.

    The order of the clicks matters.
    """

    def __init__(
        self, *rest, kind: str = "augru", auxiliary: float = 0.1, **options
    ) -> None:
        super().__init__(*rest, **options)
        self.auxiliary = auxiliary
        self.extractor = InterestExtractor(self.embedding_dim)
        self.evolution = InterestEvolution(self.embedding_dim, kind)

    def read_history(
        self, shown: Tensor, behaviors: Tensor, mask: Tensor, frozen: Tensor | None
    ) -> Weighted:
        """``[B, E]``: the last state of the interest."""
        states = self.extractor(behaviors, mask)
        weights = self.evolution.attention(shown[:, None], states, mask)
        if frozen is not None:
            weights = _shares(frozen_weights(frozen, weights), mask)
        return self.evolution.evolve(states, weights, mask)[:, -1], weights

    def loss(self, batch: FieldBatch) -> Tensor:
        """Cross entropy plus the auxiliary loss."""
        loss = super().loss(batch)
        if not self.auxiliary:
            return loss
        _, behaviors, _ = self.embed(batch)
        states = self.extractor(behaviors, batch.mask)
        more = self.extractor.auxiliary_loss(
            states, behaviors, behaviors.roll(1, 0), batch.mask
        )
        return loss + self.auxiliary * more


class DSINFields(FieldNetwork):
    """DSIN: what the sessions were about, weighted by the shown item.

    Args:
        num_sessions: S.
        session_length: L; the latest L clicks are the latest session, and so on; clicks
            before the last S L are not read.
        rest: those of :class:`FieldNetwork`.

    The order of the clicks matters.
    """

    def __init__(
        self, *rest, num_sessions: int = 3, session_length: int = 4, **options
    ) -> None:
        super().__init__(*rest, **options)
        E = self.embedding_dim
        self.lengths = num_sessions, session_length
        self.sessions = SessionInterest(E, num_sessions, session_length)
        self.join = nn.Linear(3 * E, E)

    def read_history(
        self, shown: Tensor, behaviors: Tensor, mask: Tensor, frozen: Tensor | None
    ) -> Weighted:
        """``[B, E]``, and the weights of both attentions ``[B, 2, S]``."""
        own = self.sessions
        sessions, mask = self._split(behaviors, mask)  # [B, S, L, E], [B, S, L]
        interests = own.extractor(own.bias(sessions, mask), mask)  # [B, S, E]
        real = mask.any(2)  # [B, S]
        evolved = own.evolve(interests, real)  # [B, S, 2E]
        scores = [
            (own.for_interests(shown)[:, None] @ interests.mT)[:, 0],
            (own.for_evolved(shown)[:, None] @ evolved.mT)[:, 0],
        ]
        weights = masked_softmax(torch.stack(scores, 1), real[:, None])  # [B, 2, S]
        if frozen is not None:
            weights = _shares(frozen_weights(frozen, weights), real[:, None])
        read = weights @ torch.cat([interests, evolved], -1)  # [B, 2, 3E]
        E = self.embedding_dim
        return self.join(torch.cat([read[:, 0, :E], read[:, 1, E:]], -1)), weights

    def _split(self, behaviors: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """The real clicks moved to the end, and cut into sessions."""
        S, L = self.lengths
        after = mask.flip(1).cumsum(1).flip(1) - mask.long()  # real clicks after it
        kept = mask & (after < S * L)
        place = torch.where(kept, S * L - 1 - after, S * L)  # [B, T], the last is junk
        B, _, E = behaviors.shape
        moved = behaviors.new_zeros(B, S * L + 1, E)
        moved = moved.scatter(1, place[..., None].expand_as(behaviors), behaviors)
        real = torch.zeros_like(moved[..., 0], dtype=torch.bool).scatter(1, place, kept)
        return moved[:, :-1].unflatten(1, (S, L)), real[:, :-1].unflatten(1, (S, L))


def _shares(weights: Tensor, mask: Tensor) -> Tensor:
    """Weights that sum to 1 over what is real; zeros where nothing is."""
    weights = weights * mask
    return weights / weights.sum(-1, keepdim=True).clamp(min=1e-12)


class Apart(nn.Module):
    """Two models that share nothing, one for each label.

    Args:
        sizes, embedding_dim, hidden_dim: those of each :class:`FieldNetwork`.

    The order of the clicks does not matter.
    """

    def __init__(
        self, sizes: Sequence[int], embedding_dim: int = 8, hidden_dim: int = 32
    ) -> None:
        super().__init__()
        self.labels = (0, 1)
        self.models = nn.ModuleList(
            FieldNetwork(sizes, embedding_dim, hidden_dim, (label,))
            for label in self.labels
        )

    def forward(self, batch: FieldBatch) -> Tensor:
        """``[B, 2]``: the log-odds."""
        return torch.cat([model(batch) for model in self.models], 1)

    def loss(self, batch: FieldBatch) -> Tensor:
        """The mean of both losses."""
        return sum(model.loss(batch) for model in self.models) / len(self.models)
