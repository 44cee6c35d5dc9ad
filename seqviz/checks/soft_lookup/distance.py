"""Score by distance: minus its square."""

import torch

from seqviz.checks.engine import Task, mistake, rule

TASK = Task(
    label="warm-up, about 5 minutes",
    practice="broadcasting over queries and keys",
    shapes="query [B, Q, E], key [B, T, E] -> [B, Q, T]",
)


def reference(query, key):
    return -differences(query, key).square().sum(-1)


def differences(query, key):
    return query[:, :, None] - key[:, None]  # [B, Q, T, E]


def cases():
    def draw(B=2, Q=3, T=5, E=4):
        # In quarters the squares are exact, also in float16.
        return [torch.randint(-8, 9, (B, axis, E)) / 4 for axis in (Q, T)]

    yield "several queries", *draw()
    yield "vectors of width 1", *draw(E=1)
    query, key = draw()
    query[0, 1] = key[0, 2]
    yield "a query that equals a key", query, key


@mistake(symptom="the largest weight on the farthest behavior")
def positive(right):
    """your score grows with the distance, so the farthest behavior gets the largest
    weight. A score says how well two vectors fit."""
    return -right


@mistake(symptom="the right order of the behaviors with other scores")
def root(right):
    """you took the square root: that is minus the distance. The task asks for minus its
    square, whose gradient also exists where the two are equal."""
    return -(-right).sqrt()


@mistake
def mean(query, right):
    """you average over the E coordinates: the squares should be added up."""
    return right / query.shape[-1]


@mistake
def dot_product(query, key):
    """this is the dot product: it grows with a longer key, however far that is."""
    return query @ key.mT


@mistake
def square_of_the_sum(query, key):
    """you add up the differences first and square the sum: a difference of +1 and one
    of -1 then cancel. Square each coordinate, then add."""
    return -differences(query, key).sum(-1).square()


@mistake
def absolute_values(query, key):
    """you add up absolute differences: that is another distance. Square them."""
    return -differences(query, key).abs().sum(-1)


@mistake
def half_the_cross_term(query, key, right):
    """you multiplied the square out: the term with query and key occurs twice."""
    return right - query @ key.mT


@rule
def not_above_zero(result):
    """one of your scores is {:.3g}: minus a squared distance is 0 at most, where query
    and key are the same."""
    return result.max() if result.max() > 0 else None
