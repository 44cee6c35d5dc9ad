"""The ceiling behind a stage: the recall of a perfect ranker."""

import torch

from seqviz.checks.engine import Task, mistake

TASK = Task(
    label="warm-up, about 10 minutes",
    practice="comparing sets of items",
    shapes="found [B, C], truths [B, R] -> [B]",
    vary="an item stands twice",
)
N = 3


def reference(found, truths, there=None, most=N, over=None):
    there = truths_found(found, truths) if there is None else there
    over = number(truths) if over is None else over
    return there.clamp(max=most).double() / over


def number(truths):
    return (truths > 0).sum(1)


def truths_found(found, truths):
    """How many true items stand somewhere: [B]."""
    same = (truths[:, :, None] == found[:, None]).any(2)
    return (same & (truths > 0)).sum(1)


def places_hit(found, truths):
    """At how many places a true item stands: [B]."""
    same = (found[:, :, None] == truths[:, None]).any(2)
    return (same & (found > 0)).sum(1)


def cases():
    found = [[4, 9, 2, 7, 5], [1, 3, 8, 6, 2], [5, 1, 9, 2, 3]]
    yield "few true items", found, [[7, 6], [5, 9], [2, 3]]
    found = [[1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1]]
    truths = [[1, 2, 3, 4, 5], [6, 7, 8, 9, 10], [3, 4, 9, 5, 6]]
    yield "more true items than places", found, truths
    found = [[4, 9, 2, 0, 0], [1, 0, 0, 0, 0], [0, 0, 0, 0, 0], [3, 8, 6, 2, 7]]
    truths = [[9, 2, 0, 0], [3, 0, 0, 0], [5, 6, 0, 0], [7, 5, 4, 2]]
    yield "rows of different length", found, truths
    found = [[4, 9, 4, 2], [7, 7, 7, 1], [3, 5, 3, 5]]
    yield "an item stands twice", found, [[4, 8, 1], [7, 1, 2], [5, 3, 9]]


@mistake(symptom="a number that is too high where interests agree")
def an_item_counted_twice(found, truths):
    """an item that two interests found counts twice. Count the true items that are
    there, not the places where one stands."""
    return {"there": places_hit(found, truths)}


@mistake(most=10**6)
def more_hits_than_places():
    """a list of 3 cannot hold more than 3 true items, however many were found."""


@mistake(symptom="a hit where both have empty places")
def empty_place_is_a_hit(found, truths):
    """0 stands for no item, in both: two empty places are no hit."""
    same = (truths[:, :, None] == found[:, None]).any(2)
    return {"there": same.sum(1)}


@mistake
def divided_by_all_columns(truths):
    """you divide by the columns of the truths; the empty ones are no true items."""
    return {"over": torch.tensor(truths.shape[1])}


@mistake
def divided_by_what_fits(truths):
    """you divide by the true items that fit into the list: another recall. Asked is the
    share of all true items."""
    return {"over": number(truths).clamp(max=N)}


@mistake(over=torch.tensor(N))
def divided_by_the_places():
    """you divide by the length of the list: that is a precision."""


@mistake
def survivors_only(found, truths):
    """you divide by the true items that were found. What a stage lost is what its
    ceiling has to show."""
    return {"over": truths_found(found, truths).clamp(min=1)}


@mistake
def one_hit_is_enough(found, truths):
    """this is 1 as soon as one true item is there: a hit rate."""
    return (truths_found(found, truths) > 0).double()


@mistake
def the_list_as_it_stands(found, truths):
    """you look at the first 3 that were found. A perfect ranker may choose any of
    them."""
    return {"there": truths_found(found[:, :N], truths)}


@mistake(right=lambda right: 1 - right)
def what_is_lost():
    """this is what is lost, not what can still be had."""
