"""Several heads, each with matrices of its own, in one call."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from seqviz.checks.engine.before import Case, Exercise, Mistake


def _look_up(
    behaviors: Tensor, W_Q: Tensor, W_K: Tensor, W_V: Tensor, scale: float
) -> Tensor:
    query, key, value = (
        torch.einsum("bte,hed->bhtd", behaviors, W) for W in (W_Q, W_K, W_V)
    )
    return (query @ key.mT * scale).softmax(-1) @ value  # [B, H, T, D]


def _joined(read: Tensor, W_O: Tensor) -> Tensor:
    return torch.einsum("bhtd,hde->bte", read, W_O)


def reference(
    behaviors: Tensor, W_Q: Tensor, W_K: Tensor, W_V: Tensor, W_O: Tensor
) -> Tensor:
    """``[B, T, E]``, three times ``[H, E, D]``, ``[H, D, E]`` to ``[B, T, E]``."""
    read = _look_up(behaviors, W_Q, W_K, W_V, W_Q.shape[-1] ** -0.5)
    return _joined(read, W_O)


def cases(generator: Generator) -> Iterator[Case]:
    """Several heads, one, heads of width 1, one behavior."""

    def draw(name: str, B: int, T: int, E: int, H: int, D: int) -> Case:
        inputs = {"behaviors": torch.randn(B, T, E, generator=generator)}
        for matrix in ("W_Q", "W_K", "W_V"):
            inputs[matrix] = torch.randn(H, E, D, generator=generator) / E**0.5
        inputs["W_O"] = torch.randn(H, D, E, generator=generator) / D**0.5
        return Case(name, inputs)

    plain = draw("several heads", 2, 5, 6, 3, 4)
    yield plain
    yield draw("one head", 2, 5, 6, 1, 4)
    yield draw("as many heads as behaviors", 2, 3, 6, 3, 2)
    yield draw("heads of width 1", 2, 5, 4, 4, 1)
    yield draw("one behavior", 2, 1, 6, 2, 3)
    yield draw("one user", 1, 5, 6, 2, 3)
    yield plain.strided()
    yield plain.cast(torch.float64)
    yield plain.cast(torch.float16)


def _scaled_by_width(
    behaviors: Tensor, W_Q: Tensor, W_K: Tensor, W_V: Tensor, W_O: Tensor
) -> Tensor:
    read = _look_up(behaviors, W_Q, W_K, W_V, behaviors.shape[-1] ** -0.5)
    return _joined(read, W_O)


def _no_scale(
    behaviors: Tensor, W_Q: Tensor, W_K: Tensor, W_V: Tensor, W_O: Tensor
) -> Tensor:
    return _joined(_look_up(behaviors, W_Q, W_K, W_V, 1.0), W_O)


def _reshaped(
    behaviors: Tensor, W_Q: Tensor, W_K: Tensor, W_V: Tensor, W_O: Tensor
) -> Tensor:
    read = _look_up(behaviors, W_Q, W_K, W_V, W_Q.shape[-1] ** -0.5)
    return read.reshape(*behaviors.shape[:2], -1) @ W_O.flatten(0, 1)


def _interleaved(
    behaviors: Tensor, W_Q: Tensor, W_K: Tensor, W_V: Tensor, W_O: Tensor
) -> Tensor:
    read = _look_up(behaviors, W_Q, W_K, W_V, W_Q.shape[-1] ** -0.5)
    return read.permute(0, 2, 3, 1).flatten(2) @ W_O.flatten(0, 1)


def _one_matrix_of_weights(
    behaviors: Tensor, W_Q: Tensor, W_K: Tensor, W_V: Tensor, W_O: Tensor
) -> Tensor:
    query, key, value = (
        torch.einsum("bte,hed->bthd", behaviors, W).flatten(2) for W in (W_Q, W_K, W_V)
    )
    scale = query.shape[-1] ** -0.5
    read = (query @ key.mT * scale).softmax(-1) @ value
    return read @ W_O.flatten(0, 1)


def _over_heads(
    behaviors: Tensor, W_Q: Tensor, W_K: Tensor, W_V: Tensor, W_O: Tensor
) -> Tensor:
    query, key, value = (
        torch.einsum("bte,hed->bthd", behaviors, W) for W in (W_Q, W_K, W_V)
    )
    scores = query @ key.mT * W_Q.shape[-1] ** -0.5  # [B, T, H, H]
    return (scores.softmax(-1) @ value).flatten(2) @ W_O.flatten(0, 1)


def _first_head(
    behaviors: Tensor, W_Q: Tensor, W_K: Tensor, W_V: Tensor, W_O: Tensor
) -> Tensor:
    query, key = W_Q[:1].expand_as(W_Q), W_K[:1].expand_as(W_K)
    return reference(behaviors, query, key, W_V, W_O)


def _swapped(
    behaviors: Tensor, W_Q: Tensor, W_K: Tensor, W_V: Tensor, W_O: Tensor
) -> Tensor:
    return reference(behaviors, W_K, W_Q, W_V, W_O)


def _inside_softmax(
    behaviors: Tensor, W_Q: Tensor, W_K: Tensor, W_V: Tensor, W_O: Tensor
) -> Tensor:
    query, key, value = (
        torch.einsum("bte,hed->bhtd", behaviors, W) for W in (W_Q, W_K, W_V)
    )
    scores = query @ key.mT * W_Q.shape[-1] ** -0.5
    return _joined((scores @ value).softmax(-1), W_O)


def _mean(
    behaviors: Tensor, W_Q: Tensor, W_K: Tensor, W_V: Tensor, W_O: Tensor
) -> Tensor:
    return reference(behaviors, W_Q, W_K, W_V, W_O) / len(W_O)


EXERCISE = Exercise(
    name="self-attention/heads",
    title="Matrices a head",
    minutes=15,
    difficulty="core",
    inputs={
        "behaviors": "B T E",
        "W_Q": "H E D",
        "W_K": "H E D",
        "W_V": "H E D",
        "W_O": "H D E",
    },
    output="B T E",
    reference=reference,
    cases=cases,
    dtype_of="behaviors",
    gradients=("behaviors", "W_Q", "W_K", "W_V", "W_O"),
    mistakes=(
        Mistake(
            "scaled-by-the-whole-width",
            "you divide by the root of E. A head sums over its own D entries.",
            _scaled_by_width,
        ),
        Mistake(
            "no-scale",
            "these are plain inner products: divide the scores by the root of D.",
            _no_scale,
        ),
        Mistake(
            "reshaped-heads",
            "the shape fits, but behaviors and heads are mixed up: you reshape "
            "[B, H, T, D] as it lies in memory. Bring the heads beside D first.",
            _reshaped,
        ),
        Mistake(
            "interleaved-heads",
            "the entries of the heads alternate before W_O: each head has to meet its "
            "own [D, E] part.",
            _interleaved,
        ),
        Mistake(
            "heads-share-their-weights",
            "all heads have the same weights: you join them before the scores. Each "
            "head has a softmax of its own.",
            _one_matrix_of_weights,
        ),
        Mistake(
            "attends-over-the-heads",
            "the heads read each other, the behaviors do not: the product pairs H "
            "with H. It should pair T with T.",
            _over_heads,
        ),
        Mistake(
            "first-head-asks-for-all",
            "every head asks as the first one does. Each has its own W_Q and W_K.",
            _first_head,
        ),
        Mistake(
            "query-and-key-swapped",
            "W_Q and W_K have changed places: who reads has become who is read.",
            _swapped,
        ),
        Mistake(
            "mean-of-the-heads",
            "you average what the heads bring. They add up, as in one long product "
            "with the joined heads.",
            _mean,
        ),
        Mistake(
            "values-inside-the-softmax",
            "the softmax is taken of the scores times the values. It belongs around "
            "the scores alone; the values come after.",
            _inside_softmax,
            seen_in="the source notes",
        ),
    ),
)
