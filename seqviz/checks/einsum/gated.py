"""Three operands in one einsum: a gate, weights and behaviors."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from seqviz.checks.engine.before import Case, Exercise, Mistake


def reference(gates: Tensor, weights: Tensor, behaviors: Tensor) -> Tensor:
    """``[B, T], [B, K, T], [B, T, E] -> [B, K, E]``."""
    return torch.einsum("bt,bkt,bte->bke", gates, weights, behaviors)


def cases(generator: Generator) -> Iterator[Case]:
    """Gates between 0 and 1, some of them closed."""

    def draw(name: str, B: int, K: int, T: int, E: int, open_: float = 1.0) -> Case:
        gates = torch.rand(B, T, generator=generator)
        gates = gates * (torch.rand(B, T, generator=generator) < open_)
        inputs = {
            "gates": gates,
            "weights": torch.randn(B, K, T, generator=generator).softmax(-1),
            "behaviors": torch.randn(B, T, E, generator=generator),
        }
        return Case(name, inputs)

    yield draw("open gates", 2, 3, 5, 4)
    some = draw("some closed gates", 6, 3, 5, 4, open_=0.6)
    yield some
    yield draw("one user", 1, 3, 5, 4)
    yield draw("one behavior", 2, 3, 1, 4)
    # As many interests as behaviors: a broadcast along the wrong axis goes through.
    yield draw("as many interests as behaviors", 2, 4, 4, 3)
    yield some.strided()
    yield some.cast(torch.float64)
    yield some.cast(torch.float16)


def _no_gate(gates: Tensor, weights: Tensor, behaviors: Tensor) -> Tensor:
    return torch.einsum("bkt,bte->bke", weights, behaviors)


def _gate_after(gates: Tensor, weights: Tensor, behaviors: Tensor) -> Tensor:
    return torch.einsum("bt,bku,bue->bke", gates, weights, behaviors)


def _gate_mean(gates: Tensor, weights: Tensor, behaviors: Tensor) -> Tensor:
    return _gate_after(gates, weights, behaviors) / gates.shape[1]


def _mixed_batch(gates: Tensor, weights: Tensor, behaviors: Tensor) -> Tensor:
    return torch.einsum("ct,bkt,bte->bke", gates, weights, behaviors)


def _renormalized(gates: Tensor, weights: Tensor, behaviors: Tensor) -> Tensor:
    gated = gates[:, None] * weights
    total = gated.sum(-1, keepdim=True)
    return (gated / total.masked_fill(total == 0, 1.0)) @ behaviors


def _gate_twice(gates: Tensor, weights: Tensor, behaviors: Tensor) -> Tensor:
    return torch.einsum("bt,bt,bkt,bte->bke", gates, gates, weights, behaviors)


EXERCISE = Exercise(
    name="einsum/gated",
    title="Gate, weigh and sum in one line",
    minutes=5,
    difficulty="warm-up",
    inputs={"gates": "B T", "weights": "B K T", "behaviors": "B T E"},
    output="B K E",
    reference=reference,
    cases=cases,
    dtype_of="behaviors",
    gradients=("gates", "weights", "behaviors"),
    mistakes=(
        Mistake(
            "gates-left-out",
            "the gates change nothing: a behavior whose gate is 0 still counts. All "
            "three tensors are factors of one product.",
            _no_gate,
        ),
        Mistake(
            "gates-summed-alone",
            "you sum the gates by themselves and scale the whole interest: the axis "
            "of the gates has another letter than the behaviors, so a gate never "
            "meets its own click.",
            _gate_after,
            also=(_gate_mean,),
        ),
        Mistake(
            "gates-of-the-whole-batch",
            "every user gets the gates of all users: the batch axis of the gates is "
            "summed away. It needs the letter that the other two have.",
            _mixed_batch,
        ),
        Mistake(
            "renormalized",
            "you bring the gated weights back to a sum of 1: then a history with all "
            "gates half open looks like one with open gates. A gate may make an "
            "interest shorter; that is its point.",
            _renormalized,
        ),
        Mistake(
            "gates-twice",
            "the gates act twice: a gate of 0.5 lets a quarter through. Apply them to "
            "the weights or to the behaviors, not to both.",
            _gate_twice,
        ),
    ),
)
