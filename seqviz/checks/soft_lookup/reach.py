"""How many behaviors a row of weights reads: the exponential of its entropy."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from seqviz.checks.engine.before import Case, Exercise, Mistake


def reference(weights: Tensor) -> Tensor:
    """``[B, Q, T] -> [B, Q]``."""
    reach = torch.special.entr(weights).sum(-1).exp()
    return reach.masked_fill((weights == 0).all(-1), 0.0)


def cases(generator: Generator) -> Iterator[Case]:
    """Rows that sum to 1, exact zeros in them, and rows of nothing else."""

    def draw(name: str, B: int, Q: int, T: int, real: float = 1.0) -> Case:
        logits = 1.5 * torch.randn(B, Q, T, generator=generator)
        kept = torch.rand(B, Q, T, generator=generator) < real
        kept[..., 0] = True
        return Case(
            name, {"weights": logits.masked_fill(~kept, -torch.inf).softmax(-1)}
        )

    yield draw("weights without a zero", 2, 3, 5)
    zeros = draw("weights with zeros", 4, 3, 5, real=0.6)
    yield zeros
    single = draw("a weight of 1", 2, 3, 5, real=0.7)
    single.inputs["weights"][1, 2] = torch.eye(5)[3]
    yield single
    empty = draw("a row without weights", 4, 3, 5, real=0.6)
    empty.inputs["weights"][2] = 0
    yield empty
    yield Case("even weights", {"weights": torch.full((2, 3, 5), 0.2)})
    yield draw("one behavior", 2, 3, 1)
    yield empty.strided()
    yield empty.cast(torch.float64)
    yield empty.cast(torch.float16)


def _nan_at_zero(weights: Tensor) -> Tensor:
    return (-(weights * weights.log()).sum(-1)).exp()


def _entropy(weights: Tensor) -> Tensor:
    return torch.special.entr(weights).sum(-1)


def _two_bases(weights: Tensor) -> Tensor:
    bits = torch.special.entr(weights).sum(-1) / torch.tensor(2.0).log()
    return bits.exp().masked_fill((weights == 0).all(-1), 0.0).to(weights)


def _negative(weights: Tensor) -> Tensor:
    reach = (-torch.special.entr(weights).sum(-1)).exp()
    return reach.masked_fill((weights == 0).all(-1), 0.0)


def _inverse_squares(weights: Tensor) -> Tensor:
    squares = weights.square().sum(-1)
    return (1 / squares.masked_fill(squares == 0, 1.0)).masked_fill(squares == 0, 0.0)


def _count(weights: Tensor) -> Tensor:
    return (weights > 0).sum(-1).to(weights)


def _one_for_empty(weights: Tensor) -> Tensor:
    return torch.special.entr(weights).sum(-1).exp()


def _mean(weights: Tensor) -> Tensor:
    reach = torch.special.entr(weights).mean(-1).exp()
    return reach.masked_fill((weights == 0).all(-1), 0.0)


def _between(result: Tensor, weights: Tensor) -> str | None:
    real = (weights > 0).sum(-1)
    if not result.isfinite().all():
        return None
    if ((result < 0.98 * (real > 0)) | (result > 1.02 * real + 1e-6)).any():
        return (
            "your result lies outside its bounds: 1 is expected for a weight of 1, "
            "and at most the number of weights above 0 for even ones."
        )
    return None


EXERCISE = Exercise(
    name="soft-lookup/reach",
    title="How many behaviors does a query read?",
    minutes=10,
    difficulty="core",
    inputs={"weights": "B Q T"},
    output="B Q",
    reference=reference,
    cases=cases,
    dtype_of="weights",
    properties=(_between,),
    mistakes=(
        Mistake(
            "nan-at-zero",
            "a weight of exactly 0 makes your result NaN: 0 times the logarithm of 0. "
            "Such a term counts 0.",
            _nan_at_zero,
        ),
        Mistake(
            "entropy-alone",
            "this is the entropy itself: 0 for a weight of 1. Its exponential counts "
            "behaviors.",
            _entropy,
        ),
        Mistake(
            "two-bases",
            "your logarithm and your power have different bases, 2 and e: they must be "
            "the same.",
            _two_bases,
        ),
        Mistake(
            "sign",
            "your result falls below 1: the sum of weight times logarithm is negative, "
            "and the entropy is minus that sum.",
            _negative,
        ),
        Mistake(
            "inverse-of-squares",
            "one over the sum of squares is a count as well, but another one: it hears "
            "less of the small weights. The task asks for the entropy.",
            _inverse_squares,
        ),
        Mistake(
            "count",
            "you count the weights above 0, and a tiny one counts like a large one.",
            _count,
        ),
        Mistake(
            "one-for-empty",
            "only the row without weights is wrong: it reads nothing, so its number is "
            "0, and the exponential of an entropy of 0 is 1.",
            _one_for_empty,
        ),
        Mistake(
            "mean",
            "you average over the behaviors: the entropy is a sum. With your version "
            "the number depends on how much padding a row has.",
            _mean,
        ),
    ),
)
