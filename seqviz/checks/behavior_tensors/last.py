"""The newest real click: wherever the padding stands."""

import torch

from seqviz.checks.engine import Task, histories, mistake
from seqviz.layers import latest

TASK = Task(
    label="core, about 15 minutes",
    practice="finding a place by a mask",
    shapes="behaviors [B, T, E], mask [B, T] -> [B, E]",
    vary="padding anywhere",
)


def reference(behaviors, mask, place=latest, zeros=True):
    click = behaviors[torch.arange(len(mask)), place(mask)]
    return click.masked_fill(~mask.any(1, keepdim=True), 0.0) if zeros else click


def cases():
    yield "full histories", *histories("xxxxx", "xxxxx")
    yield "padding on the left", *histories("..xxx", ".xxxx", "....x")
    yield "padding on the right", *histories("xxx..", "xxxx.", "x....")
    yield "padding anywhere", *histories("x.x..", ".xx.x", "..x..")
    yield "an empty history", *histories("xx...", ".....", "...xx")


@mistake(
    seen_in="recurrent models fed with right-padded rows",
    symptom="padding in the place of a click",
)
def takes_the_last_place(behaviors, mask):
    """you take the last place of every row. With padding on the right that is padding,
    and no error says so."""
    yield behaviors[:, -1]
    yield behaviors[:, -1] * mask.any(1, keepdim=True)


@mistake(symptom="the wrong click where padding stands on the left")
def place_from_the_number_of_clicks():
    """you count the clicks and take the place of that number. That holds only if all
    padding stands on the right; ask the mask for the place."""
    yield {"place": lambda mask: mask.sum(1) - 1, "zeros": False}
    yield {"place": lambda mask: mask.sum(1) - 1}


@mistake(place=lambda mask: mask.int().argmax(1), zeros=False)
@mistake(place=lambda mask: mask.int().argmax(1))
def takes_the_oldest():
    """you take the oldest real click: the first place where the mask is true. Time runs
    from left to right; the newest is the last such place."""


@mistake(place=lambda mask: (latest(mask) - 1).clamp(min=0))
def one_place_early():
    """you are one place early: the click before the newest."""


@mistake
def averages(behaviors, mask):
    """you return the mean of the real clicks; wanted is one of them, the newest."""
    total = behaviors.masked_fill(~mask[..., None], 0.0).sum(1)
    return total / mask.sum(1, keepdim=True).clamp(min=1)


@mistake
def padding_for_nobody(mask):
    """only the empty history is wrong: where nothing is real, the largest place is a
    tie, and you return padding. Its answer is zeros."""
    yield {"zeros": False}
    place = mask.shape[1] - 1 - mask.flip(1).int().argmax(1)
    yield {"place": lambda mask: place, "zeros": False}
