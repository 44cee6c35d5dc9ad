"""Raw weights for some users, softmax weights for the others, padding for nobody."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from seqviz.checks.exercise import Case, Exercise, Mistake
from seqviz.layers import masked_softmax


def reference(
    logits: Tensor, behaviors: Tensor, mask: Tensor, shares: Tensor
) -> Tensor:
    """``[B, T], [B, T, E], [B, T], [B] -> [B, E]``."""
    return _pool(_weights(logits, mask, shares), behaviors, mask)


def cases(generator: Generator) -> Iterator[Case]:
    """Padding at any place, none at all, nothing else, both kinds of weights."""

    def draw(name: str, B: int, T: int, E: int, real: float = 1.0) -> Case:
        return Case(
            name,
            {
                "logits": torch.randn(B, T, generator=generator),
                "behaviors": torch.randn(B, T, E, generator=generator),
                "mask": torch.rand(B, T, generator=generator) < real,
                "shares": torch.arange(B) % 2 == 1,
            },
        )

    def padded(name: str) -> Case:
        case = draw(name, 6, 5, 4, real=0.6)
        case.inputs["mask"][:, -1] = True
        case.inputs["mask"][:4, 0] = False
        return case

    yield draw("full histories", 2, 5, 4)
    yield padded("padded histories")
    empty = padded("empty histories")
    empty.inputs["mask"][2:4] = False  # one user of each kind
    yield empty
    loud = padded("large numbers under the padding")
    loud.inputs["behaviors"][~loud.inputs["mask"]] = 1000.0
    loud.inputs["logits"][~loud.inputs["mask"]] = 500.0
    yield loud
    every = padded("softmax for everybody")
    every.inputs["shares"][:] = True
    yield every
    nobody = padded("raw weights for everybody")
    nobody.inputs["shares"][:] = False
    yield nobody
    yield draw("one behavior", 4, 1, 4, real=0.7)
    yield draw("one user", 1, 5, 4)
    yield empty.strided()
    yield empty.cast(torch.float64)
    yield empty.cast(torch.float16)


def _pool(weights: Tensor, behaviors: Tensor, mask: Tensor) -> Tensor:
    return torch.einsum("bt,bte->be", weights, behaviors)


def _weights(logits: Tensor, mask: Tensor, shares: Tensor) -> Tensor:
    raw = logits.masked_fill(~mask, 0.0)
    return torch.where(shares[:, None], masked_softmax(logits, mask), raw)


def _no_mask(logits: Tensor, behaviors: Tensor, mask: Tensor, shares: Tensor) -> Tensor:
    return reference(logits, behaviors, torch.ones_like(mask), shares)


def _after(logits: Tensor, behaviors: Tensor, mask: Tensor, shares: Tensor) -> Tensor:
    every = torch.where(shares[:, None], logits.softmax(-1), logits)
    return _pool(every.masked_fill(~mask, 0.0), behaviors, mask)


def _logit_zero(
    logits: Tensor, behaviors: Tensor, mask: Tensor, shares: Tensor
) -> Tensor:
    raw = logits.masked_fill(~mask, 0.0)
    return _pool(torch.where(shares[:, None], raw.softmax(-1), raw), behaviors, mask)


def _logit_zero_after(
    logits: Tensor, behaviors: Tensor, mask: Tensor, shares: Tensor
) -> Tensor:
    raw = logits.masked_fill(~mask, 0.0)
    weights = torch.where(shares[:, None], raw.softmax(-1) * mask, raw)
    return _pool(weights, behaviors, mask)


def _large_negative_raw(
    logits: Tensor, behaviors: Tensor, mask: Tensor, shares: Tensor
) -> Tensor:
    filled = logits.masked_fill(~mask, torch.finfo(logits.dtype).min)
    shared = masked_softmax(logits, mask)
    return _pool(torch.where(shares[:, None], shared, filled), behaviors, mask)


def _minus_infinity_raw(
    logits: Tensor, behaviors: Tensor, mask: Tensor, shares: Tensor
) -> Tensor:
    filled = logits.masked_fill(~mask, -torch.inf)
    shared = masked_softmax(logits, mask)
    return _pool(torch.where(shares[:, None], shared, filled), behaviors, mask)


def _minus_billion_raw(
    logits: Tensor, behaviors: Tensor, mask: Tensor, shares: Tensor
) -> Tensor:
    filled = torch.where(mask, logits.float(), -1e9).to(logits)
    shared = masked_softmax(logits, mask)
    return _pool(torch.where(shares[:, None], shared, filled), behaviors, mask)


def _kinds_exchanged(
    logits: Tensor, behaviors: Tensor, mask: Tensor, shares: Tensor
) -> Tensor:
    return reference(logits, behaviors, mask, ~shares)


def _softmax_for_all(
    logits: Tensor, behaviors: Tensor, mask: Tensor, shares: Tensor
) -> Tensor:
    return reference(logits, behaviors, mask, torch.ones_like(shares))


def _raw_for_all(
    logits: Tensor, behaviors: Tensor, mask: Tensor, shares: Tensor
) -> Tensor:
    return reference(logits, behaviors, mask, torch.zeros_like(shares))


def _mean(logits: Tensor, behaviors: Tensor, mask: Tensor, shares: Tensor) -> Tensor:
    count = mask.sum(1, keepdim=True).clamp(min=1)
    raw = logits.masked_fill(~mask, 0.0) / count
    shared = masked_softmax(logits, mask)
    return _pool(torch.where(shares[:, None], shared, raw), behaviors, mask)


def _mean_by_length(
    logits: Tensor, behaviors: Tensor, mask: Tensor, shares: Tensor
) -> Tensor:
    raw = logits.masked_fill(~mask, 0.0) / logits.shape[1]
    shared = masked_softmax(logits, mask)
    return _pool(torch.where(shares[:, None], shared, raw), behaviors, mask)


def _divided_by_total(
    logits: Tensor, behaviors: Tensor, mask: Tensor, shares: Tensor
) -> Tensor:
    raw = logits.masked_fill(~mask, 0.0)
    total = raw.sum(1, keepdim=True)
    raw = raw / total.masked_fill(total == 0, 1.0)
    shared = masked_softmax(logits, mask)
    return _pool(torch.where(shares[:, None], shared, raw), behaviors, mask)


def _inverted(
    logits: Tensor, behaviors: Tensor, mask: Tensor, shares: Tensor
) -> Tensor:
    return reference(logits, behaviors, ~mask, shares)


def _uniform(logits: Tensor, behaviors: Tensor, mask: Tensor, shares: Tensor) -> Tensor:
    filled = logits.masked_fill(~mask, torch.finfo(logits.dtype).min)
    raw = logits.masked_fill(~mask, 0.0)
    return _pool(torch.where(shares[:, None], filled.softmax(-1), raw), behaviors, mask)


def _nan(logits: Tensor, behaviors: Tensor, mask: Tensor, shares: Tensor) -> Tensor:
    shared = logits.masked_fill(~mask, -torch.inf).softmax(-1)
    raw = logits.masked_fill(~mask, 0.0)
    return _pool(torch.where(shares[:, None], shared, raw), behaviors, mask)


def _nan_gradient(
    logits: Tensor, behaviors: Tensor, mask: Tensor, shares: Tensor
) -> Tensor:
    penalty = torch.zeros_like(logits).masked_fill(~mask, -torch.inf)
    shared = (logits + penalty).softmax(-1).nan_to_num(0.0)
    raw = logits.masked_fill(~mask, 0.0)
    return _pool(torch.where(shares[:, None], shared, raw), behaviors, mask)


def _finite(
    result: Tensor, logits: Tensor, behaviors: Tensor, mask: Tensor, shares: Tensor
) -> str | None:
    empty = ~mask.any(1)
    if not result.isfinite().all():
        return "your result is NaN or infinite for some user."
    if (result[empty] != 0).any():
        return "a user with an empty history should get zeros."
    return None


EXERCISE = Exercise(
    name="din/pooling",
    title="Two kinds of weights in one batch",
    minutes=15,
    difficulty="core",
    inputs={"logits": "B T", "behaviors": "B T E", "mask": "B T", "shares": "B"},
    output="B E",
    reference=reference,
    cases=cases,
    dtype_of="behaviors",
    gradients=("logits", "behaviors"),
    properties=(_finite,),
    mistakes=(
        Mistake(
            "ignores-the-mask",
            "the mask changes nothing: padding is weighed and added like a behavior.",
            _no_mask,
            seen_in="torch-rechub 0.9.0",
        ),
        Mistake(
            "mask-after-softmax",
            "the raw weights are right, but under the softmax padding took its share "
            "and was thrown away after: the rest no longer sums to 1. There the mask "
            "comes before.",
            _after,
        ),
        Mistake(
            "padding-as-logit-zero",
            "a weight of 0 is right for the raw weights, but a logit of 0 is not: the "
            "exponential of 0 is 1, and padding takes its share of the softmax.",
            _logit_zero,
            also=(_logit_zero_after,),
        ),
        Mistake(
            "large-negative-raw-weight",
            "with raw weights the logit is the weight: the large negative number, made "
            "for a softmax, multiplies the padding. There padding has the weight 0.",
            _large_negative_raw,
            also=(_minus_infinity_raw, _minus_billion_raw),
        ),
        Mistake(
            "kinds-exchanged",
            "the two kinds are exchanged: where `shares` is True the weights go "
            "through a softmax, elsewhere they stay as they are.",
            _kinds_exchanged,
        ),
        Mistake(
            "softmax-for-everybody",
            "every user's weights sum to 1. Where `shares` is False the logits "
            "themselves are the weights, and their sum is free.",
            _softmax_for_all,
        ),
        Mistake(
            "raw-for-everybody",
            "no user's weights sum to 1. Where `shares` is True they come out of a "
            "softmax over the real behaviors.",
            _raw_for_all,
        ),
        Mistake(
            "strength-lost",
            "you divide the raw weights by a count or by their sum. DIN leaves them "
            "alone: how large they are together is the strength of the interest.",
            _mean,
            also=(_mean_by_length, _divided_by_total),
        ),
        Mistake(
            "inverted-mask",
            "you keep the padding and drop the real behaviors: in `mask`, True means "
            "real.",
            _inverted,
        ),
        Mistake(
            "uniform-empty-row",
            "only an empty history under the softmax is wrong: where every logit is the "
            "same large negative number, it reads all padding alike. It should give "
            "zeros.",
            _uniform,
        ),
        Mistake(
            "nan-empty-row",
            "only an empty history under the softmax is wrong: the softmax of nothing "
            "but minus infinity is NaN. It should give zeros.",
            _nan,
            seen_in="RecBole",
        ),
        Mistake(
            "nan-gradient",
            "the numbers are right, but the gradient of an empty history is NaN: "
            "replacing a NaN after the softmax does not keep it out of the backward "
            "pass. See to it that the softmax never makes one.",
            _nan_gradient,
        ),
    ),
)
