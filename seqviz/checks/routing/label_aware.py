"""Many labels at once: label-aware attention with power 2."""

import torch
import torch.nn.functional as F

from seqviz.checks.engine import Task, mistake, some
from seqviz.layers import masked_softmax

TASK = Task(
    label="core, about 20 minutes",
    practice="weights sharpened by a power",
    shapes="interests [B, K, E], target [B, M, E], active [B, K] -> [B, M, E]",
    dtype_of="interests",
    vary="users with fewer interests",
)


def signed_square(scores):
    return scores * scores.abs()


def reference(interests, target, active, power=signed_square, softmax=masked_softmax):
    scores = torch.einsum("bke,bme->bmk", interests, target)
    return softmax(power(scores), active[:, None]) @ interests


def cases():
    def draw(B=2, K=3, M=4, E=5, own=1.0):
        active = some(B, K, own).flip(1)
        return 0.7 * torch.randn(B, K, E), torch.randn(B, M, E), active

    interests, target, active = draw()
    yield "positive scores", interests.abs(), target.abs(), active
    yield "scores of both signs", *draw()
    yield "users with fewer interests", *draw(B=4, K=4, M=3, own=0.5)
    interests, target, active = draw(B=3, M=2)
    target[1, 0] = 0
    yield "a target that is zero", interests, target, active
    yield "one label", *draw(B=3, M=1)
    yield "as many labels as interests", *draw(K=4, own=0.7)


@mistake(
    seen_in="deepmatch 0.3.2, and the published formula",
    symptom="the largest weight on the interest that fits worst",
    power=torch.square,
)
def sign_forgotten():
    """a square forgets the sign: an interest that the label fits worst gets the largest
    weight. Give the sign back before the softmax."""


@mistake(power=lambda scores: scores)
def no_power():
    """these are the weights of the plain scores: the power is missing."""


@mistake(power=lambda scores: scores.clamp(min=0).square())
def negative_scores_cut_off():
    """all negative scores count as 0, so the worst interest weighs as much as an
    indifferent one. They keep their size, with a minus."""


@mistake(softmax=lambda logits, here: logits.softmax(1) * here)
def over_the_labels():
    """your softmax runs over the labels. For each label the interests compete."""


@mistake(power=lambda scores: scores, softmax=lambda *x: masked_softmax(*x).square())
def power_after_the_softmax():
    """you raise the weights to the power, not the scores: they no longer sum to 1."""


@mistake(softmax=lambda x, here: masked_softmax(x.abs(), here) * x.sign())
def sign_after_the_softmax():
    """the sign comes back too late: a negative score has taken a large weight, and its
    interest is now subtracted."""


@mistake
def hard_choice():
    """you take the best interest alone. With power 2 the others keep a weight."""

    def best(logits, here):
        place = logits.masked_fill(~here, -torch.inf).argmax(2)
        return F.one_hot(place, logits.shape[2]).to(logits)

    return {"softmax": best}


@mistake
def divided_by_the_root_of_the_width(interests):
    """the scores are divided by the root of the width. Label-aware attention does not:
    the power does the sharpening."""
    return {"power": lambda scores: signed_square(scores) / interests.shape[2]}


@mistake(active=torch.ones_like)
def absent_interests_count():
    """interests that the user does not have get a weight."""


@mistake(
    symptom="weights that sum to less than 1",
    softmax=lambda logits, here: logits.softmax(2) * here,
)
def absent_taken_out_late():
    """absent interests are set to 0 after the softmax, and what they had taken is lost.
    Take them out before it."""


@mistake(softmax=lambda logits, here: (logits * here).softmax(2))
def absent_with_score_zero():
    """an absent interest has score 0 in your version. It still gets a weight, and more
    than one with a negative score."""
