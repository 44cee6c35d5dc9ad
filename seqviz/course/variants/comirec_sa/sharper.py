"""Sharper weights over the sequence: logits count twice."""

import torch

from seqviz.checks.comirec_sa import weights as book
from seqviz.checks.comirec_sa.weights import (  # noqa: F401
    cases,
    mask_after_softmax,
    nan_empty_row,
    nan_gradient,
    nothing_on_padding,
    renormalized_after,
    reshape_instead_of_transpose,
    sums_to_1,
)
from seqviz.checks.engine import Task, mistake, softmaxes
from seqviz.layers import masked_softmax

OF = "comirec-sa/weights"
TASK = Task(
    label="core, about 15 minutes",
    practice=book.TASK.practice,
    shapes=book.TASK.shapes,
    vary=book.TASK.vary,
)
TEXT = """
An interest that reads fewer clicks: the weight of a click is in proportion to the
*square* of the exponential of its logit. Given `logits` `[B, T, K]` and a bool `mask`
`[B, T]`, return the weights `[B, K, T]`: those of an interest sum to 1 over the real
behaviors, padding gets 0, and an empty history gets zeros. Logits may be in the
hundreds.
"""


def reference(logits, mask, weigh=masked_softmax, times=2):
    return weigh(times * logits.mT, mask[:, None])


def solution(logits, mask):
    real = mask[:, None]  # [B, 1, T]
    lowest = torch.finfo(logits.dtype).min
    return (2 * logits.mT).masked_fill(~real, lowest).softmax(-1) * real


@mistake(times=1)
def not_sharper():
    """this is the plain softmax: the exponential is not squared."""


@mistake(times=0.5)
def blunter():
    """your weights are more even than those of the plain softmax: you divide the logit
    where it should count more."""


@mistake
def squared_afterwards(logits, mask):
    """you square the weights when they are done: they no longer sum to 1. Square before
    the sum is divided out."""
    return masked_softmax(logits.mT, mask[:, None]).square()


@mistake
def squares_the_logit(logits):
    """you square the logit itself, so that a large negative one counts like a large
    positive one. The exponential is to be squared."""
    return {"logits": logits.square() / 2}


@mistake(weigh=lambda logits, mask: logits.softmax(-1))
def ignores_the_mask():
    """the mask changes nothing: padding gets weight like a real behavior."""


@mistake(weigh=softmaxes.uniform_if_empty)
def uniform_empty_row():
    """only the empty history is wrong: where every logit is the same large negative
    number, the softmax is uniform. An empty history has no weights at all: zeros."""


@mistake
def inverted_mask(mask):
    """you keep the padding and drop the real behaviors: in `mask`, True means real."""
    return {"mask": ~mask}


@mistake
def softmax_over_interests(logits, mask):
    """your weights sum to 1 over the interests: the softmax should run over the
    sequence."""
    yield ((2 * logits).softmax(-1) * mask[..., None]).mT
    yield (2 * logits).softmax(-1).mT
