"""How many behaviors a row of weights reads: the exponential of its entropy."""

import math

import torch

from seqviz.checks.engine import Case, Task, marks, mistake, rule
from seqviz.layers import masked_softmax

TASK = Task(
    title="How many behaviors does a query read?",
    difficulty="core",
    minutes=10,
    shapes="weights [B, Q, T] -> [B, Q]",
    dtype_of="weights",
    vary="a row without weights",
)


def reference(weights, entropy=None, for_nothing=0.0):
    entropy = terms(weights).sum(-1) if entropy is None else entropy
    return entropy.exp().masked_fill((weights == 0).all(-1), for_nothing)


def terms(weights):
    return torch.special.entr(weights)  # -w log w, and 0 where w is 0


def cases():
    def draw(name, *rows, Q=3, spread=1.5):
        kept = marks(*rows)[:, None].expand(-1, Q, -1)
        logits = spread * torch.randn(kept.shape)
        return Case(name, {"weights": masked_softmax(logits, kept)})

    yield draw("weights without a zero", "xxxxx", "xxxxx")
    yield draw("weights with zeros", "x.xxx", "xx..x", "xxxx.", "xxxxx")
    yield draw("a weight of 1", "x.xxx", "...x.")
    yield draw("a row without weights", "x.xxx", "xx..x", ".....", "xxxxx")
    yield draw("even weights", "xxxxx", "xxxxx", spread=0)
    yield draw("one behavior", "x", "x")


@mistake
def nan_at_zero(weights):
    """a weight of exactly 0 makes your result NaN: 0 times the logarithm of 0. Such a
    term counts 0."""
    return (-(weights * weights.log()).sum(-1)).exp()


@mistake
def entropy_alone(weights):
    """this is the entropy itself: 0 for a weight of 1. Its exponential counts
    behaviors."""
    return terms(weights).sum(-1)


@mistake
def two_bases(weights):
    """your logarithm and your power have different bases, 2 and e: they must be the
    same."""
    return {"entropy": terms(weights).sum(-1) / math.log(2)}


@mistake
def sign(weights):
    """your result falls below 1: the sum of weight times logarithm is negative, and the
    entropy is minus that sum."""
    return {"entropy": -terms(weights).sum(-1)}


@mistake
def inverse_of_squares(weights):
    """one over the sum of squares is a count as well, but another one: it hears less of
    the small weights. The task asks for the entropy."""
    return {"entropy": -weights.square().sum(-1).log()}


@mistake
def count(weights):
    """you count the weights above 0, and a tiny one counts like a large one."""
    return (weights > 0).sum(-1).to(weights)


@mistake(for_nothing=1.0)
def one_for_empty():
    """only the row without weights is wrong: it reads nothing, so its number is 0, and
    the exponential of an entropy of 0 is 1."""


@mistake
def mean(weights):
    """you average over the behaviors: the entropy is a sum. With your version the
    number depends on how much padding a row has."""
    return {"entropy": terms(weights).mean(-1)}


@rule
def between_1_and_the_count(result, weights):
    count = (weights > 0).sum(-1)
    low, high = result < 0.98 * (count > 0), result > 1.02 * count + 1e-6
    if result.isfinite().all() and (low | high).any():
        return (
            "your result lies outside its bounds: 1 is expected for a weight of 1, and "
            "at most the number of weights above 0 for even ones."
        )
