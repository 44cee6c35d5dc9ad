"""How much of each original behavior a candidate reads through both steps."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from seqviz.checks.engine.before import Case, Exercise, Mistake
from seqviz.layers import masked_softmax


def reference(target_weights: Tensor, self_weights: Tensor) -> Tensor:
    """``[B, M, T], [B, T, T] -> [B, M, T]``."""
    return torch.einsum("bmt,btj->bmj", target_weights, self_weights)


def cases(generator: Generator) -> Iterator[Case]:
    """Rows that sum to 1, or to 0 at padding."""

    def draw(name: str, B: int, M: int, T: int, real: float = 1.0) -> Case:
        mask = torch.rand(B, T, generator=generator) < real
        mask[:, -1] = True
        pairs = mask[:, None] & mask[:, :, None]
        own = 2 * torch.randn(B, T, T, generator=generator)
        asked = 2 * torch.randn(B, M, T, generator=generator)
        inputs = {
            "target_weights": masked_softmax(asked, mask[:, None]),
            "self_weights": masked_softmax(own, pairs),
        }
        return Case(name, inputs)

    yield draw("full histories", 2, 3, 5)
    padded = draw("padded histories", 6, 3, 5, real=0.6)
    yield padded
    yield draw("as many candidates as behaviors", 3, 5, 5)
    yield draw("one candidate", 3, 1, 5)
    yield draw("one behavior", 3, 2, 1)
    yield padded.strided()
    yield padded.cast(torch.float64)
    yield padded.cast(torch.float16)


def _transposed(target_weights: Tensor, self_weights: Tensor) -> Tensor:
    return torch.einsum("bmt,bjt->bmj", target_weights, self_weights)


def _second_only(target_weights: Tensor, self_weights: Tensor) -> Tensor:
    return target_weights * 1.0 + 0.0 * self_weights.sum((1, 2))[:, None, None]


def _first_only(target_weights: Tensor, self_weights: Tensor) -> Tensor:
    real = (target_weights > 0).to(self_weights)
    mean = torch.einsum("bmt,btj->bmj", real, self_weights)
    return mean / real.sum(-1, keepdim=True) + 0.0 * target_weights


def _diagonal(target_weights: Tensor, self_weights: Tensor) -> Tensor:
    return target_weights * self_weights.diagonal(dim1=1, dim2=2)[:, None]


def _softmax_again(target_weights: Tensor, self_weights: Tensor) -> Tensor:
    return reference(target_weights, self_weights).softmax(-1)


def _average(target_weights: Tensor, self_weights: Tensor) -> Tensor:
    return (target_weights + self_weights.mean(1, keepdim=True)) / 2


def _mixed_batch(target_weights: Tensor, self_weights: Tensor) -> Tensor:
    return torch.einsum("bmt,ctj->bmj", target_weights, self_weights)


def _sums(result: Tensor, target_weights: Tensor, self_weights: Tensor) -> str | None:
    total = result.double().sum(-1)
    gap = (total - 1).abs()
    if gap.max() < 1e-2:
        return None
    return (
        f"a row sums to {float(total.flatten()[gap.argmax()]):.3g}. Both steps hand "
        f"out exactly 1, so what is read in the end sums to 1 as well."
    )


EXERCISE = Exercise(
    name="dual-attention/through",
    title="Through both steps",
    minutes=10,
    difficulty="core",
    inputs={"target_weights": "B M T", "self_weights": "B T T"},
    output="B M T",
    reference=reference,
    cases=cases,
    dtype_of="target_weights",
    gradients=("target_weights", "self_weights"),
    properties=(_sums,),
    mistakes=(
        Mistake(
            "wrong-way-round",
            "you sum over the keys of the first step: a row of its matrix is who "
            "reads, a column is who is read. The candidate weighs the readers.",
            _transposed,
        ),
        Mistake(
            "second-step-only",
            "the first step plays no part: these are the weights over what the "
            "behaviors have become, not over what they were.",
            _second_only,
        ),
        Mistake(
            "first-step-only",
            "the candidate plays no part: every real behavior counts alike as a "
            "reader. Weigh the readers by the second step.",
            _first_only,
        ),
        Mistake(
            "diagonal-only",
            "you keep only what each behavior reads of itself. What it reads of the "
            "others arrives too.",
            _diagonal,
        ),
        Mistake(
            "softmax-again",
            "you take a softmax of weights that sum to 1 already: it pulls them "
            "towards the mean and gives padding a share.",
            _softmax_again,
        ),
        Mistake(
            "mean-of-both",
            "you average the two steps. They come one after the other, so the shares "
            "multiply, and the ways through different readers add up.",
            _average,
        ),
        Mistake(
            "mixes-the-batch",
            "each user reads through the histories of all users: the batch axis is "
            "summed away. It needs the same letter in all three places.",
            _mixed_batch,
        ),
    ),
)
