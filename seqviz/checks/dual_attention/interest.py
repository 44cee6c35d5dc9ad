"""Dual attention with a residual, for a catalog."""

from functools import partial

import torch
import torch.nn.functional as F

from seqviz.checks.engine import Task, marks, mistake
from seqviz.layers import attend

TASK = Task(
    label="project, about 25 minutes",
    practice="two steps of attention in a row",
    shapes="candidates [M, E], behaviors [B, T, E], mask [B, T] -> [B, M, E]",
    vary="an empty history",
)


def own(behaviors, mask=None, **options):
    """What the behaviors read of one another."""
    return attend(behaviors, behaviors, behaviors, mask, **options)


def residual(behaviors, mask=None, **options):
    return behaviors + own(behaviors, mask, **options)


def as_they_were(behaviors, mask, scale=None):
    return behaviors


def reference(
    candidates, behaviors, mask, first=residual, key=None, value=None, scale=None
):
    related = first(behaviors, mask, scale=scale)
    key, value = (related if read is None else read for read in (key, value))
    asked = candidates.expand(len(behaviors), -1, -1)  # [B, M, E]
    return attend(asked, key, value, mask, scale=scale)


def cases():
    def draw(*rows, M=3):
        mask = marks(*rows)
        return torch.randn(M, 4), torch.randn(*mask.shape, 4), mask

    padded = ".x.xx", "..xxx", ".xxxx", "xx.xx", "x..xx"
    yield "full histories", *draw("xxxxx", "xxxxx")
    yield "padded histories", *draw(*padded)
    candidates, behaviors, mask = draw(*padded)
    behaviors[~mask] = 10.0
    yield "large numbers under the padding", candidates, behaviors, mask
    yield "an empty history", *draw(".x.xx", "..xxx", ".....", "xx.xx")
    yield "one candidate", *draw("xxxxx", "xxxxx", M=1)
    yield "as many candidates as behaviors", *draw("xxxxx", "xxxxx", "xxxxx", M=5)


@mistake(first=own)
def no_residual():
    """the residual is missing: a behavior keeps what it was and adds what it reads."""


@mistake(first=as_they_were)
def target_attention_alone():
    """the behaviors never read each other: this is target attention. The first step is
    missing."""


@mistake(seen_in="tutorials", symptom="a candidate that changes with the others")
def self_attention_over_the_candidates(candidates):
    """the candidates read each other, and the behaviors do not: the wrong sequence.
    What is shown beside a candidate must not change its score."""
    yield {"candidates": residual(candidates[None])[0], "first": as_they_were}
    yield {"candidates": own(candidates[None])[0], "first": as_they_were}


@mistake
def residual_normalized(behaviors, mask):
    """you bring what the first step gives to another length. A residual adds and does
    nothing more: a norm would be a layer of its own."""
    related = residual(behaviors, mask)
    yield {"first": lambda *_, **scale: F.normalize(related, dim=-1)}
    yield {"first": lambda *_, **scale: F.layer_norm(related, related.shape[-1:])}
    yield {"first": lambda *_, **scale: related / 2}


@mistake
def values_without_the_first_step(behaviors):
    """the weights are right, but what is read are the behaviors as they were before the
    first step. Keys and values both come from its output."""
    return {"value": behaviors}


@mistake
def keys_without_the_first_step(behaviors):
    """the candidate compares itself with the behaviors as they were before the first
    step. Keys and values both come from its output."""
    return {"key": behaviors}


@mistake(seen_in="ports of SASRec", symptom="a result that changes with the padding")
def first_step_reads_padding():
    """the second step is masked, the first is not: real behaviors have read padding
    before the candidate comes."""
    return {"first": lambda behaviors, mask, scale: residual(behaviors)}


@mistake
def second_step_reads_padding(behaviors, mask):
    """the first step is masked, the second is not: the candidate reads padding."""
    related = residual(behaviors, mask)
    return {"first": lambda *_, scale: related, "mask": torch.ones_like(mask)}


@mistake(mask=torch.ones_like)
def no_mask():
    """the mask plays no part in either step: padding is read like a real behavior."""


@mistake(scale=1.0)
def no_scale():
    """divide the inner products by the root of the width, in both steps."""


@mistake(first=partial(residual, causal=True))
def causal_first_step():
    """in your first step a behavior reads only itself and earlier ones. All of the
    history has happened when the candidate is scored."""


@mistake(candidates=torch.zeros_like)
def mean_instead_of_the_second_step():
    """all candidates get the same vector, a mean: let each weigh the history."""


@mistake
def residual_around_the_second_step(candidates, right):
    """you add the candidate to what it has read. The residual belongs to the first
    step; a user without a behavior should get zeros."""
    return candidates + right
