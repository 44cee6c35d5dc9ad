"""Scores of all heads, heads last: behind the time axis."""

import torch

from seqviz.checks.engine import Task, mistake

TASK = Task(
    label="core, about 10 minutes",
    practice="letters for the batch and the heads",
    shapes="query [B, Q, H, E], key [B, T, H, E] -> [B, H, Q, T]",
)


def reference(query, key, equation="bqhe,bthe->bhqt"):
    return torch.einsum(equation, query, key)


def cases():
    def draw(B=2, Q=3, T=5, H=3, E=4):
        return torch.randn(B, Q, H, E), torch.randn(B, T, H, E)

    yield "three queries, five keys", *draw(H=4, E=6)
    yield "as many queries as keys", *draw(Q=5)
    yield "as many queries as heads", *draw()
    yield "one head", *draw(H=1)


@mistake(equation="bqhe,btge->bhqt")
def mixes_the_heads():
    """each head of the queries meets every head of the keys: the head axis of the keys
    is summed away. It needs the same letter in all three places."""


@mistake(equation="bqhe,cthe->bhqt")
def mixes_the_batch():
    """each user meets the keys of every user: the batch axis of the keys is gone."""


@mistake(
    seen_in="ports of multi-head attention",
    symptom="the right shape with the wrong numbers",
)
def reshaped_inputs(query, key):
    """the shape fits, but the numbers belong to other heads: a reshape to [B, H, T, E]
    keeps the order in memory. Name the axes in the order in which they come and let the
    letters move them."""
    B, Q, H, E = query.shape
    return query.reshape(B, H, Q, E) @ key.reshape(B, H, -1, E).mT


@mistake(right=lambda right: right.transpose(1, 2).reshape(right.shape))
def reshaped_result():
    """the scores are right, but they stand in other places: you compute [B, Q, H, T]
    and reshape it. Ask for the axes in the right order instead."""


@mistake(equation="bqhe,bthf->bhqt")
def sums_each_side_alone():
    """a score is a sum over products of equal coordinates. Yours multiplies the sum of
    the query by the sum of the key: their last axes have two letters."""


@mistake(symptom="scores that are too small by one factor")
def scaled(right, query):
    """the scores are too small by a factor: you divide by the square root of the width.
    The plain inner products are asked for."""
    return right / query.shape[-1] ** 0.5
