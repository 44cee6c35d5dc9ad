"""The mean of the real clicks, told by their number alone; padding on the right."""

import torch

from seqviz.checks.engine import Case, Task, mistake

TASK = Task(
    title="The mean of the real clicks",
    difficulty="warm-up",
    minutes=10,
    shapes="behaviors [B, T, E], lengths [B] -> [B, E]",
    gradients=("behaviors",),
    vary="padded histories",
)


def reference(behaviors, lengths, mask=None, count=None):
    mask = torch.arange(behaviors.shape[1]) < lengths[:, None] if mask is None else mask
    total = behaviors.masked_fill(~mask[..., None], 0.0).sum(1)
    return total / (mask.sum(1).clamp(min=1) if count is None else count)[:, None]


def cases():
    def draw(name, lengths, T=5, E=3):
        behaviors = torch.randn(len(lengths), T, E)
        return Case(name, {"behaviors": behaviors, "lengths": torch.tensor(lengths)})

    yield draw("full histories", [5, 5])
    yield draw("padded histories", [5, 2, 3, 1])
    yield draw("an empty history", [2, 0, 5])
    zeros = draw("zeros under the padding and a real zero vector", [4, 3])
    zeros.inputs["behaviors"][0, 4:] = 0
    zeros.inputs["behaviors"][1, 3:] = 0
    zeros.inputs["behaviors"][:, 1] = 0
    yield zeros
    yield draw("one place", [1, 0], T=1)
    yield draw("one user", [2])


@mistake
def averages_the_padding(behaviors):
    """you average all T places: what lies under the padding counts as clicks. Only the
    first places of a row, as many as its length, are real."""
    return behaviors.mean(1)


@mistake
def divides_by_t(behaviors, lengths):
    """you add the right clicks and divide by T: a short history gets a short vector,
    the shorter the more padding. Divide by the number of clicks."""
    return {"count": torch.full_like(lengths, behaviors.shape[1])}


@mistake
def sum_instead_of_mean(lengths):
    """you return the sum of the clicks; it still has to be divided by their number."""
    return {"count": torch.ones_like(lengths)}


@mistake
def one_place_too_many(lengths):
    """you read one place too many: places are counted from 0, so a row of length 2 has
    the places 0 and 1."""
    yield {"lengths": lengths + 1}
    yield {"lengths": lengths + 1, "count": lengths.clamp(min=1)}


@mistake
def one_place_too_few(lengths):
    """you leave the newest click out: places are counted from 0, and the last real one
    has the number length - 1."""
    yield {"lengths": lengths - 1}
    yield {"lengths": lengths - 1, "count": lengths.clamp(min=1)}


@mistake
def padding_on_the_other_side(behaviors, lengths):
    """you read the last places of the row. Here the padding stands on the right, so the
    clicks are the first places."""
    T = behaviors.shape[1]
    return {"mask": torch.arange(T) >= T - lengths[:, None]}


@mistake(seen_in="tutorials")
def guesses_the_padding(behaviors):
    """you tell padding by its numbers instead of by `lengths`. Padding need not be
    zero, and a real click may be."""
    yield {"mask": behaviors.sum(-1) != 0}
    yield {"mask": (behaviors != 0).any(-1)}


@mistake
def nan_for_nobody(lengths):
    """only the empty history is wrong: 0 divided by 0 is NaN. The mean of no click is
    defined as zeros here."""
    return {"count": lengths}
