"""The weights that self-attention and a mean give to the original behaviors."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from seqviz.checks.engine.before import Case, Exercise, Mistake
from seqviz.layers import masked_softmax


def reference(self_weights: Tensor, mask: Tensor) -> Tensor:
    """``[B, T, T], [B, T] -> [B, T]``: the mean over the real rows."""
    return _readers(self_weights, mask).sum(1) / _count(mask)


def cases(generator: Generator) -> Iterator[Case]:
    """Padding at any place, whose own rows sum to 1 too; none at all; nothing else."""

    def draw(name: str, mask: Tensor) -> Case:
        logits = 2 * torch.randn(*mask.shape, mask.shape[1], generator=generator)
        weights = masked_softmax(logits, mask[:, None])
        return Case(name, {"self_weights": weights, "mask": mask})

    def padded() -> Tensor:
        mask = torch.rand(6, 5, generator=generator) < 0.6
        mask[:, -1] = True
        mask[:3, 0] = False
        return mask

    yield draw("full histories", torch.ones(2, 5, dtype=torch.bool))
    yield draw("padded histories", padded())
    mask = padded()
    mask[2] = False
    empty = draw("an empty history", mask)
    yield empty
    yield draw("one behavior", torch.tensor([[True], [False]]))
    yield draw("one user", torch.tensor([[False, True, True, False, True]]))
    yield empty.strided()
    yield empty.cast(torch.float64)
    yield empty.cast(torch.float16)


def _readers(self_weights: Tensor, mask: Tensor) -> Tensor:
    return self_weights.masked_fill(~mask[..., None], 0.0)


def _count(mask: Tensor) -> Tensor:
    return mask.sum(1, keepdim=True).clamp(min=1)  # [B, 1]


def _over_keys(self_weights: Tensor, mask: Tensor) -> Tensor:
    return self_weights.mean(2)


def _over_real_keys(self_weights: Tensor, mask: Tensor) -> Tensor:
    return _readers(self_weights, mask).sum(2) / _count(mask)


def _all_readers(self_weights: Tensor, mask: Tensor) -> Tensor:
    return self_weights.mean(1)


def _over_length(self_weights: Tensor, mask: Tensor) -> Tensor:
    return _readers(self_weights, mask).mean(1)


def _padding_counted(self_weights: Tensor, mask: Tensor) -> Tensor:
    return self_weights.sum(1) / _count(mask)


def _sum(self_weights: Tensor, mask: Tensor) -> Tensor:
    return _readers(self_weights, mask).sum(1)


def _over_batch(self_weights: Tensor, mask: Tensor) -> Tensor:
    return _readers(self_weights, mask).sum(1) / mask.sum().clamp(min=1)


def _inverted(self_weights: Tensor, mask: Tensor) -> Tensor:
    return reference(self_weights, ~mask)


def _diagonal(self_weights: Tensor, mask: Tensor) -> Tensor:
    return self_weights.diagonal(dim1=1, dim2=2) * mask


def _softmax(self_weights: Tensor, mask: Tensor) -> Tensor:
    return masked_softmax(_readers(self_weights, mask).sum(1), mask)


def _largest(self_weights: Tensor, mask: Tensor) -> Tensor:
    return _readers(self_weights, mask).amax(1)


def _last(self_weights: Tensor, mask: Tensor) -> Tensor:
    return self_weights[:, -1] * mask[:, -1:]


def _one_more(self_weights: Tensor, mask: Tensor) -> Tensor:
    return _readers(self_weights, mask).sum(1) / (mask.sum(1, keepdim=True) + 1)


def _nan(self_weights: Tensor, mask: Tensor) -> Tensor:
    return _readers(self_weights, mask).sum(1) / mask.sum(1, keepdim=True)


def _sums(result: Tensor, self_weights: Tensor, mask: Tensor) -> str | None:
    if not result.isfinite().all():
        return "your weights are NaN or infinite for some user."
    gap = (result.double().sum(-1) - mask.any(-1).double()).abs()
    if gap.max() < 1e-2:
        return None
    total = float(result.double().sum(-1)[gap.argmax()])
    return (
        f"the weights of a user sum to {total:.3g}. Each reader hands out exactly 1, "
        f"so their mean does too; without a behavior it is 0."
    )


EXERCISE = Exercise(
    name="dual-attention/pooling",
    title="What self-attention and a mean read",
    minutes=10,
    difficulty="warm-up",
    inputs={"self_weights": "B T T", "mask": "B T"},
    output="B T",
    reference=reference,
    cases=cases,
    dtype_of="self_weights",
    gradients=("self_weights",),
    properties=(_sums,),
    mistakes=(
        Mistake(
            "mean-along-the-row",
            "you average along a row, over what is read: a row sums to 1, so every "
            "result is alike. The mean is taken over the readers.",
            _over_keys,
            also=(_over_real_keys,),
        ),
        Mistake(
            "padding-among-the-readers",
            "the mask changes nothing: the rows of the padding are averaged along. "
            "Padding is not read, but here it reads.",
            _all_readers,
        ),
        Mistake(
            "padding-in-the-sum",
            "the number below the line is right, but the rows of the padding are "
            "added above it: their weights sum to 1 like any other row's.",
            _padding_counted,
        ),
        Mistake(
            "divides-by-the-length",
            "only real readers are added, but you divide by T: short histories get "
            "small weights. Divide by the number of real behaviors.",
            _over_length,
        ),
        Mistake(
            "sum-instead-of-mean",
            "this is the sum over the readers: it grows with the history. A mean "
            "divides by their number.",
            _sum,
        ),
        Mistake(
            "counts-the-whole-batch",
            "you divide by the number of real behaviors of all users together: each "
            "user has a number of her own.",
            _over_batch,
        ),
        Mistake(
            "inverted-mask",
            "your readers are the padding: in `mask`, True means real.",
            _inverted,
        ),
        Mistake(
            "diagonal-only",
            "you keep what each behavior reads of itself. A behavior is read by all "
            "the others too.",
            _diagonal,
        ),
        Mistake(
            "softmax-again",
            "you take a softmax of what has been read: the weights are there already, "
            "they only have to be averaged.",
            _softmax,
        ),
        Mistake(
            "maximum-instead-of-mean",
            "you keep the largest weight that any reader gives. A mean hears all "
            "readers.",
            _largest,
        ),
        Mistake(
            "only-the-last",
            "you return what the last behavior reads: the other readers have no say.",
            _last,
        ),
        Mistake(
            "one-too-many",
            "you add 1 to the number of readers, to be safe from 0. It shortens every "
            "weight; only the empty history needs help.",
            _one_more,
        ),
        Mistake(
            "nan-empty-row",
            "only the empty history is wrong: 0 divided by 0 is NaN. It should give "
            "zeros.",
            _nan,
        ),
    ),
)
