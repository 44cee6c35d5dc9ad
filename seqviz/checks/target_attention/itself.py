"""Weights that never rest on the candidate's own clicks."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from seqviz.checks.engine.before import Case, Exercise, Mistake
from seqviz.layers import masked_softmax


def reference(logits: Tensor, item_ids: Tensor, candidate: Tensor) -> Tensor:
    """``[B, T], [B, T], [B] -> [B, T]``."""
    return masked_softmax(logits, (item_ids != 0) & (item_ids != candidate[:, None]))


def cases(generator: Generator) -> Iterator[Case]:
    """Candidates in the history once, often, never, and as the only click."""

    def draw(name: str, B: int, T: int, least: int = 1) -> Case:
        item_ids = torch.randint(least, 5, (B, T), generator=generator)
        item_ids[:, -1] = 5  # something to read
        return Case(
            name,
            {
                "logits": torch.randn(B, T, generator=generator),
                "item_ids": item_ids,
                "candidate": torch.randint(1, 5, (B,), generator=generator),
            },
        )

    some = draw("candidates that were clicked before", 6, 5)
    some.inputs["item_ids"][:, 1] = some.inputs["candidate"]
    some.inputs["candidate"][-2:] = 9  # not everybody has clicked hers
    yield some
    never = draw("candidates that were never clicked", 2, 5)
    never.inputs["candidate"][:] = 9
    yield never
    padded = draw("padded histories", 6, 5, least=0)
    padded.inputs["item_ids"][:, 0] = 0
    padded.inputs["item_ids"][:, 2] = padded.inputs["candidate"]
    yield padded
    nothing = draw("a history of nothing but the candidate", 3, 5, least=0)
    nothing.inputs["item_ids"][1] = nothing.inputs["candidate"][1]
    nothing.inputs["item_ids"][1, 0] = 0
    nothing.inputs["item_ids"][2] = 0
    yield nothing
    large = draw("a large logit on the candidate", 3, 5)
    large.inputs["item_ids"][:, 1] = large.inputs["candidate"]
    large.inputs["logits"][:, 1] = 500
    yield large
    yield draw("one behavior", 2, 1)
    yield draw("one user", 1, 5)
    yield nothing.strided()
    yield nothing.cast(torch.float64)
    yield nothing.cast(torch.float16)


def _keeps_itself(logits: Tensor, item_ids: Tensor, candidate: Tensor) -> Tensor:
    return masked_softmax(logits, item_ids != 0)


def _keeps_padding(logits: Tensor, item_ids: Tensor, candidate: Tensor) -> Tensor:
    return masked_softmax(logits, item_ids != candidate[:, None])


def _zeroed_after(logits: Tensor, item_ids: Tensor, candidate: Tensor) -> Tensor:
    weights = _keeps_itself(logits, item_ids, candidate)
    return weights * (item_ids != candidate[:, None])


def _both_after(logits: Tensor, item_ids: Tensor, candidate: Tensor) -> Tensor:
    readable = (item_ids != 0) & (item_ids != candidate[:, None])
    return logits.softmax(-1) * readable


def _logit_zero(logits: Tensor, item_ids: Tensor, candidate: Tensor) -> Tensor:
    itself = item_ids == candidate[:, None]
    return masked_softmax(logits.masked_fill(itself, 0.0), item_ids != 0)


def _only_itself(logits: Tensor, item_ids: Tensor, candidate: Tensor) -> Tensor:
    return masked_softmax(logits, item_ids == candidate[:, None])


def _any_candidate(logits: Tensor, item_ids: Tensor, candidate: Tensor) -> Tensor:
    return masked_softmax(logits, (item_ids != 0) & ~torch.isin(item_ids, candidate))


def _whole_history(logits: Tensor, item_ids: Tensor, candidate: Tensor) -> Tensor:
    clicked = (item_ids == candidate[:, None]).any(1, keepdim=True)
    return masked_softmax(logits, (item_ids != 0) & ~clicked)


def _uniform(logits: Tensor, item_ids: Tensor, candidate: Tensor) -> Tensor:
    readable = (item_ids != 0) & (item_ids != candidate[:, None])
    return logits.masked_fill(~readable, torch.finfo(logits.dtype).min).softmax(-1)


def _nan(logits: Tensor, item_ids: Tensor, candidate: Tensor) -> Tensor:
    readable = (item_ids != 0) & (item_ids != candidate[:, None])
    return logits.masked_fill(~readable, -torch.inf).softmax(-1)


def _sums(
    weights: Tensor, logits: Tensor, item_ids: Tensor, candidate: Tensor
) -> str | None:
    if not weights.isfinite().all():
        return "your weights are NaN or infinite."
    readable = (item_ids != 0) & (item_ids != candidate[:, None])
    leak = weights[~readable]
    if leak.numel() and (leak != 0).any():
        return (
            f"padding or the candidate's own click gets a weight of up to "
            f"{float(leak.abs().max()):.3g}; it should get 0."
        )
    gap = (weights.double().sum(-1) - readable.any(-1).double()).abs()
    if gap.max() > 1e-2:
        total = float(weights.double().sum(-1)[gap.argmax()])
        return f"the weights of a history sum to {total:.3g}; they should sum to 1."
    return None


EXERCISE = Exercise(
    name="target-attention/itself",
    title="A candidate that was clicked before",
    minutes=15,
    difficulty="core",
    inputs={"logits": "B T", "item_ids": "B T", "candidate": "B"},
    output="B T",
    reference=reference,
    cases=cases,
    dtype_of="logits",
    gradients=("logits",),
    properties=(_sums,),
    mistakes=(
        Mistake(
            "keeps-itself",
            "a click on the candidate itself keeps its weight: the two vectors are the "
            "same, so it is likely to take most of it. Leave such clicks out.",
            _keeps_itself,
        ),
        Mistake(
            "keeps-padding",
            "the candidate's own clicks are left out, but padding gets weight. Item 0 "
            "stands for no click at all.",
            _keeps_padding,
        ),
        Mistake(
            "left-out-after-the-softmax",
            "the rest no longer sums to 1: what is left out had its share in the "
            "softmax, and you throw it away after. Leave it out before.",
            _zeroed_after,
            also=(_both_after,),
        ),
        Mistake(
            "own-logit-zero",
            "you set the logit of the candidate's own click to 0, and the exponential "
            "of 0 is 1: it still takes a share. Which logit has the exponential 0?",
            _logit_zero,
        ),
        Mistake(
            "keeps-only-itself",
            "you keep exactly what should go: all weight lies on the clicks on the "
            "candidate itself.",
            _only_itself,
        ),
        Mistake(
            "candidates-of-other-rows",
            "you leave out a click when it is any user's candidate: for the other "
            "users it is a click like any other. Compare row by row.",
            _any_candidate,
        ),
        Mistake(
            "drops-the-whole-history",
            "a user who clicked the candidate before loses her whole history. Only "
            "the clicks on the candidate have to go.",
            _whole_history,
        ),
        Mistake(
            "uniform-empty-row",
            "only the history with nothing left to read is wrong: where every logit "
            "is the same large negative number, the softmax is uniform. It should "
            "give zeros.",
            _uniform,
        ),
        Mistake(
            "nan-empty-row",
            "only the history with nothing left to read is wrong: the softmax of "
            "nothing but minus infinity is NaN. It should give zeros.",
            _nan,
        ),
    ),
)
