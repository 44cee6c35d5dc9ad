"""Weights over what had happened when the question was asked."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from seqviz.checks.engine.before import Case, Exercise, Mistake
from seqviz.layers import masked_softmax


def reference(scores: Tensor, asked: Tensor, happened: Tensor, mask: Tensor) -> Tensor:
    """``[B, Q, T], [B, Q], [B, T], [B, T] -> [B, Q, T]``."""
    return masked_softmax(scores, _readable(asked, happened, mask))


def cases(generator: Generator) -> Iterator[Case]:
    """Questions before, between, at and after the behaviors; padding anywhere."""

    def draw(name: str, B: int, Q: int, T: int, real: float = 1.0) -> Case:
        mask = torch.rand(B, T, generator=generator) < real
        mask[:, 0] = True
        happened = torch.randint(10, 90, (B, T), generator=generator) * 2
        asked = torch.randint(60, 100, (B, Q), generator=generator) * 2 + 1
        happened[:, 0] = 0
        inputs = {
            "scores": torch.randn(B, Q, T, generator=generator),
            "asked": asked,
            "happened": happened.sort(1).values * mask,
            "mask": mask,
        }
        return Case(name, inputs)

    yield draw("full histories", 2, 3, 5)
    padded = draw("padded histories", 6, 3, 5, real=0.6)
    yield padded
    tied = draw("a question at the very time of a behavior", 2, 3, 5)
    tied.inputs["asked"][:, 1] = tied.inputs["happened"][:, 3]
    yield tied
    early = draw("a question before every behavior", 6, 3, 5, real=0.6)
    early.inputs["asked"][2, 1] = 0
    early.inputs["asked"][4, 0] = -7
    yield early
    large = draw("large scores of what comes later", 2, 3, 5)
    later = ~_readable(*list(large.inputs.values())[1:])
    large.inputs["scores"][later] += 500
    yield large
    yield draw("one query", 2, 1, 5, real=0.8)
    yield draw("one behavior", 2, 3, 1)
    yield early.strided()
    yield early.cast(torch.float64)
    yield early.cast(torch.float16)


def _readable(asked: Tensor, happened: Tensor, mask: Tensor) -> Tensor:
    return (happened[:, None] < asked[..., None]) & mask[:, None]  # [B, Q, T]


def _masked_after(
    scores: Tensor, asked: Tensor, happened: Tensor, mask: Tensor
) -> Tensor:
    return scores.softmax(-1) * _readable(asked, happened, mask)


def _renormalized(
    scores: Tensor, asked: Tensor, happened: Tensor, mask: Tensor
) -> Tensor:
    weights = _masked_after(scores, asked, happened, mask)
    total = weights.sum(-1, keepdim=True)
    return weights / total.masked_fill(total == 0, 1.0)


def _no_time(scores: Tensor, asked: Tensor, happened: Tensor, mask: Tensor) -> Tensor:
    return masked_softmax(scores, mask[:, None])


def _no_padding(
    scores: Tensor, asked: Tensor, happened: Tensor, mask: Tensor
) -> Tensor:
    return masked_softmax(scores, happened[:, None] < asked[..., None])


def _at_the_time(
    scores: Tensor, asked: Tensor, happened: Tensor, mask: Tensor
) -> Tensor:
    earlier = happened[:, None] <= asked[..., None]
    return masked_softmax(scores, earlier & mask[:, None])


def _later(scores: Tensor, asked: Tensor, happened: Tensor, mask: Tensor) -> Tensor:
    later = happened[:, None] > asked[..., None]
    return masked_softmax(scores, later & mask[:, None])


def _uniform_row(
    scores: Tensor, asked: Tensor, happened: Tensor, mask: Tensor
) -> Tensor:
    lowest = torch.finfo(scores.dtype).min
    return scores.masked_fill(~_readable(asked, happened, mask), lowest).softmax(-1)


def _nan_row(scores: Tensor, asked: Tensor, happened: Tensor, mask: Tensor) -> Tensor:
    readable = _readable(asked, happened, mask)
    return scores.masked_fill(~readable, -torch.inf).softmax(-1)


def _over_queries(
    scores: Tensor, asked: Tensor, happened: Tensor, mask: Tensor
) -> Tensor:
    return masked_softmax(scores, _readable(asked, happened, mask), dim=1)


def _sums(
    weights: Tensor, scores: Tensor, asked: Tensor, happened: Tensor, mask: Tensor
) -> str | None:
    readable = _readable(asked, happened, mask)
    leak = weights.masked_select(~readable)
    if leak.numel() and (leak != 0).any() and leak.isfinite().all():
        return (
            f"what may not be read gets a weight of up to {float(leak.abs().max()):.3g}"
            f"; 0 is expected."
        )
    total = weights.double().sum(-1)
    gap = (total - 1).abs() * readable.any(-1)
    if gap.max() < 1e-2:
        return None
    return (
        f"the weights of a question sum to {float(total.flatten()[gap.argmax()]):.3g} "
        f"over what may be read; they should sum to 1."
    )


EXERCISE = Exercise(
    name="soft-lookup/before",
    title="Read only what had happened",
    minutes=20,
    difficulty="core",
    inputs={"scores": "B Q T", "asked": "B Q", "happened": "B T", "mask": "B T"},
    output="B Q T",
    reference=reference,
    cases=cases,
    dtype_of="scores",
    gradients=("scores",),
    properties=(_sums,),
    mistakes=(
        Mistake(
            "mask-after-softmax",
            "what may not be read gets 0, but it took its share in the softmax first: "
            "the rest no longer sums to 1. The mask comes before.",
            _masked_after,
            seen_in="torch-rechub 0.9.0",
        ),
        Mistake(
            "renormalized-after",
            "what lies in the future decides the result: if its score is large, every "
            "readable weight rounds to 0 before you renormalize. Let the softmax never "
            "see it.",
            _renormalized,
        ),
        Mistake(
            "ignores-the-time",
            "the times change nothing: a question reads behaviors that came after it. "
            "In training such a model looks at the answer.",
            _no_time,
        ),
        Mistake(
            "ignores-the-mask",
            "padding gets weight: its time is 0, which is before every question. "
            "Both conditions have to hold.",
            _no_padding,
        ),
        Mistake(
            "reads-the-same-moment",
            "a behavior at the very moment of the question is read: it may be the "
            "answer itself. Only what came strictly before counts.",
            _at_the_time,
        ),
        Mistake(
            "reads-the-future",
            "you keep what came after the question and drop what came before.",
            _later,
        ),
        Mistake(
            "uniform-empty-row",
            "only the question with nothing to read is wrong: where every score is the "
            "same large negative number, the softmax is even. Its weights are zeros.",
            _uniform_row,
            seen_in="the notes that this book grew from",
        ),
        Mistake(
            "nan-empty-row",
            "only the question with nothing to read is wrong: a softmax of nothing but "
            "minus infinity is 0 divided by 0. Its weights are zeros.",
            _nan_row,
            seen_in="pytorch issue 103749",
        ),
        Mistake(
            "softmax-over-queries",
            "your weights sum to 1 over the questions: each behavior shares itself "
            "out. Each question should share itself out over the behaviors.",
            _over_queries,
        ),
    ),
)
