"""Dual attention with a residual connection, for a catalog of candidates."""

import torch
import torch.nn.functional as F

from seqviz.checks.engine import Case, Task, marks, mistake
from seqviz.layers import attend

TASK = Task(
    title="Dual attention with a residual, for a catalog",
    difficulty="project",
    minutes=25,
    shapes="candidates [M, E], behaviors [B, T, E], mask [B, T] -> [B, M, E]",
    gradients=("candidates", "behaviors"),
    vary="an empty history",
)


def reference(
    candidates, behaviors, mask, related=None, key=None, value=None, scale=None
):
    related = residual(behaviors, mask, scale=scale) if related is None else related
    key, value = (related if read is None else read for read in (key, value))
    asked = candidates.expand(len(behaviors), -1, -1)  # [B, M, E]
    return attend(asked, key, value, mask, scale=scale)


def residual(behaviors, mask=None, **options):
    return behaviors + own(behaviors, mask, **options)


def own(behaviors, mask=None, **options):
    """What the behaviors read of one another."""
    return attend(behaviors, behaviors, behaviors, mask, **options)


def cases():
    def draw(name, *rows, M=3):
        mask = marks(*rows)
        inputs = {
            "candidates": torch.randn(M, 4),
            "behaviors": torch.randn(*mask.shape, 4),
            "mask": mask,
        }
        return Case(name, inputs)

    padded = ".x.xx", "..xxx", ".xxxx", "xx.xx", "x..xx"
    yield draw("full histories", "xxxxx", "xxxxx")
    yield draw("padded histories", *padded)
    loud = draw("large numbers under the padding", *padded)
    loud.inputs["behaviors"][~loud.inputs["mask"]] = 10.0
    yield loud
    yield draw("an empty history", ".x.xx", "..xxx", ".....", "xx.xx")
    yield draw("one candidate", "xxxxx", "xxxxx", M=1)
    yield draw("one behavior", "x", "x")
    yield draw("as many candidates as behaviors", "xxxxx", "xxxxx", "xxxxx", M=5)


@mistake
def no_residual(behaviors, mask):
    """the residual is missing: a behavior has to keep what it was and add what it has
    read of the others."""
    return {"related": own(behaviors, mask)}


@mistake
def target_attention_alone(behaviors):
    """the behaviors never read each other: this is target attention. The first step is
    missing."""
    return {"related": behaviors}


@mistake(seen_in="tutorials")
def self_attention_over_the_candidates(candidates, behaviors):
    """the candidates read each other, and the behaviors do not: self-attention runs
    over the wrong sequence. What is shown beside a candidate must not change its
    score."""
    yield {"candidates": residual(candidates[None])[0], "related": behaviors}
    yield {"candidates": own(candidates[None])[0], "related": behaviors}


@mistake
def residual_normalized(behaviors, mask):
    """you bring what the first step gives to another length. A residual adds and does
    nothing more: a norm would be a layer of its own."""
    related = residual(behaviors, mask)
    yield {"related": F.normalize(related, dim=-1)}
    yield {"related": F.layer_norm(related, related.shape[-1:])}
    yield {"related": related / 2}


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


@mistake(seen_in="ports of SASRec")
def first_step_reads_padding(behaviors):
    """the second step is masked, the first is not: real behaviors have read padding
    before the candidate comes."""
    return {"related": residual(behaviors)}


@mistake
def second_step_reads_padding(behaviors, mask):
    """the first step is masked, the second is not: the candidate gives weight to
    padding."""
    return {"related": residual(behaviors, mask), "mask": torch.ones_like(mask)}


@mistake
def no_mask(mask):
    """the mask plays no part in either step: padding is read like a real behavior."""
    return {"mask": torch.ones_like(mask)}


@mistake(scale=1.0)
def no_scale():
    """the inner products are not scaled: divide by the root of the width, in both
    steps."""


@mistake
def causal_first_step(behaviors, mask):
    """in your first step a behavior reads only itself and earlier ones. All of the
    history has happened when the candidate is scored."""
    return {"related": residual(behaviors, mask, causal=True)}


@mistake
def mean_instead_of_the_second_step(candidates, behaviors, mask):
    """all candidates get the same vector: the second step is a mean. Let each candidate
    weigh the history."""
    return {"candidates": 0 * candidates}


@mistake
def residual_around_the_second_step(candidates, right):
    """you add the candidate to what it has read. The residual belongs to the first
    step; a user without a behavior should get zeros."""
    return candidates + right
