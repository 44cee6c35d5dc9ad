"""What the latest real behavior reads, and nothing else."""

import torch

from seqviz.checks.engine import Case, Task, marks, mistake, softmaxes
from seqviz.layers import masked_softmax

TASK = Task(
    title="What the latest behavior reads",
    difficulty="warm-up",
    minutes=10,
    shapes="behaviors [B, T, E], mask [B, T] -> [B, E]",
    gradients=("behaviors",),
    vary="padding anywhere",
)


def reference(
    behaviors, mask, query=None, readable=None, scale=None, weigh=masked_softmax
):
    query = picked(behaviors, newest(mask)) if query is None else query
    scale = behaviors.shape[-1] ** -0.5 if scale is None else scale
    scores = torch.einsum("be,bte->bt", query, behaviors) * scale
    weights = weigh(scores, mask if readable is None else readable)
    return torch.einsum("bt,bte->be", weights, behaviors)


def newest(mask):
    return (mask * torch.arange(1, mask.shape[1] + 1)).argmax(1)


def picked(behaviors, places):
    return behaviors[torch.arange(len(behaviors)), places]  # [B, E]


def total(behaviors, mask):
    return behaviors.masked_fill(~mask[..., None], 0.0).sum(1)  # [B, E]


def count(mask):
    return mask.sum(1, keepdim=True).clamp(min=1)  # [B, 1]


def cases():
    def draw(name, *rows, E=3):
        mask = marks(*rows)
        behaviors = torch.randn(*mask.shape, E)
        return Case(name, {"behaviors": behaviors, "mask": mask})

    yield draw("full histories", "xxxxx", "xxxxx")
    yield draw("padding on the left", "..xxxx", ".xxxxx", "...xxx")
    yield draw("padding on the right", "xxxx..", "xxxxx.", "xxx...")
    yield draw("padding anywhere", ".x.x..", "xx.xx.", ".xx..x", "x.xx..")
    yield draw("an empty history", "x.xx..", "......", ".xx..x")
    yield draw("one behavior", "x", "x", E=4)
    yield draw("one user", "xxxxx", E=4)


@mistake
def last_column(behaviors):
    """you ask with the last column. Where the padding stands on the right, that is
    padding: look for the last True of each row."""
    return {"query": behaviors[:, -1]}


@mistake
def counts_from_the_left(behaviors, mask):
    """you take the number of real behaviors for the place of the latest. That holds
    only where the padding stands on the right."""
    return {"query": picked(behaviors, count(mask)[:, 0] - 1)}


@mistake
def earliest_asks(behaviors, mask):
    """you ask with the earliest real behavior: `argmax` of a bool mask finds the first
    True. You want the last."""
    return {"query": picked(behaviors, mask.int().argmax(1))}


@mistake
def reads_padding(mask):
    """the right behavior asks, but it reads padding too: the mask belongs into the
    softmax as well."""
    return {"readable": torch.ones_like(mask)}


@mistake(scale=1.0)
def no_scale():
    """these are plain inner products: divide the scores by the root of E."""


@mistake
def mean_of_all_rows(behaviors, mask):
    """you average what all behaviors read. Only the latest should ask."""
    scores = behaviors @ behaviors.mT * behaviors.shape[-1] ** -0.5
    read = masked_softmax(scores, mask[:, None]) @ behaviors
    return total(read, mask) / count(mask)


@mistake
def mean_asks(behaviors, mask):
    """the query is the mean of the history. It should be one behavior, the latest."""
    return {"query": total(behaviors, mask) / count(mask)}


@mistake
def sum_asks(behaviors, mask):
    """the query is the sum of the history: each behavior asks along. It should be one
    behavior, the latest."""
    return {"query": total(behaviors, mask)}


@mistake
def not_itself(mask):
    """the latest behavior leaves itself out. In self-attention a behavior reads itself
    as well."""
    latest = torch.arange(mask.shape[1]) == newest(mask)[:, None]
    return {"readable": mask & ~latest}


@mistake
def not_read_at_all(behaviors, mask):
    """this is the latest behavior as it came: it has read nothing yet."""
    return picked(behaviors, newest(mask)) * mask.any(1, keepdim=True)


@mistake(weigh=softmaxes.uniform_if_empty)
def uniform_empty_row():
    """only the empty history is wrong: where every score is the same large negative
    number, the softmax is uniform. It should give zeros."""


@mistake(weigh=softmaxes.nan_if_empty)
def nan_empty_row():
    """only the empty history is NaN: a softmax of nothing but minus infinity. It should
    give zeros."""
