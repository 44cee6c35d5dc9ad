"""The way back through the softmax: without the matrix."""

import torch

from seqviz.checks.engine import Task, marks, mistake, rule
from seqviz.layers import masked_softmax

TASK = Task(
    label="core, about 20 minutes",
    practice="a gradient by hand",
    shapes="weights [B, Q, T], gradient [B, Q, T] -> [B, Q, T]",
    dtype_of="weights",
    vary="a row without weights",
)


def mean(weights, gradient, over=-1):
    return (weights * gradient).sum(over, keepdim=True)


def reference(weights, gradient, mean=mean):
    return weights * (gradient - mean(weights, gradient))


def cases():
    def draw(*rows, Q=3):
        kept = marks(*rows)[:, None].expand(-1, Q, -1)
        return masked_softmax(torch.randn(kept.shape), kept), torch.randn(kept.shape)

    yield "spread weights", *draw("xxxxx", "xxxxx")
    yield "weights with zeros", *draw("x.xxx", "xx..x")
    yield "a weight of 1", *draw("x.xxx", "...x.")
    yield "a row without weights", *draw("x.xxx", ".....")


@mistake(
    symptom="gradients of a row that do not sum to 0",
    mean=lambda weights, gradient: 0.0,
)
def without_the_others():
    """you multiply by the weight alone: a score also lowers every other weight, since
    they share one unit. That part is missing."""


@mistake(mean=torch.mul)
def diagonal_alone():
    """this is the diagonal of the Jacobian: what a score does to its own weight. What
    it does to the other weights is missing."""


@mistake(mean=lambda weights, gradient: gradient.sum(-1, keepdim=True))
def sum_not_weighted():
    """you subtract the plain sum of the gradient, not its mean under the weights."""


@mistake(mean=lambda weights, gradient: gradient.mean(-1, keepdim=True))
def plain_mean():
    """you subtract the plain mean, but each behavior counts by its weight."""


@mistake
def outer_weight_missing(weights, gradient):
    """the difference is right, but a behavior with weight 0 gets a gradient."""
    return gradient - mean(weights, gradient)


@mistake(symptom="the right numbers with the wrong sign", right=torch.neg)
def sign():
    """every number has the wrong sign: a score with a larger gradient than the mean
    should get a positive one."""


@mistake(mean=lambda weights, gradient: mean(weights, gradient, over=1))
def over_queries():
    """your mean runs over the questions: each has a softmax over the behaviors."""


@rule
def sums_to_zero(result):
    """a row of your gradient sums to {:.3g} or minus that. Adding the same number to
    every score changes no weight, so the sum is expected to be 0."""
    total = result.double().sum(-1).abs().max()
    return total if total >= 2e-2 else None
