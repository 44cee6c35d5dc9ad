"""Greedy without a loop: the score less 0.5 times the place in its category."""

import torch

from seqviz.checks.engine import Task, mistake

TASK = Task(
    label="project, about 20 minutes",
    practice="a rank within a group, by comparing",
    shapes="scores [B, M], categories [B, M] -> [B, M]",
    dtype_of="scores",
    without={"float16": "torch makes float32 of a number times a count"},
    vary="equal scores",
)


def same(categories):
    return categories[:, :, None] == categories[:, None]  # [B, M, M]


def before(scores):
    """Whether column j comes before column i: by score, then the lower column."""
    column = torch.arange(scores.shape[1])
    larger = scores[:, None] > scores[:, :, None]  # [B, i, j]
    return larger | (scores[:, None] == scores[:, :, None]) & (column < column[:, None])


def places(scores, categories):
    """How many of the same category come before each item."""
    return (before(scores) & same(categories)).sum(2)


def reference(scores, categories, place=places):
    return scores - 0.5 * place(scores, categories)


def cases():
    def draw(B, M, kinds):
        return torch.rand(B, M).argsort(1) / 4, torch.randint(kinds, (B, M))

    yield "a few categories", *draw(3, 7, 3)
    scores, categories = draw(4, 8, 2)
    yield "equal scores", (2 * scores).round(), categories
    yield "one category", *draw(2, 5, 1)
    yield "many categories", *draw(3, 6, 20)


@mistake(
    symptom="numbers that are too low",
    place=lambda scores, categories: before(scores).sum(2),
)
def place_in_the_whole_list():
    """you count all better items. Only those of the own category lower the gain."""


@mistake(place=lambda scores, categories: (before(scores) & ~same(categories)).sum(2))
def place_among_the_others():
    """you count the better items of the other categories, not of the own."""


@mistake(place=lambda scores, categories: places(-scores, categories))
def worst_first():
    """the worst item of a category keeps its score: the places run the wrong way."""


@mistake(place=lambda scores, categories: places(scores, categories) + 1)
def place_from_one():
    """the first item of each category already pays. Nothing of its category has been
    chosen before it: its place is 0."""


@mistake(place=lambda scores, categories: places(0 * scores, categories))
def order_of_the_columns():
    """you count the items of the category that stand before it in the row, better or
    not. The place goes by score."""


@mistake(symptom="the same number twice where scores are equal")
def equal_scores_share_a_place(scores, categories):
    """items of one category with equal scores get the same place. One of them is taken
    first, the lower column, and then the other pays."""
    larger = scores[:, None] > scores[:, :, None]
    yield {"place": lambda *_: (larger & same(categories)).sum(2)}
    yield {"place": lambda *_: (~larger.mT & same(categories)).sum(2) - 1}


@mistake(place=lambda *given: places(*(part.flip(1) for part in given)).flip(1))
def later_column_first():
    """among equal scores the higher column comes first, not the lower one."""


@mistake
def order_of_the_sort(scores, categories):
    """the places stand in the order of the sort. Bring each back to its column."""
    by_score = scores.argsort(dim=1, descending=True, stable=True)
    place = places(scores, categories).gather(1, by_score)
    yield {"place": lambda *_: place}
    yield {"place": lambda *_: place, "scores": scores.gather(1, by_score)}


@mistake(place=lambda scores, categories: same(categories).sum(2) - 1)
def size_of_the_category():
    """every item of a category pays the same, by the category's size. An item pays for
    those that are taken before it."""


@mistake(place=lambda scores, categories: -places(scores, categories))
def added_instead_of_subtracted():
    """the place is added: a category that was taken often becomes more attractive."""
