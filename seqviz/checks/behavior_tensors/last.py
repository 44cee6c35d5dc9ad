"""The newest real click, wherever the padding stands; zeros for an empty history."""

import torch

from seqviz.checks.engine import Case, Task, mistake

TASK = Task(
    title="The newest real click",
    difficulty="core",
    minutes=15,
    shapes="behaviors [B, T, E], mask [B, T] -> [B, E]",
    gradients=("behaviors",),
    vary="padding anywhere",
)


def reference(behaviors, mask, place=None, zeros=True):
    place = newest(mask) if place is None else place
    click = behaviors[torch.arange(len(place)), place]
    return click.masked_fill(~mask.any(1, keepdim=True), 0.0) if zeros else click


def newest(mask):
    return (mask * torch.arange(1, mask.shape[1] + 1)).argmax(1)


def cases():
    def draw(name, *rows):
        mask = torch.tensor([[mark == "x" for mark in row] for row in rows])
        behaviors = torch.randn(*mask.shape, 3)
        return Case(name, {"behaviors": behaviors, "mask": mask})

    yield draw("full histories", "xxxxx", "xxxxx")
    yield draw("padding on the left", "..xxx", ".xxxx", "....x")
    yield draw("padding on the right", "xxx..", "xxxx.", "x....")
    yield draw("padding anywhere", "x.x..", ".xx.x", "..x..")
    yield draw("an empty history", "xx...", ".....", "...xx")
    yield draw("one place", "x", ".")
    yield draw("one user", ".xx..")


@mistake(seen_in="recurrent models fed with right-padded rows")
def takes_the_last_place(behaviors, mask):
    """you take the last place of every row. With padding on the right that is padding,
    and no error says so."""
    yield behaviors[:, -1]
    yield behaviors[:, -1] * mask.any(1, keepdim=True)


@mistake
def place_from_the_number_of_clicks(mask):
    """you count the clicks and take the place of that number. That holds only if all
    padding stands on the right; ask the mask for the place."""
    yield {"place": mask.sum(1) - 1, "zeros": False}
    yield {"place": mask.sum(1) - 1}


@mistake
def takes_the_oldest(mask):
    """you take the oldest real click: the first place where the mask is true. Time runs
    from left to right; the newest is the last such place."""
    yield {"place": mask.int().argmax(1), "zeros": False}
    yield {"place": mask.int().argmax(1)}


@mistake
def one_place_early(mask):
    """you are one place early: the click before the newest."""
    return {"place": (newest(mask) - 1).clamp(min=0)}


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
    yield {"place": place, "zeros": False}
