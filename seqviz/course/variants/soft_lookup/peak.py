"""How many does a query read, counted by squares?"""

from seqviz.checks.engine import Task, mistake
from seqviz.checks.soft_lookup import reach
from seqviz.checks.soft_lookup.reach import (  # noqa: F401
    between_1_and_the_count,
    cases,
    terms,
)

OF = "soft-lookup/reach"
TASK = Task(
    label="core, about 10 minutes",
    practice=reach.TASK.practice,
    shapes=reach.TASK.shapes,
    dtype_of="weights",
    vary=reach.TASK.vary,
)
TEXT = """
Another count of how many behaviors a query reads: one over the sum of its squared
weights. It is 1 for a weight of 1, and n for n even weights. Given `weights`
`[B, Q, T]`, of which each row sums to 1 or holds nothing but zeros, return `[B, Q]`,
and 0 for a row of zeros.
"""


def reference(weights, count=None, for_nothing=0.0):
    empty = (weights == 0).all(-1)
    count = (
        1 / weights.square().sum(-1).masked_fill(empty, 1.0) if count is None else count
    )
    return count.masked_fill(empty, for_nothing)


def solution(weights):
    squares = weights.square().sum(-1)  # [B, Q]
    empty = squares == 0
    return (1 / squares.masked_fill(empty, 1.0)).masked_fill(empty, 0.0)


@mistake(symptom="numbers below 1")
def sum_of_squares(weights):
    """you return the sum of the squares itself, which is small where many are read. One
    over it counts behaviors."""
    return weights.square().sum(-1)


@mistake
def entropy(weights):
    """this is the exponential of the entropy: a count as well, but another one. Here
    the squares are asked for."""
    return {"count": terms(weights).sum(-1).exp()}


@mistake(symptom="infinity for a row without weights")
def infinite_for_nothing(weights):
    """only the row without weights is wrong: one over 0 is infinite, and one over
    almost 0 is nearly so. It reads nothing, so its number is 0."""
    squares = weights.square().sum(-1)
    yield 1 / squares
    for least in (1e-12, 1e-9, 1e-8, 1e-6):
        yield 1 / squares.clamp(min=least)


@mistake(for_nothing=1.0)
def one_for_nothing():
    """only the row without weights is wrong: it reads nothing, so its number is 0."""


@mistake
def largest_weight(weights):
    """you return one over the largest weight: that looks at one behavior only. All of
    them have a square."""
    return {"count": 1 / weights.amax(-1).masked_fill((weights == 0).all(-1), 1.0)}


@mistake
def root(weights, right):
    """you took the square root of the sum. One over the sum itself is asked for."""
    return right.sqrt()


@mistake
def mean_of_squares(weights, right):
    """you average the squares over the behaviors. They are added up: with your version
    the number depends on how much padding a row has."""
    return right * weights.shape[-1]


@mistake
def count_above_zero(weights):
    """you count the weights above 0, and a tiny one counts like a large one."""
    return (weights > 0).sum(-1).to(weights)
