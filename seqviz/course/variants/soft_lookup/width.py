"""Score by half a mean square."""

from seqviz.checks.engine import Task, mistake
from seqviz.checks.soft_lookup import distance
from seqviz.checks.soft_lookup.distance import cases, differences  # noqa: F401

OF = "soft-lookup/distance"
TASK = Task(
    label="warm-up, about 5 minutes",
    practice=distance.TASK.practice,
    shapes=distance.TASK.shapes,
)
TEXT = """
Score a key by how near it is: minus *half of the mean* of the squared differences of
its E coordinates to those of the query. Given `query` `[B, Q, E]` and `key`
`[B, T, E]`, return `[B, Q, T]`.
"""


def reference(query, key):
    return -differences(query, key).square().mean(-1) / 2


def solution(query, key):
    apart = query[:, :, None] - key[:, None]  # [B, Q, T, E]
    return -apart.square().mean(-1) / 2


@mistake
def positive(right):
    """your score grows with the distance, so the farthest behavior gets the largest
    weight. A score says how well two vectors fit."""
    return -right


@mistake
def not_halved(right):
    """your scores are twice too large: half of the mean is asked for."""
    return right * 2


@mistake(symptom="numbers that are too large by one factor")
def sum_(right, query):
    """you add the squares up and halve the sum. Here their mean over the E coordinates
    is asked for."""
    return right * query.shape[-1]


@mistake
def sum_not_halved(right, query):
    """you add the squares up. Here half of their mean over the E coordinates is asked
    for."""
    return right * query.shape[-1] * 2


@mistake(symptom="the right order of the behaviors with other scores")
def root(right):
    """you took the square root. The mean of the squares itself is asked for."""
    return -(-right).sqrt()


@mistake
def square_of_the_mean(query, key):
    """you average the differences first and square the mean: a difference of +1 and one
    of -1 then cancel. Square each coordinate, then average."""
    return -differences(query, key).mean(-1).square() / 2


@mistake
def absolute_values(query, key):
    """you average absolute differences: that is another distance. Square them."""
    return -differences(query, key).abs().mean(-1) / 2
