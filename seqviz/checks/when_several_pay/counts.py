"""A history as counts: how often each item is there."""

import torch

from seqviz.checks.engine import Task, mistake

TASK = Task(
    label="warm-up, about 10 minutes",
    practice="counting with an index",
    shapes="item_ids [B, T], vectors [N+1, E] -> [B, N+1]",
    gradients=(),
)


def reference(item_ids, vectors, real=None):
    real = item_ids > 0 if real is None else real
    counts = torch.zeros(len(item_ids), len(vectors))
    return counts.scatter_add(1, item_ids, real.float())


def cases():
    def draw(B=4, T=6, N=9, E=5, real=1.0):
        item_ids = torch.randint(1, N + 1, (B, T))
        item_ids = item_ids.masked_fill(torch.rand(B, T) >= real, 0)
        if T > 2:
            item_ids[0, :2] = item_ids[0, 2] = 3  # comes again
        return item_ids, torch.randn(N + 1, E)

    yield "full histories", *draw()
    yield "histories with padding", *draw(B=6, real=0.6)
    yield "empty histories", *draw(real=0.0, T=2)
    yield "more items than clicks", *draw(N=30)


@mistake(symptom="numbers in column 0")
def counts_the_padding(item_ids):
    """column 0 holds how much padding there is. Padding is no click: its column is
    0."""
    return {"real": torch.ones_like(item_ids)}


@mistake(symptom="no count above 1", right=lambda right: right.clamp(max=1))
def once_is_all():
    """an item that was clicked three times counts once. Add up; do not only mark that
    it is there."""


@mistake
def over_all_users(right):
    """every row is the same: you count over all users at once. Each row is one
    person's."""
    yield right.sum(0).expand_as(right)
    yield right.sum(0, keepdim=True).repeat(len(right), 1)


@mistake(right=lambda right: right / right.sum(1, keepdim=True).clamp(min=1))
def shares():
    """your rows sum to 1: these are shares. A count is a whole number, and twenty
    clicks are more than two."""


@mistake(right=lambda right: right.roll(-1, 1))
def one_column_to_the_left():
    """each count stands one column too far to the left. Column i belongs to item i, and
    column 0 to the padding."""


@mistake
def without_the_last(item_ids):
    """the last click of each history is missing: that would be the target of an
    example, but here it belongs to the history."""
    cut = item_ids.clone()
    cut[:, -1] = 0
    return {"item_ids": cut}


@mistake
def positions_instead(item_ids, vectors):
    """you write down when an item came, not how often: the numbers in your rows are
    places of the history."""
    places = torch.arange(item_ids.shape[1]).expand_as(item_ids) + 1
    counts = torch.zeros(len(item_ids), len(vectors))
    places = (places * (item_ids > 0)).float()
    return counts.scatter_reduce(1, item_ids, places, "amax")
