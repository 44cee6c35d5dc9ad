"""Hand it out: each real click among the interests that a user has."""

import torch

from seqviz.checks.engine import Task, mistake, rule, some
from seqviz.checks.engine.softmaxes import odd_sum
from seqviz.layers import masked_softmax

TASK = Task(
    label="core, about 10 minutes",
    practice="a softmax with two masks",
    shapes="logits [B, K, T], mask [B, T], active [B, K] -> [B, K, T]",
    vary="a user without an interest",
)


def reference(
    logits, mask, active, softmax=masked_softmax, real=lambda mask: mask[:, None]
):
    """``softmax(logits, here, dim)`` over the interests; padding hands out nothing."""
    return softmax(logits, active[..., None], 1) * real(mask)


def cases():
    def draw(B=4, K=3, T=5, real=1.0, own=1.0):
        mask, active = some(B, T, real), some(B, K, own).flip(1)
        return 2 * torch.randn(B, K, T), mask, active

    yield "full histories", *draw(B=2)
    yield "padded histories", *draw(real=0.6)
    yield "users with fewer interests", *draw(own=0.5)
    both = draw(B=5, K=4, T=6, real=0.6, own=0.5)
    yield "padding and fewer interests", *both
    logits, mask, active = draw(real=0.6, own=0.6)
    mask[2] = False
    yield "a user without a click", logits, mask, active
    logits, mask, active = draw(real=0.6, own=0.6)
    active[2] = False
    yield "a user without an interest", logits, mask, active
    yield "as many interests as clicks", *draw(B=2, K=4, T=4, real=0.7)


def pair(mask, active):
    """Which interest may get which click: ``[B, K, T]``."""
    return mask[:, None] & active[..., None]


@mistake(
    seen_in="torch-rechub 0.9.0, deepmatch up to 0.2.0",
    symptom="shares of a click that do not sum to 1",
)
def over_the_clicks(logits, mask, active):
    """each interest hands itself out over the clicks: that is the attention of
    ComiRec-SA. In routing each click hands itself out over the interests."""
    yield masked_softmax(logits, mask[:, None]) * active[..., None]
    yield logits.softmax(-1) * pair(mask, active)


@mistake
def over_both_axes(logits, mask, active):
    """all clicks of a user together hand out 1. Each of them has 1 to give."""
    here = pair(mask, active).flatten(1)
    return masked_softmax(logits.flatten(1), here).view_as(logits)


@mistake
def no_softmax(logits, mask, active):
    """you return the logits themselves. Shares are at least 0 and sum to 1."""
    return logits * pair(mask, active)


@mistake
def best_interest_only(logits, mask, active):
    """each click gives itself whole to its best interest. The shares are soft: the
    others get something too."""
    best = logits.masked_fill(~active[..., None], -torch.inf).argmax(1, keepdim=True)
    return torch.zeros_like(logits).scatter(1, best, 1.0) * pair(mask, active)


@mistake(real=lambda mask: 1)
def padding_hands_out():
    """the mask plays no part: padding hands itself out like a click."""


@mistake(symptom="NaN at padding")
def nan_padding(logits, mask, active):
    """padding was taken out before the softmax. Over the interests that leaves nothing
    to compare, and gives NaN; set padding to 0 afterwards."""
    return logits.masked_fill(~pair(mask, active), -torch.inf).softmax(1)


@mistake
def padding_shared_evenly(logits, mask, active):
    """padding was given the lowest logit for every interest. Equal logits give equal
    shares, not 0; set padding to 0 afterwards."""
    lowest = torch.finfo(logits.dtype).min
    return logits.masked_fill(~pair(mask, active), lowest).softmax(1)


@mistake(softmax=lambda logits, here, dim: logits.softmax(dim))
def absent_interests_get_a_share():
    """interests that a user does not have take a share of her clicks."""


@mistake(softmax=lambda logits, here, dim: logits.softmax(dim) * here)
def share_of_the_absent_lost():
    """the absent interests are set to 0 after the softmax, and what they had taken is
    gone. Leave them out before, so that the others get it."""


@mistake(softmax=lambda logits, here, dim: (logits * here).softmax(dim))
def logit_zero_instead_of_absent():
    """an absent interest has logit 0 in your version. To a softmax that is an ordinary
    number, not an absence."""


@mistake
def nan_without_interests(logits, mask, active):
    """only the user without an interest is wrong: a softmax over nothing is NaN."""
    shares = logits.masked_fill(~active[..., None], -torch.inf).softmax(1)
    yield shares.masked_fill(~mask[:, None], 0.0)
    yield shares * mask[:, None]


@mistake
def even_without_interests(logits):
    """only the user without an interest is wrong: her clicks are shared evenly among
    interests that she does not have. She should get zeros."""
    lowest = torch.finfo(logits.dtype).min
    return {"softmax": lambda x, here, dim: x.masked_fill(~here, lowest).softmax(dim)}


@rule
def a_click_hands_out_one(result, mask, active):
    """a click hands out {:.3g}. A real click hands out 1 over the interests, padding
    nothing."""
    return odd_sum(result.mT, mask & active.any(1, keepdim=True))
