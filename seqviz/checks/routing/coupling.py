"""The coupling: each real click handed out among the interests that a user has."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from seqviz.checks.engine.before import Case, Exercise, Mistake
from seqviz.layers import masked_softmax


def reference(logits: Tensor, mask: Tensor, active: Tensor) -> Tensor:
    """``[B, K, T], [B, T], [B, K] -> [B, K, T]``."""
    return masked_softmax(logits, active[..., None], dim=1) * mask[:, None]


def cases(generator: Generator) -> Iterator[Case]:
    """Padding, missing interests, both, neither clicks nor interests."""

    def draw(
        name: str, B: int, K: int, T: int, real: float = 1.0, own: float = 1.0
    ) -> Case:
        mask = torch.rand(B, T, generator=generator) < real
        active = torch.rand(B, K, generator=generator) < own
        mask[:, -1], active[:, 0] = True, True
        if own < 1:
            active[0, -1] = False
        if real < 1:
            mask[0, 0] = False
        logits = 2 * torch.randn(B, K, T, generator=generator)
        return Case(name, {"logits": logits, "mask": mask, "active": active})

    yield draw("full histories", 2, 3, 5)
    yield draw("padded histories", 4, 3, 5, real=0.6)
    yield draw("users with fewer interests", 4, 3, 5, own=0.5)
    both = draw("padding and fewer interests", 5, 4, 6, real=0.6, own=0.5)
    yield both
    empty = draw("a user without a click", 4, 3, 5, real=0.6, own=0.6)
    empty.inputs["mask"][2] = False
    yield empty
    nothing = draw("a user without an interest", 4, 3, 5, real=0.6, own=0.6)
    nothing.inputs["active"][2] = False
    yield nothing
    yield draw("as many interests as clicks", 2, 4, 4, real=0.7)
    yield nothing.strided()
    yield both.cast(torch.float64)
    yield nothing.cast(torch.float16)


def _over_clicks(logits: Tensor, mask: Tensor, active: Tensor) -> Tensor:
    return masked_softmax(logits, mask[:, None]) * active[..., None]


def _over_clicks_late(logits: Tensor, mask: Tensor, active: Tensor) -> Tensor:
    return logits.softmax(-1) * mask[:, None] * active[..., None]


def _no_mask(logits: Tensor, mask: Tensor, active: Tensor) -> Tensor:
    return masked_softmax(logits, active[..., None], dim=1)


def _all_interests(logits: Tensor, mask: Tensor, active: Tensor) -> Tensor:
    return logits.softmax(1) * mask[:, None]


def _active_late(logits: Tensor, mask: Tensor, active: Tensor) -> Tensor:
    return logits.softmax(1) * active[..., None] * mask[:, None]


def _nan_padding(logits: Tensor, mask: Tensor, active: Tensor) -> Tensor:
    pair = mask[:, None] & active[..., None]
    return logits.masked_fill(~pair, -torch.inf).softmax(1)


def _padding_even(logits: Tensor, mask: Tensor, active: Tensor) -> Tensor:
    pair = mask[:, None] & active[..., None]
    return logits.masked_fill(~pair, torch.finfo(logits.dtype).min).softmax(1)


def _nan_interest(logits: Tensor, mask: Tensor, active: Tensor) -> Tensor:
    shares = logits.masked_fill(~active[..., None], -torch.inf).softmax(1)
    return shares.masked_fill(~mask[:, None], 0.0)


def _absent_even(logits: Tensor, mask: Tensor, active: Tensor) -> Tensor:
    lowest = torch.finfo(logits.dtype).min
    shares = logits.masked_fill(~active[..., None], lowest).softmax(1)
    return shares * mask[:, None]


def _together(logits: Tensor, mask: Tensor, active: Tensor) -> Tensor:
    pair = mask[:, None] & active[..., None]
    return masked_softmax(logits.flatten(1), pair.flatten(1)).view_as(logits)


def _zero_logits(logits: Tensor, mask: Tensor, active: Tensor) -> Tensor:
    return (logits * active[..., None]).softmax(1) * mask[:, None]


def _no_softmax(logits: Tensor, mask: Tensor, active: Tensor) -> Tensor:
    return logits * mask[:, None] * active[..., None]


def _sums(result: Tensor, logits: Tensor, mask: Tensor, active: Tensor) -> str | None:
    total = result.double().sum(1)
    gap = (total - (mask & active.any(1, keepdim=True)).double()).abs()
    if gap.max() < 1e-2:
        return None
    return (
        f"a click hands out {float(total.flatten()[gap.argmax()]):.3g}. A real click "
        f"hands out 1 over the interests, padding nothing."
    )


EXERCISE = Exercise(
    name="routing/coupling",
    title="Hand it out",
    minutes=10,
    difficulty="core",
    inputs={"logits": "B K T", "mask": "B T", "active": "B K"},
    output="B K T",
    reference=reference,
    cases=cases,
    dtype_of="logits",
    gradients=("logits",),
    properties=(_sums,),
    mistakes=(
        Mistake(
            "over-the-clicks",
            "each interest hands itself out over the clicks: that is the attention of "
            "ComiRec-SA. In routing each click hands itself out over the interests.",
            _over_clicks,
            also=(_over_clicks_late,),
            seen_in="torch-rechub 0.9.0, deepmatch up to 0.2.0",
        ),
        Mistake(
            "over-both-axes",
            "all clicks of a user together hand out 1. Each of them has 1 to give.",
            _together,
        ),
        Mistake(
            "no-softmax",
            "you return the logits themselves. Shares are at least 0 and sum to 1.",
            _no_softmax,
        ),
        Mistake(
            "padding-hands-out",
            "the mask plays no part: padding hands itself out like a click.",
            _no_mask,
        ),
        Mistake(
            "nan-padding",
            "padding was taken out before the softmax. Over the interests that leaves "
            "nothing to compare, and gives NaN; set padding to 0 afterwards.",
            _nan_padding,
        ),
        Mistake(
            "padding-shared-evenly",
            "padding was given the lowest logit for every interest. Equal logits give "
            "equal shares, not 0; set padding to 0 afterwards.",
            _padding_even,
        ),
        Mistake(
            "absent-interests-get-a-share",
            "interests that a user does not have take a share of her clicks.",
            _all_interests,
        ),
        Mistake(
            "share-of-the-absent-lost",
            "the absent interests are set to 0 after the softmax, and what they had "
            "taken is gone. Leave them out before, so that the others get it.",
            _active_late,
        ),
        Mistake(
            "logit-zero-instead-of-absent",
            "an absent interest has logit 0 in your version. To a softmax that is an "
            "ordinary number, not an absence.",
            _zero_logits,
        ),
        Mistake(
            "nan-without-interests",
            "only the user without an interest is wrong: a softmax over nothing is "
            "NaN. She should get zeros.",
            _nan_interest,
        ),
        Mistake(
            "even-without-interests",
            "only the user without an interest is wrong: her clicks are shared evenly "
            "among interests that she does not have. She should get zeros.",
            _absent_even,
        ),
    ),
)
