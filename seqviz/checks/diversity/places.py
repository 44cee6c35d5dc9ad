"""The score less 0.5 times the place in the own category: greedy without a loop."""

import torch

from seqviz.checks.engine import Case, Task, mistake

TASK = Task(
    title="Greedy without a loop",
    difficulty="project",
    minutes=20,
    shapes="scores [B, M], categories [B, M] -> [B, M]",
    dtype_of="scores",
    without={"float16": "torch makes float32 of a number times a count"},
    vary="equal scores",
)


def reference(scores, categories, place=None):
    if place is None:
        place = places(scores, categories)
    return scores - 0.5 * place


def places(scores, categories):
    """How many of the same category come before each item."""
    return (before(scores) & same(categories)).sum(2)


def same(categories):
    return categories[:, :, None] == categories[:, None]  # [B, M, M]


def before(scores):
    """Whether column j comes before column i: by score, then the lower column."""
    column = torch.arange(scores.shape[1])
    larger = scores[:, None] > scores[:, :, None]  # [B, i, j]
    return larger | (scores[:, None] == scores[:, :, None]) & (column < column[:, None])


def cases():
    """Distinct scores, ties, one category, as many as items."""

    def draw(name, B, M, kinds):
        scores = torch.rand(B, M).argsort(1) / 4
        categories = torch.randint(kinds, (B, M))
        return Case(name, {"scores": scores, "categories": categories})

    yield draw("a few categories", 3, 7, 3)
    ties = draw("equal scores", 4, 8, 2)
    ties.inputs["scores"].mul_(2).round_()
    yield ties
    yield draw("one category", 2, 5, 1)
    yield draw("many categories", 3, 6, 20)


@mistake
def place_in_the_whole_list(scores):
    """you count all better items. Only those of the item's own category lower its
    gain."""
    return {"place": before(scores).sum(2)}


@mistake
def place_among_the_others(scores, categories):
    """you count the better items of the other categories. Those of the own category
    lower the gain."""
    return {"place": (before(scores) & ~same(categories)).sum(2)}


@mistake
def worst_first(scores, categories):
    """the worst item of a category keeps its score and the best loses most: the places
    run the wrong way."""
    return {"place": places(-scores, categories)}


@mistake
def place_from_one(scores, categories):
    """the first item of each category already pays. Nothing of its category has been
    chosen before it: its place is 0."""
    return {"place": places(scores, categories) + 1}


@mistake
def order_of_the_columns(scores, categories):
    """you count the items of the category that stand before it in the row, better or
    not. The place goes by score."""
    return {"place": places(torch.zeros_like(scores), categories)}


@mistake
def equal_scores_share_a_place(scores, categories):
    """items of one category with equal scores get the same place. One of them is taken
    first, the lower column, and then the other pays."""
    larger = scores[:, None] > scores[:, :, None]
    yield {"place": (larger & same(categories)).sum(2)}
    yield {"place": (~larger.mT & same(categories)).sum(2) - 1}


@mistake
def later_column_first(scores, categories):
    """among equal scores the higher column comes first in your places. It should be the
    lower."""
    return {"place": places(scores.flip(1), categories.flip(1)).flip(1)}


@mistake
def order_of_the_sort(scores, categories):
    """the places stand in the order of the sorted scores. Bring each back to the column
    of its item."""
    by_score = scores.argsort(dim=1, descending=True, stable=True)
    place = places(scores, categories).gather(1, by_score)
    yield {"place": place}
    yield {"place": place, "scores": scores.gather(1, by_score)}


@mistake
def size_of_the_category(categories):
    """every item of a category pays the same, by the category's size. An item pays for
    those that are taken before it."""
    return {"place": same(categories).sum(2) - 1}


@mistake
def added_instead_of_subtracted(scores, categories):
    """the place is added: a category that has been taken often becomes more
    attractive."""
    return {"place": -places(scores, categories)}
