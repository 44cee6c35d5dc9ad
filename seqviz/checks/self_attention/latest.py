"""What the latest behavior reads: and nothing else."""

import torch

from seqviz.checks.engine import Task, histories, mistake, softmaxes
from seqviz.layers import latest, masked_softmax
from seqviz.layers.positions import at_latest

TASK = Task(
    label="warm-up, about 10 minutes",
    practice="choosing the query by a mask",
    shapes="behaviors [B, T, E], mask [B, T] -> [B, E]",
    vary="padding anywhere",
)


def newest(behaviors, mask):
    return at_latest(behaviors, mask)[:, 0]  # [B, E]


def reference(
    behaviors,
    mask,
    query=newest,
    readable=lambda mask: mask,
    root=0.5,
    weigh=masked_softmax,
):
    scores = torch.einsum("be,bte->bt", query(behaviors, mask), behaviors)
    weights = weigh(scores / behaviors.shape[-1] ** root, readable(mask))
    return torch.einsum("bt,bte->be", weights, behaviors)


def total(behaviors, mask):
    return behaviors.masked_fill(~mask[..., None], 0.0).sum(1)  # [B, E]


def mean(behaviors, mask):
    return total(behaviors, mask) / mask.sum(1, keepdim=True).clamp(min=1)


def at(behaviors, places):
    return behaviors[torch.arange(len(behaviors)), places]  # [B, E]


def cases():
    yield "full histories", *histories("xxxxx", "xxxxx")
    yield "padding on the left", *histories("..xxxx", ".xxxxx", "...xxx")
    yield "padding on the right", *histories("xxxx..", "xxxxx.", "xxx...")
    yield "padding anywhere", *histories(".x.x..", "xx.xx.", ".xx..x", "x.xx..")
    yield "an empty history", *histories("x.xx..", "......", ".xx..x")


@mistake(
    symptom="a wrong result where padding stands on the right",
    query=lambda behaviors, mask: behaviors[:, -1],
)
def last_column():
    """you ask with the last column. Where the padding stands on the right, that is
    padding: look for the last True of each row."""


@mistake(query=lambda behaviors, mask: at(behaviors, mask.sum(1) - 1))
def counts_from_the_left():
    """you take the number of real behaviors for the place of the latest. That holds
    only where the padding stands on the right."""


@mistake(query=lambda behaviors, mask: at(behaviors, mask.int().argmax(1)))
def earliest_asks():
    """you ask with the earliest real behavior: `argmax` of a bool mask finds the first
    True. You want the last."""


@mistake(readable=torch.ones_like)
def reads_padding():
    """the right behavior asks, but it reads padding: mask the scores as well."""


@mistake(root=0)
def no_scale():
    """these are plain inner products: divide the scores by the root of E."""


@mistake
def mean_of_all_rows(behaviors, mask):
    """you average what all behaviors read. Only the latest should ask."""
    scores = behaviors @ behaviors.mT * behaviors.shape[-1] ** -0.5
    return mean(masked_softmax(scores, mask[:, None]) @ behaviors, mask)


@mistake(query=mean)
def mean_asks():
    """the query is the mean of the history. It should be one behavior, the latest."""


@mistake(query=total)
def sum_asks():
    """the query is the sum of the history: each behavior asks along. It should be one
    behavior, the latest."""


@mistake
def not_itself(mask):
    """the latest behavior leaves itself out. In self-attention it reads itself too."""
    others = torch.arange(mask.shape[1]) != latest(mask)[:, None]
    return {"readable": lambda mask: mask & others}


@mistake
def not_read_at_all(behaviors, mask):
    """this is the latest behavior as it came: it has read nothing yet."""
    return newest(behaviors, mask) * mask.any(1, keepdim=True)


@mistake(weigh=softmaxes.uniform_if_empty)
def uniform_empty_row():
    """only the empty history is wrong: where every score is the same large negative
    number, the softmax is uniform. It should give zeros."""


@mistake(symptom="NaN for an empty history", weigh=softmaxes.nan_if_empty)
def nan_empty_row():
    """only the empty history is NaN, a softmax of minus infinity alone: give zeros."""
