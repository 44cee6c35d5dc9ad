"""The mean of the real clicks: told by their number alone."""

import torch

from seqviz.checks.engine import Task, mistake

TASK = Task(
    label="warm-up, about 10 minutes",
    practice="a mean that leaves padding out",
    shapes="behaviors [B, T, E], lengths [B] -> [B, E]",
    vary="padded histories",
)


def clicks(mask):
    return mask.sum(1, keepdim=True)


def reference(behaviors, lengths, mask=None, count=lambda mask: clicks(mask).clamp(1)):
    mask = torch.arange(behaviors.shape[1]) < lengths[:, None] if mask is None else mask
    return behaviors.masked_fill(~mask[..., None], 0.0).sum(1) / count(mask)


def cases():
    def draw(*lengths, T=5, E=3):
        return torch.randn(len(lengths), T, E), lengths

    yield "full histories", *draw(5, 5)
    yield "padded histories", *draw(5, 2, 3, 1)
    yield "an empty history", *draw(2, 0, 5)
    behaviors, lengths = draw(4, 3)
    behaviors[0, 4:], behaviors[1, 3:], behaviors[:, 1] = 0, 0, 0
    yield "zeros under the padding and a real zero vector", behaviors, lengths
    yield "one behavior", *draw(1, 0, T=1)


@mistake(symptom="another mean when padding is added")
def averages_the_padding(behaviors):
    """you average all T places: what lies under the padding counts as clicks. Only the
    first places of a row, as many as its length, are real."""
    return behaviors.mean(1)


@mistake(count=lambda mask: mask.shape[1])
def divides_by_t():
    """you add the right clicks and divide by T: a short history gets a short vector,
    the shorter the more padding. Divide by the number of clicks."""


@mistake(count=lambda mask: 1)
def sum_instead_of_mean():
    """you return the sum of the clicks; it still has to be divided by their number."""


@mistake
def one_place_too_many(lengths):
    """you read one place too many: a row of length 2 has the places 0 and 1."""
    yield {"lengths": lengths + 1}
    yield {"lengths": lengths + 1, "count": lambda _: lengths[:, None].clamp(1)}


@mistake
def one_place_too_few(lengths):
    """you leave the newest click out: places are counted from 0, and the last real one
    has the number length - 1."""
    yield {"lengths": lengths - 1}
    yield {"lengths": lengths - 1, "count": lambda _: lengths[:, None].clamp(1)}


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


@mistake(symptom="NaN for an empty history", count=clicks)
def nan_for_nobody():
    """only the empty history is wrong: 0 divided by 0 is NaN. The mean of no click is
    defined as zeros here."""
