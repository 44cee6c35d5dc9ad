"""NDCG on a screen that shows two: the discount sets in one place later."""

import torch

from seqviz.checks.comirec_sa import ndcg as book
from seqviz.checks.comirec_sa.ndcg import between_0_and_1, cases, recall  # noqa: F401
from seqviz.checks.engine import Task, mistake

OF = "comirec-sa/ndcg"
TASK = Task(
    label="core, about 20 minutes",
    practice=book.TASK.practice,
    shapes=book.TASK.shapes,
)
TEXT = """
A screen shows two items at a time, so the first two places are worth the same. A hit
at rank r counts 1 for r = 1 and r = 2, and 1 / log2(r) from rank 2 on. Given `hits`
`[B, N]`, which say whether the item at each rank is a true one, and the number of true
items `num_truths` `[B]`, 1 or more, found or not, return `[B]`: the gain of the list
over the gain of the best possible list of N places.
"""


def reference(hits, num_truths, weigh=None, truths=None, places=None):
    weigh = weigh or by_screen
    places = places or hits.shape[1]
    ideal = torch.arange(places) < (num_truths if truths is None else truths)[:, None]
    return gain(hits, weigh) / gain(ideal, weigh)


def by_screen(rank):
    return 1 / torch.log2(rank.clamp(min=2.0))


def gain(hits, weigh=by_screen):
    return (hits * weigh(torch.arange(1.0, hits.shape[1] + 1))).sum(1)


def solution(hits, num_truths):
    rank = torch.arange(1, hits.shape[1] + 1)
    weight = 1 / torch.log2(rank.clamp(min=2).float())  # [N]
    ideal = rank <= num_truths[:, None]  # [B, N]
    return (hits * weight).sum(1) / (ideal * weight).sum(1)


@mistake(
    symptom="numbers that are close, but not equal",
    weigh=lambda rank: 1 / torch.log2(rank + 1),
)
def the_usual_discount():
    """this is the usual NDCG: rank 2 counts less than rank 1. Here both count 1."""


@mistake(weigh=lambda rank: 1 / rank)
def reciprocal_discount():
    """your discount is 1/rank, which falls too fast: it divides by a logarithm."""


@mistake(weigh=lambda rank: 1 / torch.log2(rank.clamp(min=3.0) - 1))
def three_places():
    """the discount sets in one place too late: rank 3 counts less than rank 2."""


@mistake
def no_ideal(hits):
    """the gain of the list is right, but it is not divided by the gain of the best
    possible list."""
    return gain(hits)


@mistake(symptom="1 for a list that misses true items")
def ideal_over_hits(hits):
    """your best possible list holds only the hits that were found. It holds all true
    items, found or not."""
    yield {"truths": hits.sum(1)}
    yield (gain(hits) / gain(hits.sort(1, descending=True).values)).nan_to_num(0.0)


@mistake
def ideal_of_a_full_list(hits):
    """your best possible list is full of hits: it holds as many as there are true
    items."""
    return gain(hits) / gain(torch.ones_like(hits))


@mistake
def ideal_beyond_the_list(hits, num_truths):
    """with more true items than places your best possible list is longer than N. It has
    N places like any other."""
    return {"places": max(hits.shape[1], int(num_truths.max()))}
