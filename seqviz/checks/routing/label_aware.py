"""Label-aware attention with power 2, for several labels of each user."""

import torch
import torch.nn.functional as F

from seqviz.checks.engine import Case, Task, mistake
from seqviz.layers import masked_softmax

TASK = Task(
    title="Many labels at once",
    difficulty="core",
    minutes=20,
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
    """Scores of both signs, missing interests with loud vectors."""

    def draw(name, B=2, K=3, M=4, E=5, own=1.0):
        active = torch.rand(B, K) < own
        active[:, 0] = True
        if own < 1:
            active[0, -1] = False
        interests, target = 0.7 * torch.randn(B, K, E), torch.randn(B, M, E)
        inputs = {"interests": interests, "target": target, "active": active}
        return Case(name, inputs)

    first = draw("positive scores")
    first.inputs["interests"].abs_()
    first.inputs["target"].abs_()
    yield first
    yield draw("scores of both signs")
    yield draw("users with fewer interests", B=4, K=4, M=3, own=0.5)
    zero = draw("a target that is zero", B=3, M=2)
    zero.inputs["target"][1, 0] = 0
    yield zero
    yield draw("one label", B=3, M=1)
    yield draw("as many labels as interests", K=4, own=0.7)


@mistake(seen_in="deepmatch 0.3.2, and the published formula", power=torch.square)
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


@mistake
def power_after_the_softmax():
    """you raise the weights to the power, not the scores: they no longer sum to 1."""
    return {
        "power": lambda scores: scores,
        "softmax": lambda logits, here: masked_softmax(logits, here).square(),
    }


@mistake
def sign_after_the_softmax():
    """the sign comes back too late: a negative score has taken a large weight, and its
    interest is now subtracted."""
    return {
        "softmax": lambda logits, here: (
            masked_softmax(logits.abs(), here) * logits.sign()
        )
    }


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


@mistake
def absent_interests_count(active):
    """interests that the user does not have get a weight."""
    return {"active": torch.ones_like(active)}


@mistake(softmax=lambda logits, here: logits.softmax(2) * here)
def absent_taken_out_late():
    """absent interests are set to 0 after the softmax, and what they had taken is lost.
    Take them out before it."""


@mistake(softmax=lambda logits, here: (logits * here).softmax(2))
def absent_with_score_zero():
    """an absent interest has score 0 in your version. It still gets a weight, and more
    than one with a negative score."""
