"""Recurrent layers: one state goes through the history and is all that is kept."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from seqviz.arguments import (
    require_behaviors,
    require_mask,
    require_number,
    require_vectors,
    require_whole,
)
from seqviz.layers.through_time import (
    GRUCell,
    LSTMCell,
    PlainCell,
    Plan,
    ThroughTime,
    full_rows,
)


class LSTMGates(NamedTuple):
    """What an ``LSTM`` did at each step, ``[B, T, H]`` each; 0 at padding.

    Example:
        >>> layer = LSTM(embedding_dim=8)
        >>> *_, gates = layer(torch.zeros(1, 3, 8), need_gates=True)
        >>> gates.forget[0, 0, 0].round(decimals=2)  # stays, before learning
        tensor(0.7300, grad_fn=<RoundBackward1>)
    """

    input: Tensor
    forget: Tensor
    candidate: Tensor
    output: Tensor
    cell: Tensor
    """The cell after the step; at padding the cell as it was."""


class GRUGates(NamedTuple):
    """What a ``GRU`` did at each step, ``[B, T, H]`` each; 0 at padding.

    Example:
        >>> layer = GRU(embedding_dim=8)
        >>> *_, gates = layer(torch.randn(2, 5, 8), need_gates=True)
        >>> bool((gates.update > 0).all()), list(gates.update.shape)
        (True, [2, 5, 8])
    """

    reset: Tensor
    update: Tensor
    candidate: Tensor


class _Recurrent(nn.Module):
    """What the three share: weights, checks, and rows of unequal length."""

    parts: int  # how many blocks of H rows a weight has
    cell: type  # its steps, forward and back

    def __init__(self, embedding_dim: int, hidden_dim: int | None = None) -> None:
        super().__init__()
        hidden_dim = embedding_dim if hidden_dim is None else hidden_dim
        require_whole(embedding_dim=embedding_dim, hidden_dim=hidden_dim)
        self.embedding_dim = embedding_dim
        self.hidden_dim = hidden_dim
        rows = self.parts * hidden_dim
        self.input_weight = nn.Parameter(torch.empty(rows, embedding_dim))
        self.state_weight = nn.Parameter(torch.empty(rows, hidden_dim))
        self.bias = nn.Parameter(torch.empty(rows))

    def reset_parameters(self) -> None:
        """Draw the weights anew: Glorot from the input, orthogonal from the state."""
        for weight in self.input_weight.chunk(self.parts):
            nn.init.xavier_uniform_(weight)
        for weight in self.state_weight.chunk(self.parts):
            nn.init.orthogonal_(weight)
        nn.init.zeros_(self.bias)

    def extra_repr(self) -> str:
        return f"{self.embedding_dim}, {self.hidden_dim}"

    def _checked(self, behaviors: Tensor, mask: Tensor | None) -> None:
        # tanh hides infinity, so the input is looked at, not the states
        require_behaviors(behaviors, self.embedding_dim)
        if mask is not None:
            require_mask(mask, behaviors.shape[:2])

    def _start(self, behaviors: Tensor, state: Tensor | None, name: str) -> Tensor:
        shape = [behaviors.shape[0], self.hidden_dim]
        if state is None:
            return behaviors.new_zeros(shape)
        require_vectors(name, state, 2)
        if list(state.shape) != shape:
            raise ValueError(f"{name} must have shape {shape}, got {list(state.shape)}")
        return state

    def _run(
        self, behaviors: Tensor, mask: Tensor | None, *starts: Tensor
    ) -> tuple[Tensor, ...]:
        """``[B, T, H]`` and the last ``[B, H]`` of each of ``starts``, as by ``step``.

        Full rows take torch's kernel. Others cost what their events cost.
        """
        weights = self.input_weight, self.state_weight, self.bias
        state_bias = getattr(self, "state_bias", None)
        with torch.autocast(behaviors.device.type, enabled=False):
            behaviors = behaviors.to(self.bias.dtype)
            starts = tuple(start.to(self.bias.dtype) for start in starts)
            if mask is None or mask.all():
                return full_rows(self.cell, behaviors, *weights, state_bias, *starts)
            return ThroughTime.apply(
                self.cell, Plan.of(mask), behaviors, *weights, state_bias, None, *starts
            )


def _frozen(mask: Tensor | None, step: int, new: Tensor, old: Tensor) -> Tensor:
    """``new`` where the step is real, else ``old``."""
    return new if mask is None else torch.where(mask[:, step, None], new, old)


def _stacked(steps: list[tuple[Tensor, ...]]) -> list[Tensor]:
    """T steps of tensors ``[B, H]`` to tensors ``[B, T, H]``."""
    return [torch.stack(parts, 1) for parts in zip(*steps, strict=True)]


class RNN(_Recurrent):
    r"""The plain recurrent layer: each step makes a new state from old state and input.

    .. math::
        h_t = \tanh(W x_t + U h_{t-1} + b)

    Args:
        embedding_dim: E, width of a behavior.
        hidden_dim: H, width of the state; E if not given.

    Call it with ``behaviors [B, T, E]``, ``mask [B, T]`` (bool, True = real; none: all
    are real) and a ``state [B, H]`` to begin with (none: zeros). It returns ``states
    [B, T, H]`` and ``last [B, H]``. Padding, on either side or between, leaves the
    state as it was: ``states[:, t]`` is then the state before. An empty history gives
    the state to begin with.

    ``input_weight [H, E]``, ``state_weight [H, H]`` and ``bias [H]`` are W, U and b.

    Raises:
        TypeError: behaviors or state are not floating-point, the mask is not bool.
        ValueError: shapes that do not fit, T = 0; on the CPU also NaN or infinity,
            padding included.

    Source: Elman 1990 (doi 10.1207/s15516709cog1402_1).

    Example:
        >>> states, last = RNN(embedding_dim=8, hidden_dim=6)(torch.randn(2, 5, 8))
        >>> list(states.shape), torch.equal(states[:, -1], last)
        ([2, 5, 6], True)
    """

    parts = 1
    cell = PlainCell

    def __init__(self, embedding_dim: int, hidden_dim: int | None = None) -> None:
        super().__init__(embedding_dim, hidden_dim)
        self.reset_parameters()

    def step(self, behavior: Tensor, state: Tensor) -> Tensor:
        """One step: ``behavior [B, E]`` and ``state [B, H]`` to the next state."""
        return torch.tanh(
            behavior @ self.input_weight.T + state @ self.state_weight.T + self.bias
        )

    def forward(
        self,
        behaviors: Tensor,
        mask: Tensor | None = None,
        state: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """``[B, T, E]`` to ``[B, T, H]`` and the last state ``[B, H]``."""
        self._checked(behaviors, mask)
        start = self._start(behaviors, state, "state")
        if not torch.compiler.is_compiling():
            return self._run(behaviors, mask, start)
        states = []  # a graph has one length for all rows
        for t, behavior in enumerate(behaviors.unbind(1)):
            start = _frozen(mask, t, self.step(behavior, start), start)
            states.append(start)
        return torch.stack(states, 1), start


class LSTM(_Recurrent):
    r"""Long short-term memory: a cell that gates write, keep and show.

    .. math::
        f_t &= \sigma(W_f [h_{t-1}, x_t] + b_f), \quad
        i_t = \sigma(W_i [h_{t-1}, x_t] + b_i), \quad
        o_t = \sigma(W_o [h_{t-1}, x_t] + b_o) \\
        \tilde{C}_t &= \tanh(W_C [h_{t-1}, x_t] + b_C), \quad
        C_t = f_t \odot C_{t-1} + i_t \odot \tilde{C}_t, \quad
        h_t = o_t \odot \tanh(C_t)

    Args:
        embedding_dim: E, width of a behavior.
        hidden_dim: H, width of state and cell; E if not given.
        forget_bias: what the forget gate's bias starts at. With 1 the cell keeps 73% a
            step before anything is learned, with 0 half.

    Call it with ``behaviors [B, T, E]``, ``mask [B, T]`` (bool, True = real; none: all
    are real) and a ``state`` to begin with, a pair ``h [B, H]`` and ``C [B, H]`` (none:
    zeros). It returns ``states [B, T, H]`` and the last pair, with ``need_gates=True``
    also ``LSTMGates``. Padding, on either side or between, leaves state and cell as
    they were; an empty history gives the state to begin with.

    ``input_weight [4H, E]`` and ``state_weight [4H, H]`` are the two halves of the four
    W, for input, forget, candidate and output, in torch's order; ``bias [4H]`` is b.

    Raises:
        TypeError: behaviors or state are not floating-point, the mask is not bool.
        ValueError: shapes that do not fit, T = 0; on the CPU also NaN or infinity,
            padding included.

    Source: Hochreiter and Schmidhuber 1997 (doi 10.1162/neco.1997.9.8.1735); the forget
    gate and its bias: Gers et al. 2000 (doi 10.1162/089976600300015015).

    Example:
        >>> layer = LSTM(embedding_dim=8, hidden_dim=6)
        >>> states, (hidden, cell) = layer(torch.randn(2, 5, 8))
        >>> list(states.shape), list(cell.shape)  # [B, T, H], [B, H]
        ([2, 5, 6], [2, 6])
    """

    parts = 4
    cell = LSTMCell

    def __init__(
        self,
        embedding_dim: int,
        hidden_dim: int | None = None,
        *,
        forget_bias: float = 1.0,
    ) -> None:
        super().__init__(embedding_dim, hidden_dim)
        require_number(low=-torch.inf, ends=False, forget_bias=forget_bias)
        self.forget_bias = forget_bias
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the weights anew: Glorot from the input, orthogonal from the state."""
        super().reset_parameters()
        nn.init.constant_(self.bias.chunk(4)[1], self.forget_bias)

    def step(
        self, behavior: Tensor, state: tuple[Tensor, Tensor]
    ) -> tuple[tuple[Tensor, Tensor], LSTMGates]:
        """One step: ``behavior [B, E]`` and ``(h, C)`` to the next pair and gates."""
        hidden, cell = state
        logits = (
            behavior @ self.input_weight.T + hidden @ self.state_weight.T + self.bias
        )  # [B, 4H]
        input_gate, forget, candidate, output = logits.chunk(4, -1)
        input_gate, forget, output = map(torch.sigmoid, (input_gate, forget, output))
        candidate = torch.tanh(candidate)
        cell = forget * cell + input_gate * candidate
        hidden = output * torch.tanh(cell)
        return (hidden, cell), LSTMGates(input_gate, forget, candidate, output, cell)

    def forward(
        self,
        behaviors: Tensor,
        mask: Tensor | None = None,
        state: tuple[Tensor, Tensor] | None = None,
        *,
        need_gates: bool = False,
    ) -> (
        tuple[Tensor, tuple[Tensor, Tensor]]
        | tuple[Tensor, tuple[Tensor, Tensor], LSTMGates]
    ):
        """``[B, T, E]`` to ``[B, T, H]``, the last ``(h, C)`` and, if wanted, gates."""
        self._checked(behaviors, mask)
        if state is not None and (not isinstance(state, tuple) or len(state) != 2):
            raise TypeError(
                f"state must be a pair (h, C) of [B, H], got {type(state).__name__}"
            )
        hidden, cell = (None, None) if state is None else state
        start = (
            self._start(behaviors, hidden, "state[0]"),
            self._start(behaviors, cell, "state[1]"),
        )
        if need_gates:
            return self._gates(behaviors, mask, start)
        if torch.compiler.is_compiling():  # a graph has one length for all rows
            return self._gates(behaviors, mask, start)[:2]
        states, *last = self._run(behaviors, mask, *start)
        return states, tuple(last)

    def _gates(
        self, behaviors: Tensor, mask: Tensor | None, start: tuple[Tensor, Tensor]
    ) -> tuple[Tensor, tuple[Tensor, Tensor], LSTMGates]:
        hidden, cell = start
        steps = []
        for t, behavior in enumerate(behaviors.unbind(1)):
            (new, new_cell), gates = self.step(behavior, (hidden, cell))
            hidden = _frozen(mask, t, new, hidden)
            cell = _frozen(mask, t, new_cell, cell)
            steps.append((hidden, *gates[:-1], cell))
        states, *gates, cells = _stacked(steps)
        if mask is not None:
            gates = [gate * mask[..., None] for gate in gates]
        return states, (hidden, cell), LSTMGates(*gates, cells)


class GRU(_Recurrent):
    r"""The gated recurrent unit: one gate says what to keep, one what to read.

    .. math::
        r_t &= \sigma(W_r x_t + U_r h_{t-1} + b_r), \quad
        z_t = \sigma(W_z x_t + U_z h_{t-1} + b_z) \\
        n_t &= \tanh\big(W_n x_t + b_n + r_t \odot (U_n h_{t-1} + c_n)\big), \quad
        h_t = (1 - z_t) \odot n_t + z_t \odot h_{t-1}

    Args:
        embedding_dim: E, width of a behavior.
        hidden_dim: H, width of the state; E if not given.

    Call it with ``behaviors [B, T, E]``, ``mask [B, T]`` (bool, True = real; none: all
    are real) and a ``state [B, H]`` to begin with (none: zeros). It returns ``states
    [B, T, H]`` and ``last [B, H]``, with ``need_gates=True`` also ``GRUGates``.
    Padding, on either side or between, leaves the state as it was; an empty history
    gives the state to begin with.

    ``input_weight [3H, E]``, ``state_weight [3H, H]`` and ``bias [3H]`` are W, U and b
    for reset, update and candidate, in torch's order, ``state_bias [H]`` is c.

    The reset gate acts after the product with U, as in torch and cuDNN. In the paper it
    acts before: U (r ⊙ h).

    Raises:
        TypeError: behaviors or state are not floating-point, the mask is not bool.
        ValueError: shapes that do not fit, T = 0; on the CPU also NaN or infinity,
            padding included.

    Source: Cho et al. 2014 (arXiv 1406.1078), section 2.3.

    Example:
        >>> states, last = GRU(embedding_dim=8, hidden_dim=6)(torch.randn(2, 5, 8))
        >>> list(states.shape), torch.equal(states[:, -1], last)
        ([2, 5, 6], True)
    """

    parts = 3
    cell = GRUCell

    def __init__(self, embedding_dim: int, hidden_dim: int | None = None) -> None:
        super().__init__(embedding_dim, hidden_dim)
        self.state_bias = nn.Parameter(torch.empty(self.hidden_dim))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the weights anew: Glorot from the input, orthogonal from the state."""
        super().reset_parameters()
        nn.init.zeros_(self.state_bias)

    def step(self, behavior: Tensor, state: Tensor) -> tuple[Tensor, GRUGates]:
        """One step: ``behavior [B, E]`` and ``state [B, H]`` to the next and gates."""
        from_input = (behavior @ self.input_weight.T + self.bias).chunk(3, -1)
        from_state = (state @ self.state_weight.T).chunk(3, -1)  # [B, H] each
        reset = torch.sigmoid(from_input[0] + from_state[0])
        update = torch.sigmoid(from_input[1] + from_state[1])
        candidate = torch.tanh(
            from_input[2] + reset * (from_state[2] + self.state_bias)
        )
        state = (1 - update) * candidate + update * state
        return state, GRUGates(reset, update, candidate)

    def forward(
        self,
        behaviors: Tensor,
        mask: Tensor | None = None,
        state: Tensor | None = None,
        *,
        need_gates: bool = False,
    ) -> tuple[Tensor, Tensor] | tuple[Tensor, Tensor, GRUGates]:
        """``[B, T, E]`` to ``[B, T, H]``, the last state and, if wanted, gates."""
        self._checked(behaviors, mask)
        start = self._start(behaviors, state, "state")
        if need_gates:
            return self._gates(behaviors, mask, start)
        if torch.compiler.is_compiling():  # a graph has one length for all rows
            return self._gates(behaviors, mask, start)[:2]
        return self._run(behaviors, mask, start)

    def _gates(
        self, behaviors: Tensor, mask: Tensor | None, state: Tensor
    ) -> tuple[Tensor, Tensor, GRUGates]:
        steps = []
        for t, behavior in enumerate(behaviors.unbind(1)):
            new, gates = self.step(behavior, state)
            state = _frozen(mask, t, new, state)
            steps.append((state, *gates))
        states, *gates = _stacked(steps)
        if mask is not None:
            gates = [gate * mask[..., None] for gate in gates]
        return states, state, GRUGates(*gates)
