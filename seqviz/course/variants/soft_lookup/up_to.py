"""Read what has happened by now."""

import torch

from seqviz.checks.engine import Task, mistake
from seqviz.checks.soft_lookup import before
from seqviz.checks.soft_lookup.before import (  # noqa: F401
    cases,
    ignores_the_mask,
    ignores_the_time,
    mask_after_softmax,
    nan_empty_row,
    reads_the_future,
    renormalized_after,
    softmax_over_queries,
    uniform_empty_row,
)
from seqviz.layers import masked_softmax

OF = "soft-lookup/before"
TASK = Task(
    label="core, about 20 minutes",
    practice=before.TASK.practice,
    shapes=before.TASK.shapes,
    vary=before.TASK.vary,
)
TEXT = """
A question asked at a time may read the behaviors that have happened by then: those
before it *and those at the very same moment*. Given `scores` `[B, Q, T]`, the times
`asked` `[B, Q]` and `happened` `[B, T]` and a bool `mask` `[B, T]`, return the weights
`[B, Q, T]`: a softmax over what may be read, zeros elsewhere, and zeros for a question
with nothing to read. Under padding `happened` is 0.
"""


def reference(scores, asked, happened, mask, past=torch.le, weigh=masked_softmax):
    return weigh(scores, before.readable(asked, happened, mask, past))


def solution(scores, asked, happened, mask):
    readable = (happened[:, None] <= asked[..., None]) & mask[:, None]  # [B, Q, T]
    lowest = torch.finfo(scores.dtype).min
    weights = scores.masked_fill(~readable, lowest).softmax(-1)
    return weights * readable


@mistake(past=torch.lt)
def leaves_the_same_moment_out():
    """a behavior at the very moment of the question is left out. Here it counts as
    having happened."""


@mistake(past=torch.eq)
def only_the_same_moment():
    """you read only what happens at the very moment of the question. What came before
    counts as well."""
