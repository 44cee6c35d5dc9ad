"""NDCG over all true items, found or not."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from seqviz.checks.exercise import Case, Exercise, Mistake
from seqviz.metrics.lists import ndcg as reference


def cases(generator: Generator) -> Iterator[Case]:
    """Lists that find some, none or all of few or many true items."""

    def draw(name: str, B: int, N: int, most_truths: int) -> Case:
        """Up to ``most_truths`` truths a row, some of them in the list."""
        num_truths = torch.randint(1, most_truths + 1, (B,), generator=generator)
        found = torch.rand(B, generator=generator) * (num_truths.clamp(max=N) + 1)
        order = torch.rand(B, N, generator=generator).argsort(1)
        hits = order < found.long()[:, None]
        return Case(name, {"hits": hits, "num_truths": num_truths})

    some = draw("lists that find a part", 9, 6, 5)
    some.inputs["hits"][:2] = torch.tensor([[True] + 5 * [False]])
    some.inputs["num_truths"][:2] = torch.tensor([5, 1])
    missing = ~some.inputs["hits"].any(1)
    some.inputs["hits"][missing, 2] = True
    yield some
    nothing = Case(
        "lists that find nothing",
        {
            "hits": torch.zeros(3, 6, dtype=torch.bool),
            "num_truths": torch.tensor([1, 6, 9]),
        },
    )
    yield nothing
    everything = Case(
        "perfect lists",
        {
            "hits": torch.arange(6) < torch.tensor([[1], [3], [6]]),
            "num_truths": torch.tensor([1, 3, 6]),
        },
    )
    yield everything
    yield draw("more true items than places", 9, 4, 12)
    yield draw("lists of one", 5, 1, 3)
    yield draw("one list", 1, 6, 4)
    yield draw("lists of 50", 20, 50, 10)
    yield some.strided()


def _discount(hits: Tensor, shift: float = 2.0) -> Tensor:
    return 1 / torch.log2(torch.arange(hits.shape[1]) + shift)


def _gain(hits: Tensor, discount: Tensor) -> Tensor:
    return (hits * discount).sum(1)


def _ideal(discount: Tensor, places: Tensor) -> Tensor:
    """The gain of a list that starts with so many hits."""
    return (discount * (torch.arange(len(discount)) < places[:, None])).sum(1)


def _over_hits_nan(hits: Tensor, num_truths: Tensor) -> Tensor:
    discount = _discount(hits)
    return _gain(hits, discount) / _ideal(discount, hits.sum(1))


def _over_hits(hits: Tensor, num_truths: Tensor) -> Tensor:
    return _over_hits_nan(hits, num_truths).nan_to_num(0.0)


def _late_discount(hits: Tensor, num_truths: Tensor) -> Tensor:
    discount = _discount(hits, 3.0)
    return _gain(hits, discount) / _ideal(discount, num_truths)


def _late_gain(hits: Tensor, num_truths: Tensor) -> Tensor:
    return _gain(hits, _discount(hits, 3.0)) / _ideal(_discount(hits), num_truths)


def _early_discount(hits: Tensor, num_truths: Tensor) -> Tensor:
    discount = _discount(hits, 1.0)  # infinite at the first place
    return torch.where(hits, discount, 0.0).sum(1) / _ideal_at(discount, num_truths)


def _early_product(hits: Tensor, num_truths: Tensor) -> Tensor:
    discount = _discount(hits, 1.0)
    return _gain(hits, discount) / _ideal_at(discount, num_truths)


def _ideal_at(discount: Tensor, num_truths: Tensor) -> Tensor:
    return discount.cumsum(0)[num_truths.clamp(max=len(discount)) - 1]


def _no_ideal(hits: Tensor, num_truths: Tensor) -> Tensor:
    return _gain(hits, _discount(hits))


def _full_list(hits: Tensor, num_truths: Tensor) -> Tensor:
    discount = _discount(hits)
    return _gain(hits, discount) / discount.sum()


def _beyond_the_list(hits: Tensor, num_truths: Tensor) -> Tensor:
    longest = torch.empty(1, max(hits.shape[1], int(num_truths.max())))
    ideal = _ideal(_discount(longest), num_truths)
    return _gain(hits, _discount(hits)) / ideal


def _flat_ideal(hits: Tensor, num_truths: Tensor) -> Tensor:
    return _gain(hits, _discount(hits)) / num_truths.clamp(max=hits.shape[1])


def _flat_ideal_unclamped(hits: Tensor, num_truths: Tensor) -> Tensor:
    return _gain(hits, _discount(hits)) / num_truths


def _reciprocal(hits: Tensor, num_truths: Tensor) -> Tensor:
    discount = 1 / (torch.arange(hits.shape[1]) + 1.0)
    return _gain(hits, discount) / _ideal(discount, num_truths)


def _recall(hits: Tensor, num_truths: Tensor) -> Tensor:
    return hits.sum(1) / num_truths


def _recall_of_places(hits: Tensor, num_truths: Tensor) -> Tensor:
    return hits.sum(1) / num_truths.clamp(max=hits.shape[1])


def _between_0_and_1(result: Tensor, hits: Tensor, num_truths: Tensor) -> str | None:
    if not result.isfinite().all():
        return "your NDCG is NaN or infinite: a divisor is 0."
    if result.min() < -1e-6 or result.max() > 1 + 1e-4:
        worst = float(result[(result - 0.5).abs().argmax()])
        return f"your NDCG is {worst:.3g}; it lies between 0 and 1."
    return None


EXERCISE = Exercise(
    name="comirec-sa/ndcg",
    title="NDCG over all true items",
    minutes=20,
    difficulty="core",
    inputs={"hits": "B N", "num_truths": "B"},
    output="B",
    reference=reference,
    cases=cases,
    properties=(_between_0_and_1,),
    mistakes=(
        Mistake(
            "ideal-over-hits",
            "your best possible list holds only the hits that were found: one hit at "
            "the top of five true items then scores 1, where it should score 0.339. "
            "The best list holds all true items, found or not.",
            _over_hits,
            also=(_over_hits_nan,),
            seen_in="ComiRec's own code (issues 6, 21, 25)",
        ),
        Mistake(
            "discount-starts-late",
            "the discount is one place off: your first place counts less than 1. "
            "At rank 1 the discount is 1, at rank 3 it is 1/2.",
            _late_discount,
            also=(_late_gain,),
        ),
        Mistake(
            "discount-starts-early",
            "the discount is one place off: the first place divides by the logarithm "
            "of 1, which is 0. At rank 1 the discount is 1, at rank 3 it is 1/2.",
            _early_discount,
            also=(_early_product,),
        ),
        Mistake(
            "no-ideal",
            "this is DCG: the N of NDCG is missing. Divide by the gain of the best "
            "possible list.",
            _no_ideal,
        ),
        Mistake(
            "ideal-of-a-full-list",
            "your best possible list is full of hits: with fewer true items than "
            "places nobody could reach 1. It holds as many hits as there are true "
            "items.",
            _full_list,
        ),
        Mistake(
            "ideal-beyond-the-list",
            "with more true items than places your best possible list is longer than "
            "N, so that no list reaches 1. It has N places like any other.",
            _beyond_the_list,
        ),
        Mistake(
            "ideal-without-discount",
            "you divide by a number of items: the best possible list has to be "
            "discounted place by place too, or a perfect list stays below 1.",
            _flat_ideal,
            also=(_flat_ideal_unclamped,),
        ),
        Mistake(
            "reciprocal-discount",
            "your discount is 1/rank, which falls too fast: NDCG divides by a "
            "logarithm, so rank 3 still counts 1/2.",
            _reciprocal,
        ),
        Mistake(
            "recall",
            "this is recall: it does not matter where in the list a hit stands. Let a "
            "hit count less the later it comes.",
            _recall,
            also=(_recall_of_places,),
        ),
    ),
)
