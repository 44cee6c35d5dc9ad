"""The softmax over the real behaviors."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from seqviz.checks.exercise import Case, Exercise, Mistake
from seqviz.layers import masked_softmax


def reference(logits: Tensor, mask: Tensor) -> Tensor:
    """``[B, T, K], [B, T] -> [B, K, T]``."""
    return masked_softmax(logits.transpose(1, 2), mask[:, None])


def cases(generator: Generator) -> Iterator[Case]:
    """Padding at any place, none at all, nothing else, and logits out of range."""

    def draw(name: str, B: int, T: int, K: int, real: float = 1.0) -> Case:
        mask = torch.rand(B, T, generator=generator) < real
        logits = torch.randn(B, T, K, generator=generator)
        return Case(name, {"logits": logits, "mask": mask})

    def padded(name: str) -> Case:
        case = draw(name, 6, 5, 3, real=0.6)
        case.inputs["mask"][:, -1] = True
        case.inputs["mask"][0, 0] = False
        return case

    yield draw("full histories", 2, 5, 3)
    yield padded("padded histories")
    empty = padded("an empty history")
    empty.inputs["mask"][2] = False
    yield empty
    large = padded("large logits")
    large.inputs["logits"][:, -1] += 200
    yield large
    under = padded("large logits under the padding")
    under.inputs["logits"][~under.inputs["mask"]] += 500
    yield under
    yield draw("one behavior", 2, 1, 3, real=0.5)
    yield draw("one user", 1, 5, 3)
    yield draw("one interest", 2, 5, 1, real=0.8)
    yield empty.strided()
    yield empty.cast(torch.float64)
    yield empty.cast(torch.float16)


def _softmax(logits: Tensor) -> Tensor:
    return logits.transpose(1, 2).softmax(-1)


def _over_interests(logits: Tensor, mask: Tensor) -> Tensor:
    return (logits.softmax(-1) * mask[..., None]).transpose(1, 2)


def _over_interests_unmasked(logits: Tensor, mask: Tensor) -> Tensor:
    return logits.softmax(-1).transpose(1, 2)


def _over_batch(logits: Tensor, mask: Tensor) -> Tensor:
    return (logits.softmax(0) * mask[..., None]).transpose(1, 2)


def _reshaped(logits: Tensor, mask: Tensor) -> Tensor:
    B, T, K = logits.shape
    return masked_softmax(logits.reshape(B, K, T), mask[:, None])


def _unmasked(logits: Tensor, mask: Tensor) -> Tensor:
    return _softmax(logits)


def _masked_after(logits: Tensor, mask: Tensor) -> Tensor:
    return _softmax(logits) * mask[:, None]


def _zero_logit(logits: Tensor, mask: Tensor) -> Tensor:
    return _softmax(logits * mask[..., None])


def _zero_logit_masked_after(logits: Tensor, mask: Tensor) -> Tensor:
    return _zero_logit(logits, mask) * mask[:, None]


def _inverted(logits: Tensor, mask: Tensor) -> Tensor:
    return _softmax(logits.masked_fill(mask[..., None], -torch.inf))


def _inverted_zeros(logits: Tensor, mask: Tensor) -> Tensor:
    return reference(logits, ~mask)


def _inverted_large_negative(logits: Tensor, mask: Tensor) -> Tensor:
    return _large_negative(logits, ~mask)


def _large_negative(logits: Tensor, mask: Tensor) -> Tensor:
    return _softmax(logits + (~mask[..., None]).to(logits) * -1e9)


def _nan_row(logits: Tensor, mask: Tensor) -> Tensor:
    return _softmax(logits.masked_fill(~mask[..., None], -torch.inf))


def _nan_gradient(logits: Tensor, mask: Tensor) -> Tensor:
    penalty = torch.zeros_like(logits).masked_fill(~mask[..., None], -torch.inf)
    return _softmax(logits + penalty).nan_to_num(0.0)


def _no_shift(logits: Tensor, mask: Tensor) -> Tensor:
    exponentials = logits.transpose(1, 2).exp().masked_fill(~mask[:, None], 0.0)
    total = exponentials.sum(-1, keepdim=True)
    return exponentials / total.masked_fill(total == 0, 1.0)


def _renormalized(logits: Tensor, mask: Tensor) -> Tensor:
    weights = _masked_after(logits, mask)
    total = weights.sum(-1, keepdim=True)
    return weights / total.masked_fill(total == 0, 1.0)


def _sums(weights: Tensor, logits: Tensor, mask: Tensor) -> str | None:
    total = weights.double().sum(-1)  # [B, K]
    gap = (total - 1).abs() * mask.any(1, keepdim=True)
    if gap.max() < 1e-2:
        return None
    return (
        f"the weights of an interest sum to {float(total.flatten()[gap.argmax()]):.3g} "
        f"over the behaviors; they should sum to 1."
    )


def _padding(weights: Tensor, logits: Tensor, mask: Tensor) -> str | None:
    leak = weights.masked_select(~mask[:, None].expand_as(weights))
    if not leak.numel() or not (leak != 0).any():
        return None
    return f"padding gets a weight of up to {float(leak.max()):.3g}; it should get 0."


def _finite(weights: Tensor, logits: Tensor, mask: Tensor) -> str | None:
    rows = (~weights.isfinite()).flatten(1).any(1)
    if not rows.any():
        return None
    kind = "an empty history" if (rows & ~mask.any(1)).any() else "a history"
    return f"the weights of {kind} are NaN or infinite."


EXERCISE = Exercise(
    name="comirec-sa/weights",
    title="Masked softmax over the sequence",
    minutes=15,
    difficulty="core",
    inputs={"logits": "B T K", "mask": "B T"},
    output="B K T",
    reference=reference,
    cases=cases,
    dtype_of="logits",
    gradients=("logits",),
    properties=(_finite, _padding, _sums),
    mistakes=(
        Mistake(
            "softmax-over-interests",
            "your weights sum to 1 over the interests: the softmax should run over "
            "the sequence. Each interest shares itself out among the behaviors.",
            _over_interests,
            also=(_over_interests_unmasked,),
        ),
        Mistake(
            "softmax-over-batch",
            "your weights sum to 1 over the users of the batch: one user's weights "
            "depend on who else is in it. It should run over the sequence.",
            _over_batch,
        ),
        Mistake(
            "reshape-instead-of-transpose",
            "the shape fits, but the numbers belong to other interests: a reshape to "
            "[B, K, T] keeps the order in memory. Exchange the two axes instead.",
            _reshaped,
        ),
        Mistake(
            "ignores-the-mask",
            "the mask changes nothing: padding gets weight like a real behavior.",
            _unmasked,
            seen_in="ports of SASRec",
        ),
        Mistake(
            "mask-after-softmax",
            "padding gets 0, but the rest no longer sums to 1: padding took its share "
            "in the softmax and it was thrown away after. The mask comes before.",
            _masked_after,
            seen_in="torch-rechub 0.9.0",
        ),
        Mistake(
            "padding-as-logit-zero",
            "you set the logit of padding to 0, and the exponential of 0 is 1: padding "
            "still takes a share. Which logit has the exponential 0?",
            _zero_logit,
            also=(_zero_logit_masked_after,),
        ),
        Mistake(
            "inverted-mask",
            "you keep the padding and drop the real behaviors: in `mask`, True means "
            "real.",
            _inverted,
            also=(_inverted_zeros, _inverted_large_negative),
        ),
        Mistake(
            "uniform-empty-row",
            "only the empty history is wrong: where every logit is the same large "
            "negative number, the softmax is uniform, and padding gets 1/T. An "
            "empty history has no weights at all: zeros.",
            _large_negative,
            seen_in="the notes that this book grew from",
        ),
        Mistake(
            "nan-empty-row",
            "only the empty history is wrong: the softmax of nothing but minus "
            "infinity divides 0 by 0 and gives NaN. Its weights should be zeros.",
            _nan_row,
            seen_in="RecBole; pytorch issue 103749",
        ),
        Mistake(
            "nan-gradient",
            "the weights are right, but the gradient of an empty history is NaN: "
            "replacing a NaN after the softmax does not keep it out of the backward "
            "pass. See to it that the softmax never makes one.",
            _nan_gradient,
        ),
        Mistake(
            "overflow",
            "with large logits the exponential overflows, and infinity over infinity "
            "is NaN. A softmax does not change when the same number is taken from "
            "every logit of the row.",
            _no_shift,
        ),
        Mistake(
            "renormalized-after",
            "what lies under the padding decides the result: if its logit is large, "
            "every real weight rounds to 0 before you renormalize. Let the softmax "
            "never see the padding.",
            _renormalized,
        ),
    ),
)
