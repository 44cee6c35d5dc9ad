"""The score less 0.5 times the place in the own category: greedy without a loop."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from seqviz.checks.engine.before import Case, Exercise, Mistake

WEIGHT = 0.5


def reference(scores: Tensor, categories: Tensor) -> Tensor:
    """``[B, M], [B, M] -> [B, M]``."""
    return scores - WEIGHT * (_before(scores) & _same(categories)).sum(2)


def cases(generator: Generator) -> Iterator[Case]:
    """Distinct scores, ties, one category, as many as items."""

    def draw(name: str, B: int, M: int, kinds: int) -> Case:
        scores = torch.rand(B, M, generator=generator).argsort(1) / 4
        categories = torch.randint(kinds, (B, M), generator=generator)
        return Case(name, {"scores": scores, "categories": categories})

    first = draw("a few categories", 3, 7, 3)
    yield first
    ties = draw("equal scores", 4, 8, 2)
    ties.inputs["scores"].mul_(2).round_()
    yield ties
    yield draw("one category", 2, 5, 1)
    yield draw("many categories", 3, 6, 20)
    yield ties.strided()
    yield first.cast(torch.float64)


def _same(categories: Tensor) -> Tensor:
    return categories[:, :, None] == categories[:, None, :]


def _before(scores: Tensor) -> Tensor:
    """Whether column j comes before column i: ``[B, M] -> [B, i, j]``."""
    larger = scores[:, None, :] > scores[:, :, None]
    column = torch.arange(scores.shape[1])
    earlier = column[None, :] < column[:, None]
    return larger | ((scores[:, None, :] == scores[:, :, None]) & earlier)


def _all_items(scores: Tensor, categories: Tensor) -> Tensor:
    return scores - WEIGHT * _before(scores).sum(2)


def _other_items(scores: Tensor, categories: Tensor) -> Tensor:
    return scores - WEIGHT * (_before(scores) & ~_same(categories)).sum(2)


def _worst_first(scores: Tensor, categories: Tensor) -> Tensor:
    return scores - WEIGHT * (_before(-scores) & _same(categories)).sum(2)


def _from_one(scores: Tensor, categories: Tensor) -> Tensor:
    return reference(scores, categories) - WEIGHT


def _column_order(scores: Tensor, categories: Tensor) -> Tensor:
    column = torch.arange(scores.shape[1])
    earlier = column[None, :] < column[:, None]
    return scores - WEIGHT * (earlier & _same(categories)).sum(2)


def _equal_together(scores: Tensor, categories: Tensor) -> Tensor:
    larger = scores[:, None, :] > scores[:, :, None]
    return scores - WEIGHT * (larger & _same(categories)).sum(2)


def _equal_pay_for_all(scores: Tensor, categories: Tensor) -> Tensor:
    as_high = scores[:, None, :] >= scores[:, :, None]
    return scores - WEIGHT * ((as_high & _same(categories)).sum(2) - 1)


def _later_first(scores: Tensor, categories: Tensor) -> Tensor:
    larger = scores[:, None, :] > scores[:, :, None]
    column = torch.arange(scores.shape[1])
    later = column[None, :] > column[:, None]
    tie = (scores[:, None, :] == scores[:, :, None]) & later
    return scores - WEIGHT * ((larger | tie) & _same(categories)).sum(2)


def _sorted_places(scores: Tensor, categories: Tensor) -> tuple[Tensor, Tensor]:
    """The columns by score, and the place of each of them in its category."""
    by_score = scores.argsort(dim=1, descending=True, stable=True)
    places = (_before(scores) & _same(categories)).sum(2)
    return by_score, places.gather(1, by_score)


def _places_not_brought_back(scores: Tensor, categories: Tensor) -> Tensor:
    return scores - WEIGHT * _sorted_places(scores, categories)[1]


def _all_sorted(scores: Tensor, categories: Tensor) -> Tensor:
    by_score, places = _sorted_places(scores, categories)
    return scores.gather(1, by_score) - WEIGHT * places


def _size(scores: Tensor, categories: Tensor) -> Tensor:
    return scores - WEIGHT * (_same(categories).sum(2) - 1)


def _added(scores: Tensor, categories: Tensor) -> Tensor:
    return 2 * scores - reference(scores, categories)


EXERCISE = Exercise(
    name="diversity/places",
    title="Greedy without a loop",
    minutes=20,
    difficulty="project",
    inputs={"scores": "B M", "categories": "B M"},
    output="B M",
    reference=reference,
    cases=cases,
    dtype_of="scores",
    mistakes=(
        Mistake(
            "place-in-the-whole-list",
            "you count all better items. Only those of the item's own category lower "
            "its gain.",
            _all_items,
        ),
        Mistake(
            "place-among-the-others",
            "you count the better items of the other categories. Those of the own "
            "category lower the gain.",
            _other_items,
        ),
        Mistake(
            "worst-first",
            "the worst item of a category keeps its score and the best loses most: "
            "the places run the wrong way.",
            _worst_first,
        ),
        Mistake(
            "place-from-one",
            "the first item of each category already pays. Nothing of its category "
            "has been chosen before it: its place is 0.",
            _from_one,
        ),
        Mistake(
            "order-of-the-columns",
            "you count the items of the category that stand before it in the row, "
            "better or not. The place goes by score.",
            _column_order,
        ),
        Mistake(
            "equal-scores-share-a-place",
            "items of one category with equal scores get the same place. One of them "
            "is taken first, the lower column, and then the other pays.",
            _equal_together,
            also=(_equal_pay_for_all,),
        ),
        Mistake(
            "later-column-first",
            "among equal scores the higher column comes first in your places. It "
            "should be the lower.",
            _later_first,
        ),
        Mistake(
            "order-of-the-sort",
            "the places stand in the order of the sorted scores. Bring each back to "
            "the column of its item.",
            _places_not_brought_back,
            also=(_all_sorted,),
        ),
        Mistake(
            "size-of-the-category",
            "every item of a category pays the same, by the category's size. An item "
            "pays for those that are taken before it.",
            _size,
        ),
        Mistake(
            "added-instead-of-subtracted",
            "the place is added: a category that has been taken often becomes more "
            "attractive.",
            _added,
        ),
    ),
)
