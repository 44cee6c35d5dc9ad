"""The gradient of the softmax, without the matrix."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from seqviz.checks.engine.before import Case, Exercise, Mistake


def reference(weights: Tensor, gradient: Tensor) -> Tensor:
    """``[B, Q, T], [B, Q, T] -> [B, Q, T]``."""
    mean = (weights * gradient).sum(-1, keepdim=True)  # [B, Q, 1]
    return weights * (gradient - mean)


def cases(generator: Generator) -> Iterator[Case]:
    """Spread, one-hot and empty rows of weights."""

    def draw(name: str, B: int, Q: int, T: int) -> Case:
        logits = torch.randn(B, Q, T, generator=generator)
        gradient = torch.randn(B, Q, T, generator=generator)
        return Case(name, {"weights": logits.softmax(-1), "gradient": gradient})

    spread = draw("spread weights", 2, 3, 5)
    yield spread
    yield draw("one query", 2, 1, 5)
    zeros = draw("weights with zeros", 2, 3, 5)
    zeros.inputs["weights"][:, :, 1] = 0
    zeros.inputs["weights"].div_(zeros.inputs["weights"].sum(-1, keepdim=True))
    yield zeros
    single = draw("a weight of 1", 2, 3, 5)
    single.inputs["weights"][1, 2] = torch.eye(5)[3]
    yield single
    empty = draw("a row without weights", 2, 3, 5)
    empty.inputs["weights"][1] = 0
    yield empty
    yield draw("one behavior", 2, 3, 1)
    yield empty.strided()
    yield empty.cast(torch.float64)
    yield empty.cast(torch.float16)


def _no_mean(weights: Tensor, gradient: Tensor) -> Tensor:
    return weights * gradient


def _diagonal(weights: Tensor, gradient: Tensor) -> Tensor:
    return weights * (1 - weights) * gradient


def _sum(weights: Tensor, gradient: Tensor) -> Tensor:
    return weights * (gradient - gradient.sum(-1, keepdim=True))


def _plain_mean(weights: Tensor, gradient: Tensor) -> Tensor:
    return weights * (gradient - gradient.mean(-1, keepdim=True))


def _no_outer_weight(weights: Tensor, gradient: Tensor) -> Tensor:
    return gradient - (weights * gradient).sum(-1, keepdim=True)


def _sign(weights: Tensor, gradient: Tensor) -> Tensor:
    return -reference(weights, gradient)


def _over_queries(weights: Tensor, gradient: Tensor) -> Tensor:
    return weights * (gradient - (weights * gradient).sum(1, keepdim=True))


def _sums_to_zero(result: Tensor, weights: Tensor, gradient: Tensor) -> str | None:
    total = result.double().sum(-1).abs().max()
    if total < 2e-2:
        return None
    return (
        f"a row of your gradient sums to {float(total):.3g} or minus that. Adding the "
        f"same number to every score changes no weight, so the sum is expected to be 0."
    )


EXERCISE = Exercise(
    name="soft-lookup/backward",
    title="The way back through the softmax",
    minutes=20,
    difficulty="core",
    inputs={"weights": "B Q T", "gradient": "B Q T"},
    output="B Q T",
    reference=reference,
    cases=cases,
    dtype_of="weights",
    properties=(_sums_to_zero,),
    mistakes=(
        Mistake(
            "without-the-others",
            "you multiply by the weight alone: a score also lowers every other weight, "
            "since they share one unit. That part is missing.",
            _no_mean,
        ),
        Mistake(
            "diagonal-alone",
            "this is the diagonal of the Jacobian: what a score does to its own "
            "weight. What it does to the other weights is missing.",
            _diagonal,
        ),
        Mistake(
            "sum-not-weighted",
            "you subtract the plain sum of the gradient: subtract its mean under the "
            "weights.",
            _sum,
        ),
        Mistake(
            "plain-mean",
            "you subtract the plain mean: the behaviors do not count alike, each "
            "counts by its weight.",
            _plain_mean,
        ),
        Mistake(
            "outer-weight-missing",
            "the difference is right, but a behavior with weight 0 gets a gradient: "
            "one factor is missing.",
            _no_outer_weight,
        ),
        Mistake(
            "sign",
            "every number has the wrong sign: a score with a larger gradient than "
            "the mean should get a positive one.",
            _sign,
        ),
        Mistake(
            "over-queries",
            "your mean runs over the questions: each question has a softmax of its "
            "own, over the behaviors.",
            _over_queries,
        ),
    ),
)
