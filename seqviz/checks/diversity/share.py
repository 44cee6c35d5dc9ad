"""Diversity with empty places."""

import torch

from seqviz.checks.engine import Task, mistake

TASK = Task(
    label="warm-up, about 10 minutes",
    practice="counting pairs, without empty places",
    shapes="categories [B, n] -> [B]",
    vary="lists with empty places",
)


def reference(categories, pairs=None, all_pairs=lambda n: n * (n - 1)):
    """Category 0 is an empty place; a list of fewer than two items gets 0."""
    pairs = differing(categories) if pairs is None else pairs
    return pairs / all_pairs(items(categories)).clamp(min=1)


def items(categories):
    return (categories > 0).double().sum(1)


def differing(categories, empty_too=False):
    """Ordered pairs of two places whose categories differ."""
    real = (categories > 0) | empty_too
    differ = categories[:, :, None] != categories[:, None]
    return (differ & real[:, :, None] & real[:, None]).double().sum((1, 2))


def cases():
    def draw(B, n, lowest=1):
        kinds = torch.randint(lowest, 4, (B, n))
        kinds[0, :3] = torch.tensor([1, 1, 2])
        return kinds

    yield "full lists", draw(3, 5)
    holes = draw(6, 7, lowest=0)
    holes[0, 3:5] = 0
    yield "lists with empty places", holes
    short = draw(4, 5)
    short[1, 1:], short[2] = 0, 0
    yield "a list of one item and an empty one", short


@mistake(symptom="numbers that change with empty places")
def empty_place_as_a_category(categories):
    """an empty place counts as an item of category 0. A pair needs two items."""
    pairs, n = differing(categories, empty_too=True), torch.tensor(categories.shape[1])
    yield {"pairs": pairs, "all_pairs": lambda items: n * (n - 1)}
    yield {"pairs": pairs}


@mistake
def divided_by_all_places(categories):
    """the pairs are those of real items, but you divide by the pairs of all places."""
    n = torch.tensor(categories.shape[1])
    return {"all_pairs": lambda items: n * (n - 1)}


@mistake
def neighbors_only(categories):
    """you compare each item with the next one in the list. Every pair counts, however
    far apart the two stand."""
    one, next_ = categories[:, :-1], categories[:, 1:]
    real = (one > 0) & (next_ > 0)
    pairs = ((one != next_) & real).double().sum(1)
    yield {"pairs": pairs, "all_pairs": lambda items: real.sum(1)}
    yield {"pairs": pairs, "all_pairs": lambda items: items - 1}


@mistake(symptom="less than 1 for a list without a repeat", all_pairs=torch.square)
def an_item_with_itself():
    """you pair an item with itself: a list of items that all differ should get 1."""


@mistake
def pairs_that_agree(right, categories):
    """this is the share of the pairs that agree, so a list of one category gets 1.
    Diversity is the rest."""
    return 1 - right - (items(categories) < 2).double()


@mistake(right=lambda right: right / 2)
def pair_once_divided_twice():
    """each pair is counted once above the line and twice below it: the result is half
    of what it should be."""


@mistake(right=lambda right: right * 2)
def pair_twice_divided_once():
    """each pair counts twice above the line, once below: the result may exceed 1."""


@mistake
def number_of_categories(categories):
    """this is the number of different categories over the number of items; a list with
    one odd item and a balanced one look alike to it."""
    kinds = [len({*row} - {0}) for row in categories.tolist()]
    return torch.tensor(kinds) / items(categories).clamp(min=1)
