"""The mean of a history that has padding."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from ..exercise import Case, Exercise, Mistake


def reference(related: Tensor, mask: Tensor) -> Tensor:
    """``[B, T, E], [B, T] -> [B, E]``."""
    count = mask.sum(1, keepdim=True).clamp(min=1)  # [B, 1]
    return related.masked_fill(~mask[..., None], 0.0).sum(1) / count


def cases(generator: Generator) -> Iterator[Case]:
    """Padding at any place, none at all, nothing else."""

    def draw(name: str, B: int, T: int, E: int, real: float = 1.0) -> Case:
        mask = torch.rand(B, T, generator=generator) < real
        related = torch.randn(B, T, E, generator=generator)
        return Case(name, {"related": related, "mask": mask})

    def padded(name: str) -> Case:
        case = draw(name, 6, 5, 4, real=0.6)
        case.inputs["mask"][:, -1] = True
        case.inputs["mask"][:3, 0] = False
        return case

    yield draw("full histories", 2, 5, 4)
    yield padded("padded histories")
    loud = padded("large numbers under the padding")
    loud.inputs["related"][~loud.inputs["mask"]] = 1000.0
    yield loud
    empty = padded("an empty history")
    empty.inputs["mask"][2] = False
    yield empty
    yield draw("one behavior", 2, 1, 4, real=0.5)
    yield draw("one user", 1, 5, 4)
    yield empty.strided()
    yield empty.cast(torch.float64)
    yield empty.cast(torch.float16)


def _all_behaviors(related: Tensor, mask: Tensor) -> Tensor:
    return related.mean(1)


def _over_length(related: Tensor, mask: Tensor) -> Tensor:
    return (related * mask[..., None]).mean(1)


def _sum(related: Tensor, mask: Tensor) -> Tensor:
    return (related * mask[..., None]).sum(1)


def _over_batch(related: Tensor, mask: Tensor) -> Tensor:
    total = (related * mask[..., None]).sum(1)
    return total / mask.sum().clamp(min=1)


def _padding_counted(related: Tensor, mask: Tensor) -> Tensor:
    return related.sum(1) / mask.sum(1, keepdim=True).clamp(min=1)


def _inverted(related: Tensor, mask: Tensor) -> Tensor:
    return reference(related, ~mask)


def _root(related: Tensor, mask: Tensor) -> Tensor:
    count = mask.sum(1, keepdim=True).clamp(min=1)
    return (related * mask[..., None]).sum(1) / count.sqrt()


def _one_more(related: Tensor, mask: Tensor) -> Tensor:
    return (related * mask[..., None]).sum(1) / (mask.sum(1, keepdim=True) + 1)


def _nan(related: Tensor, mask: Tensor) -> Tensor:
    return (related * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)


def _largest(related: Tensor, mask: Tensor) -> Tensor:
    lowest = torch.finfo(related.dtype).min
    best = related.masked_fill(~mask[..., None], lowest).amax(1)
    return best.masked_fill(~mask.any(1, keepdim=True), 0.0)


def _last(related: Tensor, mask: Tensor) -> Tensor:
    return related[:, -1] * mask[:, -1:]


EXERCISE = Exercise(
    name="dual-attention/pooling",
    title="The mean over the real behaviors",
    minutes=5,
    difficulty="warm-up",
    inputs={"related": "B T E", "mask": "B T"},
    output="B E",
    reference=reference,
    cases=cases,
    dtype_of="related",
    gradients=("related",),
    mistakes=(
        Mistake(
            "ignores-the-mask",
            "the mask changes nothing: padding is averaged like a real behavior.",
            _all_behaviors,
        ),
        Mistake(
            "divides-by-the-length",
            "padding adds nothing to the sum, but it is counted below the line: short "
            "histories get short vectors. Divide by the number of real behaviors.",
            _over_length,
        ),
        Mistake(
            "sum-instead-of-mean",
            "this is the sum: it grows with the history. Divide by the number of real "
            "behaviors.",
            _sum,
        ),
        Mistake(
            "counts-the-whole-batch",
            "you divide by the number of real behaviors of all users together: each "
            "user has a number of her own.",
            _over_batch,
        ),
        Mistake(
            "padding-in-the-sum",
            "the number below the line is right, but padding is added above it. Here "
            "it need not be zero.",
            _padding_counted,
        ),
        Mistake(
            "inverted-mask",
            "you average the padding: in `mask`, True means real.",
            _inverted,
        ),
        Mistake(
            "root-of-the-count",
            "you divide by the root of the number of behaviors. That keeps the spread "
            "of a sum; a mean divides by the number itself.",
            _root,
        ),
        Mistake(
            "one-too-many",
            "you add 1 to the number of behaviors, to be safe from 0. It shortens every "
            "vector; only the empty history needs help.",
            _one_more,
        ),
        Mistake(
            "nan-empty-row",
            "only the empty history is wrong: 0 divided by 0 is NaN. It should give "
            "zeros.",
            _nan,
        ),
        Mistake(
            "maximum-instead-of-mean",
            "you keep the largest entry of each coordinate: that is max pooling.",
            _largest,
        ),
        Mistake(
            "only-the-last",
            "you return the last behavior: the others have no say.",
            _last,
        ),
    ),
)
