"""A history through a recurrent layer: bands, what is still known, slopes."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import torch

from seqviz.explorers.core.codec import to_numpy
from seqviz.explorers.core.inputs import check_parts
from seqviz.explorers.core.recurrent import layer_from
from seqviz.layers import GRU, LSTM, RNN

KINDS = {"rnn": RNN, "lstm": LSTM, "gru": GRU}
#: The bands of each kind, in the order in which they are drawn.
BANDS = {
    "rnn": ("state",),
    "lstm": ("forget", "input", "output", "cell", "state"),
    "gru": ("update", "reset", "state"),
}
#: These lie between 0 and 1; cell and state lie around 0.
GATES = frozenset({"forget", "input", "output", "update", "reset"})


class Memory(NamedTuple):
    """A recurrent layer and a probe that reads its last state.

    Attributes:
        kind: "rnn", "lstm" or "gru".
        input_weight: ``[parts * H, E]``, in the order of ``seqviz.layers``.
        state_weight: ``[parts * H, H]``.
        bias: ``[parts * H]``.
        state_bias: ``[H]`` of a GRU, else None.
        probe_weight: ``[C, H]``: a logit for each of C labels.
        probe_bias: ``[C]``.

    Example:
        >>> from seqviz.layers import GRU
        >>> memory = Memory.of(GRU(4, 3), torch.nn.Linear(3, 2))
        >>> memory.kind, list(memory.input_weight.shape)
        ('gru', [9, 4])
    """

    kind: str
    input_weight: Any
    state_weight: Any
    bias: Any
    state_bias: Any
    probe_weight: Any
    probe_bias: Any

    @classmethod
    def of(cls, layer: RNN | LSTM | GRU, probe: torch.nn.Linear) -> Memory:
        """From a layer of ``seqviz`` and a linear probe ``[H] -> [C]``."""
        kind = next(kind for kind, made in KINDS.items() if isinstance(layer, made))
        return cls(
            kind,
            layer.input_weight,
            layer.state_weight,
            layer.bias,
            getattr(layer, "state_bias", None),
            probe.weight,
            probe.bias,
        )


class Trace(NamedTuple):
    """One history through one layer."""

    bands: dict[str, np.ndarray]
    """A name to ``[T, H]``, as in ``BANDS``."""
    known: np.ndarray
    """``[C]``: what the probe reads from the last state, 0 to 1."""
    slopes: np.ndarray
    """``[T]``: the norm of the last state's derivative by each behavior."""


def check_memory(memory: Any, name: str, width: int, labels: int) -> Memory:
    """Return a memory of float32 arrays.

    Raises:
        TypeError, ValueError: naming the argument.
    """
    if not isinstance(memory, Memory):
        raise TypeError(f"{name} must be a Memory, got {type(memory).__name__}")
    if memory.kind not in KINDS:
        raise ValueError(
            f"{name}.kind must be one of {', '.join(KINDS)}, got {memory.kind!r}"
        )
    rows = KINDS[memory.kind].parts
    hidden = to_numpy(memory.state_weight, f"{name}.state_weight").shape[-1]
    shapes = {
        "input_weight": (rows * hidden, width),
        "state_weight": (rows * hidden, hidden),
        "bias": (rows * hidden,),
        "probe_weight": (labels, hidden),
        "probe_bias": (labels,),
    }
    gru = memory.kind == "gru"
    if gru == (memory.state_bias is None):
        raise ValueError(
            f"{name}.state_bias must be {'given' if gru else 'None'} for kind "
            f"{memory.kind!r}"
        )
    if gru:
        shapes["state_bias"] = (hidden,)
    return check_parts(memory, name, shapes)


def run(memory: Memory, behaviors: np.ndarray) -> Trace:
    """Take ``behaviors [T, E]`` through a memory, in float64."""
    layer = layer_from(KINDS[memory.kind], memory)
    inputs = torch.from_numpy(behaviors).double()[None].requires_grad_()
    if memory.kind == "rnn":
        states, last = layer(inputs)
        bands = {}
    else:
        states, last, gates = layer(inputs, need_gates=True)
        bands = gates._asdict()
    last = last[0] if memory.kind == "lstm" else last
    rows = [
        torch.autograd.grad(last[0, unit], inputs, retain_graph=True)[0][0]
        for unit in range(last.shape[1])
    ]
    slopes = torch.stack(rows).square().sum((0, 2)).sqrt()  # [T]
    logits = memory.probe_weight @ last[0].detach().numpy() + memory.probe_bias
    bands = {**bands, "state": states}
    return Trace(
        {name: bands[name][0].detach().numpy() for name in BANDS[memory.kind]},
        1 / (1 + np.exp(-logits)),
        slopes.numpy(),
    )
