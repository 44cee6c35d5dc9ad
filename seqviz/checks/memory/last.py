"""The last state: after the last real click, wherever the padding is."""

import torch

from seqviz.checks.engine import Task, histories, mistake

TASK = Task(
    label="core, about 15 minutes",
    practice="finding the last real place of a row",
    shapes="states [B, T, H], mask [B, T] -> [B, H]",
    vary="padding anywhere",
)


def reference(states, mask, place=None, empty=0.0):
    """``place [B]``: which state of each row."""
    place = latest(mask) if place is None else place
    found = states[torch.arange(len(states)), place]
    return torch.where(mask.any(1, keepdim=True), found, empty)


def latest(mask):
    return (mask * torch.arange(1, mask.shape[1] + 1)).argmax(1)


def cases():
    yield "full histories", *histories("xxxxx", "xxxxx", "xxxxx")
    yield "padding on the right", *histories("xxx..", "xxxx.", "x....", "xx...")
    yield "padding on the left", *histories("..xxx", ".xxxx", "....x", "xxxxx")
    anywhere = ".xx.x", "xx.x.", "..x..", ".xxx.", "xxxxx", "....."
    yield "padding anywhere", *histories(*anywhere)
    yield "a user without a click", *histories("xx...", ".....", "..xxx", "x...x")
    yield "as many users as steps", *histories("xx..", ".xx.", "...x", "x...")


@mistake(symptom="a state of padding")
def last_column(mask):
    """you read the last column. With padding on the right nobody has clicked there:
    find the last real click of each row."""
    return {"place": torch.full((len(mask),), mask.shape[1] - 1)}


@mistake
def last_column_where_it_is_real(states, mask):
    """you read the last column and set it to 0 where it is padding. Those rows have a
    last click too, further left."""
    return states[:, -1] * mask[:, -1:]


@mistake(symptom="an earlier state where padding stands on the left")
def counted_from_the_left(mask):
    """you count the real clicks and read at that number. That is right if the padding
    is on the right, and reads an earlier place if it is on the left: ask where, not
    how many."""
    return {"place": (mask.sum(1) - 1).clamp(min=0)}


@mistake
def first_click(mask):
    """you read the first real click. A search for the largest of equal values gives
    the first of them."""
    return {"place": mask.long().argmax(1)}


@mistake
def first_padding(mask):
    """you read where the padding begins: one step too far, or a hole."""
    return {"place": (~mask).long().argmax(1)}


@mistake
def one_too_early(mask):
    """you read one step before the last real click: the count starts at 0."""
    return {"place": (latest(mask) - 1).clamp(min=0)}


@mistake
def one_place_for_all(mask):
    """all rows are read at one place. Each row has a last click of its own."""
    return {"place": torch.full((len(mask),), int(mask.any(0).nonzero().max()))}


@mistake
def mean_of_the_states(states, mask):
    """you take the mean of the real states. Asked is the last one."""
    return (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True).clamp(min=1)


@mistake
def sum_of_the_states(states, mask):
    """you sum the real states. Asked is the last one."""
    return (states * mask[..., None]).sum(1)


@mistake
def largest_of_the_states(states, mask):
    """you take the largest value of each entry over the steps. Asked is the state at
    one step, the last."""
    found = states.masked_fill(~mask[..., None], -torch.inf).amax(1)
    return torch.where(mask.any(1, keepdim=True), found, 0.0)


@mistake
def something_for_nobody(states, mask):
    """only the user without a click is wrong: she gets the state of some padding. She
    should get zeros."""
    yield states[torch.arange(len(states)), latest(mask)]
    yield torch.where(
        mask.any(1, keepdim=True),
        states[torch.arange(len(states)), latest(mask)],
        states[:, -1],
    )


@mistake(empty=torch.nan)
def nan_for_nobody():
    """only the user without a click is wrong: she is NaN. She should get zeros."""
