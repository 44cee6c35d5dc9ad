"""The gradient of the softmax, without the matrix."""

import torch

from seqviz.checks.engine import Case, Task, marks, mistake, rule
from seqviz.layers import masked_softmax

TASK = Task(
    title="The way back through the softmax",
    difficulty="core",
    minutes=20,
    shapes="weights [B, Q, T], gradient [B, Q, T] -> [B, Q, T]",
    dtype_of="weights",
    vary="a row without weights",
)


def reference(weights, gradient, mean=None):
    mean = (weights * gradient).sum(-1, keepdim=True) if mean is None else mean
    return weights * (gradient - mean)


def cases():
    def draw(name, *rows, Q=3):
        kept = marks(*rows)[:, None].expand(-1, Q, -1)
        weights = masked_softmax(torch.randn(kept.shape), kept)
        return Case(name, {"weights": weights, "gradient": torch.randn(kept.shape)})

    yield draw("spread weights", "xxxxx", "xxxxx")
    yield draw("one query", "xxxxx", "xxxxx", Q=1)
    yield draw("weights with zeros", "x.xxx", "xx..x")
    yield draw("a weight of 1", "x.xxx", "...x.")
    yield draw("a row without weights", "x.xxx", ".....")
    yield draw("one behavior", "x", "x")


@mistake(mean=0.0)
def without_the_others():
    """you multiply by the weight alone: a score also lowers every other weight, since
    they share one unit. That part is missing."""


@mistake
def diagonal_alone(weights, gradient):
    """this is the diagonal of the Jacobian: what a score does to its own weight. What
    it does to the other weights is missing."""
    return {"mean": weights * gradient}


@mistake
def sum_not_weighted(gradient):
    """you subtract the plain sum of the gradient: subtract its mean under the
    weights."""
    return {"mean": gradient.sum(-1, keepdim=True)}


@mistake
def plain_mean(gradient):
    """you subtract the plain mean: the behaviors do not count alike, each counts by its
    weight."""
    return {"mean": gradient.mean(-1, keepdim=True)}


@mistake
def outer_weight_missing(weights, gradient):
    """the difference is right, but a behavior with weight 0 gets a gradient: one factor
    is missing."""
    return gradient - (weights * gradient).sum(-1, keepdim=True)


@mistake
def sign(right):
    """every number has the wrong sign: a score with a larger gradient than the mean
    should get a positive one."""
    return -right


@mistake
def over_queries(weights, gradient):
    """your mean runs over the questions: each question has a softmax of its own, over
    the behaviors."""
    return {"mean": (weights * gradient).sum(1, keepdim=True)}


@rule
def sums_to_zero(result):
    total = result.double().sum(-1).abs().max()
    if total >= 2e-2:
        return (
            f"a row of your gradient sums to {total:.3g} or minus that. Adding the "
            f"same number to every score changes no weight, so the sum is expected to "
            f"be 0."
        )
