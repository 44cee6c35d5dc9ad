"""NDCG over all true items, found or not."""

import torch

from seqviz.checks.engine import Case, Task, mistake, rule

TASK = Task(
    title="NDCG over all true items",
    difficulty="core",
    minutes=20,
    shapes="hits [B, N], num_truths [B] -> [B]",
)


def reference(hits, num_truths, shift=2.0, ideal_shift=2.0, truths=None, places=None):
    places = places or hits.shape[1]
    ideal = torch.arange(places) < (num_truths if truths is None else truths)[:, None]
    return gain(hits, shift) / gain(ideal, ideal_shift)


def gain(hits, shift=2.0):
    return (hits / torch.log2(torch.arange(hits.shape[1]) + shift)).sum(1)


def cases():
    def draw(name, B, N, most_truths):
        num_truths = torch.randint(1, most_truths + 1, (B,))
        found = torch.rand(B) * (num_truths.clamp(max=N) + 1)
        hits = torch.rand(B, N).argsort(1) < found.long()[:, None]
        return Case(name, {"hits": hits, "num_truths": num_truths})

    def fixed(name, hits, num_truths):
        return Case(name, {"hits": hits, "num_truths": torch.tensor(num_truths)})

    some = draw("lists that find a part", 9, 6, 5)
    some.inputs["hits"][:2] = torch.tensor([[True] + 5 * [False]])
    some.inputs["num_truths"][:2] = torch.tensor([5, 1])
    missing = ~some.inputs["hits"].any(1)
    some.inputs["hits"][missing, 2] = True
    yield some
    yield fixed("lists that find nothing", torch.zeros(3, 6).bool(), [1, 6, 9])
    full = torch.arange(6) < torch.tensor([[1], [3], [6]])
    yield fixed("perfect lists", full, [1, 3, 6])
    yield draw("more true items than places", 9, 4, 12)
    yield draw("lists of one", 5, 1, 3)
    yield draw("one list", 1, 6, 4)
    yield draw("lists of 50", 20, 50, 10)


@mistake(seen_in="ComiRec's own code (issues 6, 21, 25)")
def ideal_over_hits(hits, num_truths):
    """your best possible list holds only the hits that were found: one hit at the top
    of five true items then scores 1, where it should score 0.339. The best list holds
    all true items, found or not."""
    yield reference(hits, hits.sum(1)).nan_to_num(0.0)
    yield {"truths": hits.sum(1)}


@mistake
def discount_starts_late():
    """the discount is one place off: your first place counts less than 1. At rank 1 the
    discount is 1, at rank 3 it is 1/2."""
    yield {"shift": 3.0, "ideal_shift": 3.0}
    yield {"shift": 3.0}


@mistake
def discount_starts_early(hits, num_truths):
    """the discount is one place off: the first place divides by the logarithm of 1,
    which is 0. At rank 1 the discount is 1, at rank 3 it is 1/2."""
    discount = 1 / torch.log2(torch.arange(hits.shape[1]) + 1.0)  # infinite at first
    best = discount.cumsum(0)[num_truths.clamp(max=len(discount)) - 1]
    yield torch.where(hits, discount, 0.0).sum(1) / best
    yield {"shift": 1.0, "ideal_shift": 1.0}


@mistake
def no_ideal(hits):
    """this is DCG: the N of NDCG is missing. Divide by the gain of the best possible
    list."""
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


@mistake
def reciprocal_discount(hits, num_truths):
    """your discount is 1/rank, which falls too fast: NDCG divides by a logarithm, so
    rank 3 still counts 1/2."""
    discount = 1 / (torch.arange(hits.shape[1]) + 1.0)
    best = discount.cumsum(0)[num_truths.clamp(max=len(discount)) - 1]
    return (hits * discount).sum(1) / best


@mistake
def recall(hits, num_truths):
    """this is recall: it does not matter where in the list a hit stands. Let a hit
    count less the later it comes."""
    yield hits.sum(1) / num_truths
    yield hits.sum(1) / num_truths.clamp(max=hits.shape[1])


@rule
def between_0_and_1(result):
    if not result.isfinite().all():
        return "your NDCG is NaN or infinite: a divisor is 0."
    if result.min() < -1e-6 or result.max() > 1 + 1e-4:
        worst = result[(result - 0.5).abs().argmax()]
        return f"your NDCG is {worst:.3g}; it lies between 0 and 1."
