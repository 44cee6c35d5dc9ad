"""Clicks without the place: a loss that the place in the list does not bias."""

import torch
import torch.nn.functional as F

from seqviz.checks.engine import Task, mistake

TASK = Task(
    label="core, about 20 minutes",
    practice="a loss weighted by propensity",
    shapes="logits [B, L], clicked [B, L], propensity [L] -> []",
    gradients=("logits",),
    vary="several places",
)


def reference(logits, clicked, propensity, label=None, keep=None, rest=None):
    """``keep`` weighs the terms of a click, ``rest`` those of none."""
    label = clicked / propensity if label is None else label
    keep = label if keep is None else keep
    rest = 1 - label if rest is None else rest
    return (keep * F.softplus(-logits) + rest * F.softplus(logits)).mean()


def cases():
    def draw(B, N, chance=0.4):
        clicked = (torch.rand(B, N) < chance).float()
        clicked[0, -1] = 1
        clicked[-1, 0] = 0
        propensity = torch.linspace(1, 0.3, N) if N > 1 else [0.6]
        return 1.5 * torch.randn(B, N), clicked, propensity

    yield "several places", *draw(5, 4)
    yield "as many users as places", *draw(4, 4)
    yield "one place", *draw(6, 1)
    yield "many places", *draw(3, 9, chance=0.2)
    logits, clicked, _ = draw(4, 3)
    yield "everything is looked at", logits, clicked, torch.ones(3)
    _, *rest = draw(3, 2)
    yield "large logits", [[-90.0, 60.0], [80.0, 1.0], [0.0, -70.0]], *rest


@mistake(symptom="the same loss whatever `propensity` is")
def naive(clicked):
    """the propensities play no part: the items that stand on top look better than they
    are."""
    return {"label": clicked}


@mistake
def multiplied(clicked, propensity):
    """you multiply by the propensity. A click at a place that few look at counts more,
    not less: divide."""
    return {"label": clicked * propensity}


@mistake(symptom="a loss that weighs misses as well")
def whole_term_weighted(clicked, propensity):
    """you divide the whole loss of a place by its propensity, misses as well. A miss is
    seen rightly only as the rest of a click."""
    yield {"keep": clicked / propensity, "rest": (1 - clicked) / propensity}


@mistake
def miss_not_lowered(clicked, propensity):
    """a click counts by its weight, but what is taken from the miss is 1. Both terms
    share one label: what one gets the other loses."""
    return {"rest": 1 - clicked}


@mistake
def cut_at_two(clicked, propensity):
    """no weight is above 2: less variance, and biased again. A weight is 1 over the
    propensity, however small that is."""
    return {"label": (clicked / propensity).clamp(max=2)}


@mistake
def propensities_that_sum_to_one(clicked, propensity):
    """you divide by the share of a propensity in their sum. It is a chance of its own
    at each place, the first may be 1."""
    return {"label": clicked * propensity.sum() / propensity}


@mistake
def clicks_alone(clicked):
    """the term of the miss is not there: the loss is smallest where every logit is
    large."""
    return {"rest": torch.zeros_like(clicked)}


@mistake
def summed(logits, right):
    """you add the places up; asked is their mean."""
    return right * logits.numel()


@mistake
def mean_of_the_clicks(logits, clicked, right):
    """you divide by the number of clicks; asked is the mean over all places."""
    return right * logits.numel() / clicked.sum().clamp(min=1)


@mistake
def square_root(clicked, propensity):
    """you divide by the root of the propensity: less variance, and still biased."""
    return {"label": clicked / propensity.sqrt()}


@mistake
def chances_for_logits(logits, clicked, propensity):
    """a logit goes through the sigmoid twice."""
    return reference(logits.sigmoid(), clicked, propensity)


@mistake
def sign_turned(logits, clicked, propensity):
    """the loss falls where it should rise: the terms of click and miss are
    exchanged."""
    return reference(-logits, clicked, propensity)
