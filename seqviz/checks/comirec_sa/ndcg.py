"""NDCG over all true items: found or not."""

import torch

from seqviz.checks.engine import Task, mistake, rule

TASK = Task(
    label="core, about 20 minutes",
    practice="a metric beside its best possible value",
    shapes="hits [B, N], num_truths [B] -> [B]",
)


def reference(hits, num_truths, weigh=None, ideal_weigh=None, truths=None, places=None):
    weigh, places = weigh or logarithmic, places or hits.shape[1]
    ideal = torch.arange(places) < (num_truths if truths is None else truths)[:, None]
    return gain(hits, weigh) / gain(ideal, ideal_weigh or weigh)


def logarithmic(rank):
    return 1 / torch.log2(rank + 1)


def gain(hits, weigh=logarithmic):
    return (hits * weigh(torch.arange(1.0, hits.shape[1] + 1))).sum(1)


def cases():
    def draw(B, N, most_truths):
        num_truths = torch.randint(1, most_truths + 1, (B,))
        found = torch.rand(B) * (num_truths.clamp(max=N) + 1)
        hits = torch.rand(B, N).argsort(1) < found.long()[:, None]
        return hits, num_truths

    hits, num_truths = draw(9, 6, 5)
    hits[:2] = torch.tensor([[True] + 5 * [False]])
    num_truths[:2] = torch.tensor([5, 1])
    hits[~hits.any(1), 2] = True
    yield "lists that find a part", hits, num_truths
    yield "lists that find nothing", torch.zeros(3, 6).bool(), [1, 6, 9]
    yield "perfect lists", torch.ones(6, 6).bool().tril()[[0, 2, 5]], [1, 3, 6]
    yield "more true items than places", *draw(9, 4, 12)
    yield "lists of one", *draw(5, 1, 3)
    yield "lists of 50", *draw(20, 50, 10)


@mistake(
    seen_in="ComiRec's own code (issues 6, 21, 25)",
    symptom="1 for a list that misses true items",
)
def ideal_over_hits(hits, num_truths):
    """your best possible list holds only the hits that were found: one hit at the top
    of five true items then scores 1, where it should score 0.339. The best list holds
    all true items, found or not."""
    yield reference(hits, hits.sum(1)).nan_to_num(0.0)
    yield {"truths": hits.sum(1)}


@mistake(symptom="numbers that are close, but not equal")
def discount_starts_late():
    """the discount is one place off: your first place counts less than 1. At rank 1 the
    discount is 1, at rank 3 it is 1/2."""
    for ideal in None, logarithmic:
        yield {"weigh": lambda rank: logarithmic(rank + 1), "ideal_weigh": ideal}


@mistake
def discount_starts_early(hits, num_truths):
    """the discount is one place off: the first place divides by the logarithm of 1,
    which is 0. At rank 1 the discount is 1, at rank 3 it is 1/2."""
    discount = 1 / torch.log2(torch.arange(hits.shape[1]) + 1.0)  # infinite at first
    best = discount.cumsum(0)[num_truths.clamp(max=len(discount)) - 1]
    yield torch.where(hits, discount, 0.0).sum(1) / best
    yield {"weigh": lambda rank: 1 / torch.log2(rank)}


@mistake
def no_ideal(hits):
    """this is DCG: it is not divided by the gain of the best possible list."""
    return gain(hits)


@mistake
def ideal_of_a_full_list(hits):
    """your best possible list is full of hits: with fewer true items than places nobody
    could reach 1. It holds as many hits as there are true items."""
    return gain(hits) / gain(torch.ones_like(hits))


@mistake
def ideal_beyond_the_list(hits, num_truths):
    """with more true items than places your best possible list is longer than N, so
    that no list reaches 1. It has N places like any other."""
    return {"places": max(hits.shape[1], int(num_truths.max()))}


@mistake
def ideal_without_discount(hits, num_truths):
    """you divide by a number of items: the best possible list has to be discounted
    place by place too, or a perfect list stays below 1."""
    yield gain(hits) / num_truths.clamp(max=hits.shape[1])
    yield gain(hits) / num_truths


@mistake(weigh=torch.reciprocal)
def reciprocal_discount():
    """your discount is 1/rank, which falls too fast: NDCG divides by a logarithm, so
    rank 3 still counts 1/2."""


@mistake
def recall(hits, num_truths):
    """this is recall: it does not matter where in the list a hit stands. Let a hit
    count less the later it comes."""
    yield hits.sum(1) / num_truths
    yield hits.sum(1) / num_truths.clamp(max=hits.shape[1])


@rule
def between_0_and_1(result):
    """your NDCG is {:.3g}; it lies between 0 and 1."""
    worst = result[(result.double() - 0.5).abs().argmax()]
    return None if -1e-6 <= worst <= 1 + 1e-4 else worst
