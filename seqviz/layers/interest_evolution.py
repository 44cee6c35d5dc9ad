"""DIEN's two layers: interests out of behaviors, and how they move toward a target."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from seqviz.arguments import (
    require_behaviors,
    require_choice,
    require_mask,
    require_vectors,
    require_whole,
)
from seqviz.layers.activation_unit import require_query
from seqviz.layers.masking import masked_softmax
from seqviz.layers.recurrent import GRU
from seqviz.layers.scores import BilinearScore
from seqviz.layers.through_time import (
    AGRUCell,
    AUGRUCell,
    GRUCell,
    Plan,
    ThroughTime,
    full_rows,
)

#: How the attention enters the recurrent layer, and how many blocks its weights have.
KINDS = {"aigru": 3, "agru": 2, "augru": 3}


class InterestExtractor(nn.Module):
    r"""A GRU whose every state must tell the next behavior from another item.

    .. math::
        L_{aux} = -\frac{1}{|P|} \sum_{(t,\, t+1) \in P} \Big(
        \log \sigma(h_t^\top e_{t+1}) + \log\big(1 - \sigma(h_t^\top \hat e_{t+1})\big)
        \Big)

    where P holds all pairs of a real behavior and the next real one, :math:`e` is what
    she clicked and :math:`\hat e` an item that she did not.

    Args:
        embedding_dim: E, width of a behavior and, for the inner product, of a state.

    Call it with ``behaviors [B, T, E]`` and ``mask [B, T]`` (bool, True = real; none:
    all are real). It returns the interest states ``[B, T, E]``. Padding, on either side
    or between, leaves the state as it was; before the first behavior it is 0.

    Raises:
        TypeError, ValueError: an argument has a wrong type or shape; on the CPU also
            NaN or infinity, padding included.

    Source: Zhou et al. 2019 (arXiv 1809.03672), "Interest Extractor Layer", equations 2
    to 7. The paper divides by the number of users, here it is the mean over the pairs.

    Example:
        >>> layer = InterestExtractor(embedding_dim=8)
        >>> list(layer(torch.randn(2, 5, 8)).shape)  # [B, T, E]
        [2, 5, 8]
    """

    def __init__(self, embedding_dim: int) -> None:
        super().__init__()
        self.gru = GRU(embedding_dim)

    def forward(self, behaviors: Tensor, mask: Tensor | None = None) -> Tensor:
        """``[B, T, E], [B, T] -> [B, T, E]``."""
        return self.gru(behaviors, mask)[0]

    def auxiliary_loss(
        self,
        states: Tensor,
        behaviors: Tensor,
        negatives: Tensor,
        mask: Tensor | None = None,
    ) -> Tensor:
        """The mean over all pairs; 0 where no history has two behaviors.

        Args:
            states: ``[B, T, E]``, what the call returned.
            behaviors: ``[B, T, E]``, what it was called with.
            negatives: ``[B, T, E]``, at each place an item that was not clicked there.
            mask: ``[B, T]``.
        """
        require_behaviors(behaviors, self.gru.embedding_dim)
        for name, vectors in (("states", states), ("negatives", negatives)):
            require_vectors(name, vectors, 3)
            if vectors.shape != behaviors.shape:
                raise ValueError(
                    f"{name} must have shape {list(behaviors.shape)}, got "
                    f"{list(vectors.shape)}"
                )
        if mask is None:
            mask = torch.ones_like(behaviors[..., 0], dtype=torch.bool)
        require_mask(mask, behaviors.shape[:2])
        # at padding the state is the one before, so the pair meets over the padding
        before = states[:, :-1]  # [B, T - 1, E]
        pairs = mask[:, 1:] & (mask.cumsum(1)[:, :-1] > 0)  # [B, T - 1]
        clicked = (before * behaviors[:, 1:]).sum(-1)
        other = (before * negatives[:, 1:]).sum(-1)
        terms = F.softplus(-clicked) + F.softplus(other)
        return (terms * pairs).sum() / pairs.sum().clamp(min=1)


class EvolutionGates(NamedTuple):
    """What ``InterestEvolution`` did at each step, ``[B, T, E]`` each; 0 at padding.

    Example:
        >>> layer = InterestEvolution(embedding_dim=8)
        >>> states, weights = torch.randn(2, 5, 8), torch.rand(2, 5)
        >>> mask = torch.ones(2, 5) > 0
        >>> gates = layer.evolve(states, weights, mask, need_gates=True)[1]
        >>> list(gates.update.shape)
        [2, 5, 8]
    """

    reset: Tensor
    update: Tensor
    """The share that is written, with attention in it where the kind puts it there."""
    candidate: Tensor


class InterestEvolution(nn.Module):
    r"""A second GRU over the interest states, led by the target.

    .. math::
        a_t &= \operatorname{softmax}_T\big(h_t^\top W e\big) \\
        r_t &= \sigma(W_r i_t + U_r h'_{t-1} + b_r), \qquad
        u_t = \sigma(W_u i_t + U_u h'_{t-1} + b_u) \\
        n_t &= \tanh\big(W_n i_t + r_t \odot U_n h'_{t-1} + b_n\big), \qquad
        h'_t = (1 - \tilde u_t) \odot h'_{t-1} + \tilde u_t \odot n_t

    ============  =====================  ===========================
    kind          what is read           how much is written
    ============  =====================  ===========================
    ``"aigru"``   :math:`i_t = a_t h_t`  :math:`\tilde u_t = u_t`
    ``"agru"``    :math:`i_t = h_t`      :math:`\tilde u_t = a_t`
    ``"augru"``   :math:`i_t = h_t`      :math:`\tilde u_t = a_t u_t`
    ============  =====================  ===========================

    An attention of 0 stops AGRU and AUGRU: the state stays. AIGRU goes on with an empty
    input. AGRU writes the same share of every coordinate and has no update weights.

    Args:
        embedding_dim: E, width of state and target.
        kind: ``"aigru"``, ``"agru"`` or ``"augru"``.

    Call it with ``query [B, 1, E]`` (the target e), ``states [B, T, E]`` (the h of
    ``InterestExtractor``) and ``mask [B, T]`` (bool, True = real). It returns the last
    state as ``interest [B, 1, E]``, with ``need_weights=True`` also the attention
    ``[B, T]``. Padding, on either side or between, is passed over and has weight 0; an
    empty history gives zeros in both.

    ``input_weight [3E, E]``, ``state_weight [3E, E]`` and ``bias [3E]`` are W, U and b
    for reset, update and candidate, in this order (AGRU: ``[2E, ...]``, without
    update). ``score.W`` is the transpose of the paper's W.

    In ``seqviz.layers.GRU``, as in torch, z says how much is *kept*: z = 1 - u.

    Raises:
        TypeError, ValueError: an argument has a wrong type or shape; on the CPU also
            NaN or infinity, padding included.

    Source: Zhou et al. 2019 (arXiv 1809.03672), "Interest Evolving Layer", equations 8
    to 14.

    Example:
        >>> layer = InterestEvolution(embedding_dim=8)
        >>> mask = torch.ones(2, 5) > 0
        >>> interest = layer(torch.randn(2, 1, 8), torch.randn(2, 5, 8), mask)
        >>> list(interest.shape)  # [B, 1, E]
        [2, 1, 8]
    """

    def __init__(self, embedding_dim: int, kind: str = "augru") -> None:
        super().__init__()
        require_whole(embedding_dim=embedding_dim)
        require_choice(KINDS, kind=kind)
        self.embedding_dim = embedding_dim
        self.kind = kind
        rows = KINDS[kind] * embedding_dim
        self.score = BilinearScore(embedding_dim)
        self.input_weight = nn.Parameter(torch.empty(rows, embedding_dim))
        self.state_weight = nn.Parameter(torch.empty(rows, embedding_dim))
        self.bias = nn.Parameter(torch.empty(rows))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the weights anew: Glorot from the input, orthogonal from the state."""
        self.score.reset_parameters()
        for weight in self.input_weight.chunk(KINDS[self.kind]):
            nn.init.xavier_uniform_(weight)
        for weight in self.state_weight.chunk(KINDS[self.kind]):
            nn.init.orthogonal_(weight)
        nn.init.zeros_(self.bias)

    def extra_repr(self) -> str:
        """What ``print`` shows of it."""
        return f"{self.embedding_dim}, kind={self.kind!r}"

    def forward(
        self,
        query: Tensor,
        states: Tensor,
        mask: Tensor,
        *,
        need_weights: bool = False,
    ) -> Tensor | tuple[Tensor, Tensor]:
        """``[B, 1, E], [B, T, E], [B, T] -> [B, 1, E]``, and ``[B, T]``."""
        weights = self.attention(query, states, mask)
        if torch.compiler.is_compiling():
            last = self._by_step(states, weights, mask)[0][:, -1]
        else:
            last = self._through_time(states, weights, mask)[1]
        interest = last[:, None]
        return (interest, weights) if need_weights else interest

    def attention(self, query: Tensor, states: Tensor, mask: Tensor) -> Tensor:
        """How much each interest state has to do with the target: ``[B, T]``."""
        require_behaviors(states, self.embedding_dim)
        require_query(query, states)
        require_mask(mask, states.shape[:2])
        return masked_softmax(self.score(query, states)[:, 0], mask)

    def evolve(
        self,
        states: Tensor,
        weights: Tensor,
        mask: Tensor,
        *,
        need_gates: bool = False,
    ) -> Tensor | tuple[Tensor, EvolutionGates]:
        """The evolved states ``[B, T, E]`` under any ``weights [B, T]``."""
        require_behaviors(states, self.embedding_dim)
        require_mask(mask, states.shape[:2])
        require_vectors("weights", weights, 2)
        if weights.shape != mask.shape:
            raise ValueError(
                f"weights must have shape {list(mask.shape)}, got {list(weights.shape)}"
            )
        if need_gates or torch.compiler.is_compiling():
            evolved, gates = self._by_step(states, weights, mask)
            return (evolved, gates) if need_gates else evolved
        return self._through_time(states, weights, mask)[0]

    def _through_time(
        self, states: Tensor, weights: Tensor, mask: Tensor
    ) -> tuple[Tensor, Tensor]:
        """The evolved states ``[B, T, E]``, and the last alone ``[B, E]``."""
        if self.kind == "aigru":
            return self._aigru(states * weights[..., None], mask)
        cell = AGRUCell if self.kind == "agru" else AUGRUCell
        own = self.input_weight, self.state_weight, self.bias
        with torch.autocast(states.device.type, enabled=False):
            states, weights = (x.to(self.bias.dtype) for x in (states, weights))
            start = torch.zeros_like(states[:, 0])
            return ThroughTime.apply(
                cell, Plan.of(mask), states, *own, None, weights, start
            )

    def step(
        self, state: Tensor, evolved: Tensor, weight: Tensor
    ) -> tuple[Tensor, EvolutionGates]:
        """One step: ``[B, E]``, ``[B, E]`` and ``[B, 1]`` to the next, and gates."""
        read = state * weight if self.kind == "aigru" else state
        blocks = KINDS[self.kind]
        from_input = (read @ self.input_weight.T + self.bias).chunk(blocks, -1)
        from_state = (evolved @ self.state_weight.T).chunk(blocks, -1)  # [B, E] each
        reset = torch.sigmoid(from_input[0] + from_state[0])
        if self.kind == "agru":
            update = weight.expand_as(reset)
        else:
            update = torch.sigmoid(from_input[1] + from_state[1])
        if self.kind == "augru":
            update = weight * update
        candidate = torch.tanh(from_input[-1] + reset * from_state[-1])
        evolved = (1 - update) * evolved + update * candidate
        return evolved, EvolutionGates(reset, update, candidate)

    def _by_step(
        self, states: Tensor, weights: Tensor, mask: Tensor
    ) -> tuple[Tensor, EvolutionGates]:
        evolved = torch.zeros_like(states[:, 0])
        steps = []
        for t, (state, real) in enumerate(
            zip(states.unbind(1), mask[..., None].unbind(1), strict=True)
        ):
            new, gates = self.step(state, evolved, weights[:, t, None])
            evolved = torch.where(real, new, evolved)
            steps.append((evolved, *(gate * real for gate in gates)))
        found, *gates = (torch.stack(parts, 1) for parts in zip(*steps, strict=True))
        return found, EvolutionGates(*gates)

    def _aigru(self, inputs: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """As ``seqviz.layers.GRU``, whose gate keeps: 1 - sigmoid(x) = sigmoid(-x)."""
        E = self.embedding_dim
        sign = torch.ones_like(self.bias)
        sign[E : 2 * E] = -1
        own = (
            sign[:, None] * self.input_weight,
            sign[:, None] * self.state_weight,
            sign * self.bias,
            torch.zeros_like(self.bias[:E]),
        )
        with torch.autocast(inputs.device.type, enabled=False):
            inputs = inputs.to(self.bias.dtype)
            start = torch.zeros_like(inputs[:, 0])
            if mask.all():
                return full_rows(GRUCell, inputs, *own, start)
            return ThroughTime.apply(GRUCell, Plan.of(mask), inputs, *own, None, start)
