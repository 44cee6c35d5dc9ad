"""Dual attention with a residual connection, for a catalog of candidates."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from seqviz.checks.engine.before import Case, Exercise, Mistake
from seqviz.layers import attend


def reference(candidates: Tensor, behaviors: Tensor, mask: Tensor) -> Tensor:
    """``[M, E], [B, T, E], [B, T] -> [B, M, E]``."""
    return _target(candidates, _related(behaviors, mask), mask)


def cases(generator: Generator) -> Iterator[Case]:
    """Padding at any place, loud padding, an empty history."""

    def draw(name: str, M: int, B: int, T: int, E: int, real: float = 1.0) -> Case:
        mask = torch.rand(B, T, generator=generator) < real
        return Case(
            name,
            {
                "candidates": torch.randn(M, E, generator=generator),
                "behaviors": torch.randn(B, T, E, generator=generator),
                "mask": mask,
            },
        )

    def padded(name: str) -> Case:
        case = draw(name, 3, 6, 5, 4, real=0.6)
        case.inputs["mask"][:, -2:] = True
        case.inputs["mask"][:3, 0] = False
        return case

    yield draw("full histories", 3, 2, 5, 4)
    yield padded("padded histories")
    loud = padded("large numbers under the padding")
    loud.inputs["behaviors"][~loud.inputs["mask"]] = 10.0
    yield loud
    empty = padded("an empty history")
    empty.inputs["mask"][2] = False
    yield empty
    yield draw("one candidate", 1, 2, 5, 4)
    yield draw("one behavior", 3, 2, 1, 4)
    yield draw("as many candidates as behaviors", 5, 3, 5, 4)
    yield empty.strided()
    yield empty.cast(torch.float64)
    yield empty.cast(torch.float16)


def _related(behaviors: Tensor, mask: Tensor) -> Tensor:
    return behaviors + attend(behaviors, behaviors, behaviors, mask)


def _target(candidates: Tensor, read: Tensor, mask: Tensor) -> Tensor:
    asked = candidates.expand(len(read), -1, -1)
    return attend(asked, read, read, mask)


def _no_residual(candidates: Tensor, behaviors: Tensor, mask: Tensor) -> Tensor:
    related = attend(behaviors, behaviors, behaviors, mask)
    return _target(candidates, related, mask)


def _target_only(candidates: Tensor, behaviors: Tensor, mask: Tensor) -> Tensor:
    return _target(candidates, behaviors, mask)


def _over_candidates(candidates: Tensor, behaviors: Tensor, mask: Tensor) -> Tensor:
    one = candidates[None]  # [1, M, E]
    return _target((one + attend(one, one, one))[0], behaviors, mask)


def _over_candidates_bare(
    candidates: Tensor, behaviors: Tensor, mask: Tensor
) -> Tensor:
    one = candidates[None]
    return _target(attend(one, one, one)[0], behaviors, mask)


def _raw_values(candidates: Tensor, behaviors: Tensor, mask: Tensor) -> Tensor:
    asked = candidates.expand(len(behaviors), -1, -1)
    return attend(asked, _related(behaviors, mask), behaviors, mask)


def _raw_keys(candidates: Tensor, behaviors: Tensor, mask: Tensor) -> Tensor:
    asked = candidates.expand(len(behaviors), -1, -1)
    return attend(asked, behaviors, _related(behaviors, mask), mask)


def _first_unmasked(candidates: Tensor, behaviors: Tensor, mask: Tensor) -> Tensor:
    everything = torch.ones_like(mask)
    return _target(candidates, _related(behaviors, everything), mask)


def _second_unmasked(candidates: Tensor, behaviors: Tensor, mask: Tensor) -> Tensor:
    return _target(candidates, _related(behaviors, mask), torch.ones_like(mask))


def _no_mask(candidates: Tensor, behaviors: Tensor, mask: Tensor) -> Tensor:
    return reference(candidates, behaviors, torch.ones_like(mask))


def _unscaled(candidates: Tensor, behaviors: Tensor, mask: Tensor) -> Tensor:
    own = attend(behaviors, behaviors, behaviors, mask, scale=1.0)
    read = behaviors + own
    asked = candidates.expand(len(read), -1, -1)
    return attend(asked, read, read, mask, scale=1.0)


def _causal(candidates: Tensor, behaviors: Tensor, mask: Tensor) -> Tensor:
    own = attend(behaviors, behaviors, behaviors, mask, causal=True)
    return _target(candidates, behaviors + own, mask)


def _mean(candidates: Tensor, behaviors: Tensor, mask: Tensor) -> Tensor:
    related = _related(behaviors, mask).masked_fill(~mask[..., None], 0.0)
    mean = related.sum(1, keepdim=True) / mask.sum(1).clamp(min=1)[:, None, None]
    return mean + 0.0 * candidates


def _candidate_added(candidates: Tensor, behaviors: Tensor, mask: Tensor) -> Tensor:
    return candidates + reference(candidates, behaviors, mask)


def _finite(
    result: Tensor, candidates: Tensor, behaviors: Tensor, mask: Tensor
) -> str | None:
    if not result.isfinite().all():
        return "your result is NaN or infinite for some user."
    if (result[~mask.any(1)] != 0).any():
        return "a user without a behavior should get zeros."
    return None


EXERCISE = Exercise(
    name="dual-attention/interest",
    title="Dual attention with a residual, for a catalog",
    minutes=25,
    difficulty="project",
    inputs={"candidates": "M E", "behaviors": "B T E", "mask": "B T"},
    output="B M E",
    reference=reference,
    cases=cases,
    dtype_of="behaviors",
    gradients=("candidates", "behaviors"),
    properties=(_finite,),
    mistakes=(
        Mistake(
            "no-residual",
            "the residual is missing: a behavior has to keep what it was and add what "
            "it has read of the others.",
            _no_residual,
        ),
        Mistake(
            "target-attention-alone",
            "the behaviors never read each other: this is target attention. The first "
            "step is missing.",
            _target_only,
        ),
        Mistake(
            "self-attention-over-the-candidates",
            "the candidates read each other, and the behaviors do not: self-attention "
            "runs over the wrong sequence. What is shown beside a candidate must not "
            "change its score.",
            _over_candidates,
            also=(_over_candidates_bare,),
            seen_in="the notes that this book grew from",
        ),
        Mistake(
            "values-without-the-first-step",
            "the weights are right, but what is read are the behaviors as they were "
            "before the first step. Keys and values both come from its output.",
            _raw_values,
        ),
        Mistake(
            "keys-without-the-first-step",
            "the candidate compares itself with the behaviors as they were before the "
            "first step. Keys and values both come from its output.",
            _raw_keys,
        ),
        Mistake(
            "first-step-reads-padding",
            "the second step is masked, the first is not: real behaviors have read "
            "padding before the candidate comes.",
            _first_unmasked,
            seen_in="ports of SASRec",
        ),
        Mistake(
            "second-step-reads-padding",
            "the first step is masked, the second is not: the candidate gives weight "
            "to padding.",
            _second_unmasked,
        ),
        Mistake(
            "no-mask",
            "the mask plays no part in either step: padding is read like a real "
            "behavior.",
            _no_mask,
        ),
        Mistake(
            "no-scale",
            "the inner products are not scaled: divide by the root of the width, in "
            "both steps.",
            _unscaled,
        ),
        Mistake(
            "causal-first-step",
            "in your first step a behavior reads only itself and earlier ones. All of "
            "the history has happened when the candidate is scored.",
            _causal,
        ),
        Mistake(
            "mean-instead-of-the-second-step",
            "all candidates get the same vector: the second step is a mean. Let each "
            "candidate weigh the history.",
            _mean,
        ),
        Mistake(
            "residual-around-the-second-step",
            "you add the candidate to what it has read. The residual belongs to the "
            "first step; a user without a behavior should get zeros.",
            _candidate_added,
        ),
    ),
)
