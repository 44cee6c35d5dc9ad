"""Diversity@n of lists of which some have empty places."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from seqviz.checks.engine.before import Case, Exercise, Mistake


def reference(categories: Tensor) -> Tensor:
    """``[B, n] -> [B]``; category 0 is an empty place."""
    return _share(_pairs(categories), categories)


def cases(generator: Generator) -> Iterator[Case]:
    """Full lists, empty places, one item, none."""

    def draw(name: str, B: int, n: int, lowest: int = 1) -> Case:
        kinds = torch.randint(lowest, 4, (B, n), generator=generator)
        kinds[0, :3] = torch.tensor([1, 1, 2])
        return Case(name, {"categories": kinds})

    holes = draw("lists with empty places", 6, 7, lowest=0)
    holes.inputs["categories"][0, 3:5] = 0
    yield draw("full lists", 3, 5)
    yield holes
    short = draw("a list of one item and an empty one", 4, 5)
    short.inputs["categories"][1, 1:] = 0
    short.inputs["categories"][2] = 0
    yield short
    yield holes.strided()


def _real(categories: Tensor) -> Tensor:
    return (categories > 0).double().sum(1)


def _pairs(categories: Tensor) -> Tensor:
    """Ordered pairs of two places whose items differ, empty ones left out."""
    real = categories > 0
    differ = categories[:, :, None] != categories[:, None, :]
    return (differ & real[:, :, None] & real[:, None, :]).double().sum((1, 2))


def _all_pairs(categories: Tensor) -> Tensor:
    """Ordered pairs of two places that differ, an empty one taken as a category."""
    return (categories[:, :, None] != categories[:, None, :]).double().sum((1, 2))


def _share(pairs: Tensor, categories: Tensor) -> Tensor:
    n = _real(categories)
    return pairs / (n * (n - 1)).clamp(min=1)


def _empty_counted(categories: Tensor) -> Tensor:
    n = categories.shape[1]
    return _all_pairs(categories) / max(n * (n - 1), 1)


def _empty_above_the_line(categories: Tensor) -> Tensor:
    return _share(_all_pairs(categories), categories)


def _all_places(categories: Tensor) -> Tensor:
    n = categories.shape[1]
    return _pairs(categories) / max(n * (n - 1), 1)


def _square(categories: Tensor) -> Tensor:
    return _pairs(categories) / _real(categories).square().clamp(min=1)


def _alike(categories: Tensor) -> Tensor:
    n = _real(categories)
    return 1 - _share(_pairs(categories), categories) - (n < 2).double()


def _half(categories: Tensor) -> Tensor:
    return _share(_pairs(categories), categories) / 2


def _double(categories: Tensor) -> Tensor:
    return _share(_pairs(categories), categories) * 2


def _distinct(categories: Tensor) -> Tensor:
    kinds = [len(set(row) - {0}) for row in categories.tolist()]
    return torch.tensor(kinds).double() / _real(categories).clamp(min=1)


EXERCISE = Exercise(
    name="diversity/share",
    title="Diversity with empty places",
    minutes=10,
    difficulty="warm-up",
    inputs={"categories": "B n"},
    output="B",
    reference=reference,
    cases=cases,
    mistakes=(
        Mistake(
            "empty-place-as-a-category",
            "an empty place counts as an item of category 0. A pair needs two items.",
            _empty_counted,
            also=(_empty_above_the_line,),
        ),
        Mistake(
            "divided-by-all-places",
            "the pairs are those of real items, but you divide by the pairs of all "
            "places.",
            _all_places,
        ),
        Mistake(
            "an-item-with-itself",
            "you divide as if an item formed a pair with itself: a list of items that "
            "all differ should get 1.",
            _square,
        ),
        Mistake(
            "pairs-that-agree",
            "this is the share of the pairs that agree, so a list of one category "
            "gets 1. Diversity is the rest.",
            _alike,
        ),
        Mistake(
            "pair-once-divided-twice",
            "each pair is counted once above the line and twice below it: the result "
            "is half of what it should be.",
            _half,
        ),
        Mistake(
            "pair-twice-divided-once",
            "each pair is counted twice above the line and once below it: the result "
            "may exceed 1.",
            _double,
        ),
        Mistake(
            "number-of-categories",
            "this is the number of different categories over the number of items; a "
            "list with one odd item and a balanced one look alike to it.",
            _distinct,
        ),
    ),
)
