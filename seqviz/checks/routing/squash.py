"""A squash with 1/2 in the place of 1, over vectors that lie along the middle axis."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from seqviz.checks.engine.before import Case, Exercise, Mistake

HALF = 0.5


def reference(pulled: Tensor) -> Tensor:
    """``[B, E, K] -> [B, E, K]``."""
    length = torch.linalg.vector_norm(pulled, dim=1, keepdim=True)
    return pulled * (length / (HALF + length.square()))


def cases(generator: Generator) -> Iterator[Case]:
    """Short, long and zero vectors."""

    def draw(name: str, B: int, E: int, K: int, scale: float = 1.0) -> Case:
        pulled = scale * torch.randn(B, E, K, generator=generator)
        return Case(name, {"pulled": pulled})

    first = draw("a few vectors", 2, 5, 3)
    yield first
    yield draw("short vectors", 2, 4, 3, scale=0.05)
    yield draw("long vectors", 2, 4, 3, scale=20.0)
    zero = draw("an interest of length zero", 3, 5, 2)
    zero.inputs["pulled"][1, :, 0] = 0
    zero.inputs["pulled"][2] = 0
    yield zero
    yield draw("as many interests as coordinates", 2, 4, 4)
    yield first.strided()
    yield zero.cast(torch.float64)
    yield zero.cast(torch.float16)


def _lengths(pulled: Tensor) -> Tensor:
    return torch.linalg.vector_norm(pulled, dim=1, keepdim=True)


def _over_interests(pulled: Tensor) -> Tensor:
    return reference(pulled.mT).mT


def _one(pulled: Tensor) -> Tensor:
    length = _lengths(pulled)
    return pulled * (length / (1 + length.square()))


def _unit(pulled: Tensor) -> Tensor:
    length = _lengths(pulled)
    return pulled / length.masked_fill(length == 0, 1.0)


def _not_divided(pulled: Tensor) -> Tensor:
    square = _lengths(pulled).square()
    return pulled * (square / (HALF + square))


def _one_length_for_all(pulled: Tensor) -> Tensor:
    length = torch.linalg.vector_norm(pulled, dim=(1, 2), keepdim=True)
    return pulled * (length / (HALF + length.square()))


def _each_coordinate(pulled: Tensor) -> Tensor:
    return pulled * pulled.abs() / (HALF + pulled.square())


def _as_printed(pulled: Tensor) -> Tensor:
    square = pulled.square().sum(1, keepdim=True)
    return square / (HALF + square) * pulled / square.sqrt()


def _epsilon(pulled: Tensor) -> Tensor:
    square = pulled.square().sum(1, keepdim=True)
    return square / (HALF + square) * pulled / (square + 1e-9).sqrt()


def _nan_gradient(pulled: Tensor) -> Tensor:
    length = pulled.square().sum(1, keepdim=True).sqrt()
    return pulled * (length / (HALF + length.square()))


def _not_squared(pulled: Tensor) -> Tensor:
    return pulled / (HALF + _lengths(pulled))


EXERCISE = Exercise(
    name="routing/squash",
    title="Another squash",
    minutes=10,
    difficulty="warm-up",
    inputs={"pulled": "B E K"},
    output="B E K",
    reference=reference,
    cases=cases,
    dtype_of="pulled",
    gradients=("pulled",),
    mistakes=(
        Mistake(
            "over-the-interests",
            "you take the length over the interests of a user. A vector lies along "
            "the axis of its coordinates, here the middle one.",
            _over_interests,
        ),
        Mistake(
            "one-instead-of-a-half",
            "this is the squash of the chapter, with 1. Here a half stands in its "
            "place.",
            _one,
        ),
        Mistake(
            "unit-length",
            "all your vectors have length 1: how sure an interest is has been lost. "
            "A short one should stay short.",
            _unit,
        ),
        Mistake(
            "not-divided-by-the-length",
            "the factor is right, but the vector that it multiplies is not brought to "
            "length 1 first: long vectors stay long.",
            _not_divided,
        ),
        Mistake(
            "length-not-squared",
            "the length stands where its square belongs: short vectors are not "
            "shortened enough.",
            _not_squared,
        ),
        Mistake(
            "one-length-for-all",
            "all interests of a user share one length. Each has its own.",
            _one_length_for_all,
        ),
        Mistake(
            "each-coordinate-alone",
            "you squash each coordinate by itself: the direction changes.",
            _each_coordinate,
        ),
        Mistake(
            "nan-zero-vector",
            "only the zero vector is wrong: its length is divided by its length. "
            "Cancel one length on paper first.",
            _as_printed,
        ),
        Mistake(
            "epsilon-vanishes",
            "right in single precision. In half precision the small number under the "
            "root is rounded to 0, and the zero vector is 0 / 0 again.",
            _epsilon,
            seen_in="torch-rechub 0.9.0",
        ),
        Mistake(
            "nan-gradient",
            "the numbers are right, but the gradient of a zero vector is NaN: the "
            "root has an infinite slope at 0. A norm function knows better.",
            _nan_gradient,
        ),
    ),
)
