"""A calibrated loss: of a few drawn items, as in gSASRec."""

import torch
import torch.nn.functional as F

from seqviz.checks.engine import Task, mistake

TASK = Task(
    label="core, about 20 minutes",
    practice="a power on a probability",
    shapes="positive [B], negatives [B, S], share [B], calibration [B] -> [B]",
    gradients=("positive", "negatives"),
    vary="several drawn items",
)


def power_of(share, calibration):
    return share * (calibration * (1 - 1 / share) + 1 / share)


def reference(
    positive,
    negatives,
    share,
    calibration,
    power=None,
    true=None,
    false=None,
    over=None,
):
    power = power_of(share, calibration) if power is None else power
    true = power * F.softplus(-positive) if true is None else true
    false = F.softplus(negatives).sum(1) if false is None else false
    return (true + false) / (1 + negatives.shape[1] if over is None else over)


def cases():
    def draw(B, S, calibration=None, share=None):
        positive, negatives = 1.5 * torch.randn(B), 1.5 * torch.randn(B, S)
        drawn = 0.05 + 0.6 * torch.rand(B), 0.1 + 0.8 * torch.rand(B)
        share = drawn[0] if share is None else torch.full((B,), share)
        if calibration is None:
            return positive, negatives, share, drawn[1]
        return positive, negatives, share, torch.full((B,), calibration)

    yield "several drawn items", *draw(4, 3)
    yield "one drawn item", *draw(5, 1)
    yield "no calibration", *draw(4, 3, calibration=0.0)
    yield "full calibration", *draw(4, 3, calibration=1.0)
    yield "every item drawn", *draw(3, 4, share=1.0)
    yield "many drawn items", *draw(2, 20)
    *_, share, calibration = draw(3, 2)
    positive, negatives = [-90.0, -60.0, 80.0], [[70.0, 1.0], [-60.0, 2.0], [0.0, 90.0]]
    yield "large scores", positive, negatives, share, calibration


@mistake
def no_calibration(positive):
    """the true item counts as in the plain loss: its power is missing."""
    return {"power": torch.ones_like(positive)}


@mistake
def calibrated_fully(share):
    """the power is the share itself, whatever the calibration says. That is right for a
    calibration of 1 only."""
    return {"power": share}


@mistake
def calibration_turned_round(share, calibration):
    """0 and 1 have changed places: 0 should leave the plain loss."""
    return {"power": power_of(share, 1 - calibration)}


@mistake(symptom="the right loss only at a calibration of 0")
def power_on_the_score(positive, share, calibration):
    """you multiply the score itself by the power. It is the probability that is raised
    to it, so its logarithm is multiplied."""
    return {"true": F.softplus(-power_of(share, calibration) * positive)}


@mistake
def power_on_the_drawn(positive, negatives, share, calibration):
    """the power is on the drawn items. It belongs on the true one."""
    power = power_of(share, calibration)
    return {
        "true": F.softplus(-positive),
        "false": power * F.softplus(negatives).sum(1),
    }


@mistake
def power_on_all(negatives, share, calibration):
    """the power is on every term, so it only scales the loss. It belongs on the true
    item alone."""
    power = power_of(share, calibration)
    return {"false": power * F.softplus(negatives).sum(1)}


@mistake(over=1)
def a_sum():
    """you add up all the terms. Their mean is wanted: over the true item and the drawn
    ones."""


@mistake
def over_the_drawn(negatives):
    """you divide by the number of drawn items and leave the true one uncounted."""
    return {"over": negatives.shape[1]}


@mistake
def two_means(negatives):
    """you average the drawn items by themselves and then add the true one. All terms
    are divided by the same number."""
    return {"false": F.softplus(negatives).mean(1), "over": 1}


@mistake
def drawn_are_pulled_up(negatives):
    """the drawn items are treated as true ones: their scores should go down."""
    return {"false": F.softplus(-negatives).sum(1)}


@mistake
def drawn_left_out(negatives):
    """the drawn items are missing: then the best score is as large as can be, for every
    item."""
    return {"false": 0.0 * negatives.sum(1)}


@mistake(
    seen_in="pmixer/SASRec.pytorch and RecBole 1.2.1, in their losses",
    symptom="the right loss, except for large scores",
)
def a_floor_in_the_logarithm(positive, negatives, share, calibration):
    """only large scores are wrong: a small number added within the logarithm bounds the
    loss, and its gradient is gone where it is needed most."""
    floor = 1e-14
    true = -power_of(share, calibration) * (floor + torch.sigmoid(positive)).log()
    false = -(floor + torch.sigmoid(-negatives)).log().sum(1)
    return {"true": true, "false": false}
