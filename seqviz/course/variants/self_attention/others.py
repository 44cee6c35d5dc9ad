"""What the latest behavior reads of the others."""

import torch

from seqviz.checks.engine import Task, mistake, softmaxes
from seqviz.checks.self_attention import latest as book
from seqviz.checks.self_attention.latest import (  # noqa: F401
    cases,
    counts_from_the_left,
    earliest_asks,
    last_column,
    mean_asks,
    no_scale,
    sum_asks,
)
from seqviz.layers import latest

OF = "self-attention/latest"
TASK = Task(
    label="warm-up, about 10 minutes",
    practice=book.TASK.practice,
    shapes=book.TASK.shapes,
    vary=book.TASK.vary,
)
TEXT = """
Only the row of the *latest* real behavior is needed, and here it reads all others but
*not itself*. Given `behaviors` `[B, T, E]` and a bool `mask` `[B, T]`, whose padding
may stand anywhere, return what it reads in the bare form, `[B, E]`: inner products
divided by the root of E, a softmax, the sum. A user with one behavior or none gets
zeros.
"""


def others(mask):
    places = torch.arange(mask.shape[1])
    return mask & (places != latest(mask)[:, None])  # [B, T]


def reference(behaviors, mask, readable=others, **changes):
    return book.reference(behaviors, mask, readable=readable, **changes)


def solution(behaviors, mask):
    T, E = behaviors.shape[1:]
    newest = (mask * torch.arange(1, T + 1)).argmax(1)  # [B]
    query = behaviors[torch.arange(len(newest)), newest]  # [B, E]
    readable = mask & (torch.arange(T) != newest[:, None])  # [B, T]
    scores = torch.einsum("be,bte->bt", query, behaviors) / E**0.5
    lowest = torch.finfo(scores.dtype).min
    weights = scores.masked_fill(~readable, lowest).softmax(-1) * readable
    return torch.einsum("bt,bte->be", weights, behaviors)


@mistake(readable=lambda mask: mask)
def itself_too():
    """the latest behavior reads itself as well. Here it reads the others only."""


@mistake
def the_last_column_left_out(mask):
    """you leave the last column out. Where the padding stands on the right, that is not
    the latest behavior."""
    before = torch.arange(mask.shape[1]) < mask.shape[1] - 1
    return {"readable": lambda mask: mask & before}


@mistake(readable=lambda mask: others(mask) | ~mask)
def reads_padding():
    """the right behavior asks, but it reads padding too: the mask belongs into the
    softmax as well."""


@mistake(weigh=softmaxes.masked_after)
def mask_after_softmax():
    """the weights no longer sum to 1: what is left out had its share in the softmax.
    Leave it out before."""


@mistake(weigh=softmaxes.uniform_if_empty)
def uniform_empty_row():
    """only who has nothing to read is wrong: where every score is the same large
    negative number, the softmax is uniform. It should give zeros."""


@mistake(symptom="NaN where there is nothing to read", weigh=softmaxes.nan_if_empty)
def nan_empty_row():
    """only who has nothing to read is NaN: a softmax of nothing but minus infinity. It
    should give zeros."""
