"""One question for each attribute: the user asks each by itself."""

import torch

from seqviz.checks.engine import Task, mistake, rule
from seqviz.checks.engine.softmaxes import (
    masked_after,
    nan_gradient_if_empty,
    nan_if_empty,
    renormalized,
    uniform_if_empty,
)
from seqviz.layers import masked_softmax

TASK = Task(
    label="core, about 20 minutes",
    practice="a softmax of its own for each attribute",
    shapes="values [B, F, L, E], mask [B, F, L], user [B, E] -> [B, F, E]",
    vary="missing attributes",
)


def score(values, user):
    return torch.einsum("bfle,be->bfl", values, user)


def reference(values, mask, user, softmax=masked_softmax, of=score):
    weights = softmax(of(values, user), mask)
    return torch.einsum("bfl,bfle->bfe", weights, values)


def cases():
    def draw(B=3, F=2, L=5, E=4, real=1.0, scale=1.0):
        values, user = torch.randn(B, F, L, E) * scale, torch.randn(B, E) * scale
        mask = torch.rand(B, F, L) < real
        mask[..., -1] = True
        return values, mask, user

    yield "every attribute full", *draw()
    yield "padded attributes", *draw(real=0.6)
    values, mask, user = draw(B=4, F=3, real=0.6)
    mask[1, 2] = mask[3, 0] = False
    yield "missing attributes", values, mask, user
    values, mask, user = draw(B=4, F=3, real=0.7)
    mask[2] = False
    yield "a user without a past", values, mask, user
    yield "large scores", *draw(B=4, F=3, L=6, real=0.6, scale=3.0)
    yield "one value", *draw(B=3, F=4, L=1)
    values, mask, user = draw(B=3, F=2, L=4)
    mask[:, :, 0] = False
    values[:, :, 0] = 60 * (user / user.norm(dim=1, keepdim=True))[:, None]
    yield "large scores under the padding", values, mask, user


@mistake
def softmax_over_the_attributes(values, mask, user):
    """you compare the attributes with one another: the softmax runs over F. A brand
    competes with brands, not with a price."""
    logits = score(values, user).transpose(1, 2)
    weights = masked_softmax(logits, mask.transpose(1, 2)).transpose(1, 2)
    return torch.einsum("bfl,bfle->bfe", weights, values)


@mistake
def one_softmax_for_all(values, mask, user):
    """all values of all attributes share one softmax. Each attribute has a question of
    its own, whose weights sum to 1."""
    logits = score(values, user).flatten(1)
    weights = masked_softmax(logits, mask.flatten(1)).view(mask.shape)
    return torch.einsum("bfl,bfle->bfe", weights, values)


@mistake
def one_weight_for_all_attributes(values, mask, user):
    """the place in the list has one weight for all attributes. The third brand has
    nothing to do with the third shop."""
    logits = score(values, user).mean(1, keepdim=True).expand(mask.shape)
    weights = masked_softmax(logits, mask)
    return torch.einsum("bfl,bfle->bfe", weights, values)


@mistake(of=lambda values, user: score(values, user) / user.shape[-1] ** 0.5)
def scaled_score():
    """you divide the score by the root of E. SDM's user attention does not: its paper
    has the plain inner product."""


@mistake(
    of=lambda values, user: score(values, user).tanh() / user.shape[-1] ** 0.5,
    seen_in="the authors' code of SDM, deepmatch",
)
def bounded_score():
    """you pass the score through a tanh and divide it: the weights are nearly equal
    then, whatever she likes."""


@mistake
def a_plain_mean(values, mask):
    """you average what is there: the user is not asked."""
    count = mask.sum(-1, keepdim=True).clamp(min=1)
    return (values * mask[..., None]).sum(2) / count


@mistake
def raw_scores(values, mask, user):
    """you add up the values times their scores, without a softmax."""
    weights = score(values, user) * mask
    return torch.einsum("bfl,bfle->bfe", weights, values)


@mistake
def best_value_only(values, mask, user):
    """you take the one value with the largest score. Weights are soft: the others say
    something too."""
    logits = score(values, user).masked_fill(~mask, -torch.inf)
    weights = torch.zeros_like(logits).scatter(-1, logits.argmax(-1, True), 1.0) * mask
    return torch.einsum("bfl,bfle->bfe", weights, values)


@mistake(symptom="weights that sum to less than 1", softmax=masked_after)
def mask_after_softmax():
    """padding takes its share in the softmax, and then it is thrown away: the weights
    no longer sum to 1."""


@mistake(softmax=renormalized)
def renormalized_after():
    """a large score under the padding eats all weights before you share them out anew.
    Mask before the softmax."""


@mistake(softmax=lambda scores, mask: (scores * mask).softmax(-1))
def score_zero_instead_of_absent():
    """padding gets the score 0. To a softmax that is an ordinary score."""


@mistake(softmax=lambda scores, mask: scores.softmax(-1))
def padding_read():
    """the mask plays no part: padding is read."""


@mistake(softmax=uniform_if_empty)
def even_if_missing():
    """only the missing attribute is wrong: its padding is read evenly. It should give
    zeros."""


@mistake(symptom="NaN for a missing attribute", softmax=nan_if_empty)
def nan_if_missing():
    """only the missing attribute is wrong: a softmax over nothing is NaN. It should
    give zeros."""


@mistake(softmax=nan_gradient_if_empty)
def nan_gradient_if_missing():
    """the values are right, but the missing attribute sends NaN back: what is hidden
    afterwards still has a gradient."""


@rule
def a_mean_lies_between(result, values, mask):
    """an entry lies outside the values that it was read from. Weights are at least 0
    and sum to 1."""
    low = values.masked_fill(~mask[..., None], torch.inf).amin(2)
    high = values.masked_fill(~mask[..., None], -torch.inf).amax(2)
    outside = (result < low - 1e-2) | (result > high + 1e-2)
    return outside[mask.any(2)].any()
