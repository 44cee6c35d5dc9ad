"""How many behaviors does a query read?"""

import math

import torch

from seqviz.checks.engine import Task, marks, mistake, rule
from seqviz.layers import masked_softmax

TASK = Task(
    label="core, about 10 minutes",
    practice="an entropy that bears zeros",
    shapes="weights [B, Q, T] -> [B, Q]",
    dtype_of="weights",
    vary="a row without weights",
)


def reference(weights, entropy=lambda weights: terms(weights).sum(-1), for_nothing=0.0):
    return entropy(weights).exp().masked_fill((weights == 0).all(-1), for_nothing)


def terms(weights):
    return torch.special.entr(weights)  # -w log w, and 0 where w is 0


def cases():
    def draw(*rows, Q=3, spread=1.5):
        kept = marks(*rows)[:, None].expand(-1, Q, -1)
        return masked_softmax(spread * torch.randn(kept.shape), kept)

    yield "weights without a zero", draw("xxxxx", "xxxxx")
    yield "weights with zeros", draw("x.xxx", "xx..x", "xxxx.", "xxxxx")
    yield "a weight of 1", draw("x.xxx", "...x.")
    yield "a row without weights", draw("x.xxx", "xx..x", ".....", "xxxxx")
    yield "even weights", draw("xxxxx", "xxxxx", spread=0)


@mistake(symptom="NaN where a weight is 0")
def nan_at_zero(weights):
    """a weight of exactly 0 gives NaN, 0 times its logarithm. It should count 0."""
    return (-(weights * weights.log()).sum(-1)).exp()


@mistake
def entropy_alone(weights):
    """this is the entropy itself: 0 for a weight of 1. Its exponential counts
    behaviors."""
    return terms(weights).sum(-1)


@mistake(entropy=lambda weights: terms(weights).sum(-1) / math.log(2))
def two_bases():
    """your logarithm and your power have different bases, 2 and e: take one."""


@mistake(entropy=lambda weights: -terms(weights).sum(-1))
def sign():
    """your result falls below 1: the sum of weight times logarithm is negative, and the
    entropy is minus that sum."""


@mistake(entropy=lambda weights: -weights.square().sum(-1).log())
def inverse_of_squares():
    """one over the sum of squares is a count as well, but another one: it hears less of
    the small weights. The task asks for the entropy."""


@mistake
def count(weights):
    """you count the weights above 0, and a tiny one counts like a large one."""
    return (weights > 0).sum(-1).to(weights)


@mistake(symptom="1 for a row without weights", for_nothing=1.0)
def one_for_empty():
    """only the row without weights is wrong: it reads nothing, so its number is 0, and
    the exponential of an entropy of 0 is 1."""


@mistake(entropy=lambda weights: terms(weights).mean(-1))
def mean():
    """you average over the behaviors: the entropy is a sum. With your version the
    number depends on how much padding a row has."""


@rule
def between_1_and_the_count(result, weights):
    """your result lies outside its bounds: 1 is expected for a weight of 1, and at most
    the number of weights above 0 for even ones."""
    count = (weights > 0).sum(-1)
    low, high = result < 0.98 * (count > 0), result > 1.02 * count + 1e-6
    return result.isfinite().all() and (low | high).any()
