"""Interests from counts: the softmax over the clicks without the clicks."""

import torch

from seqviz.checks.engine import Task, mistake

TASK = Task(
    label="core, about 20 minutes",
    practice="a softmax over counted clicks",
    shapes="counts [B, N+1], vectors [N+1, E], logits [N+1, K] -> [B, K, E]",
    gradients=("vectors", "logits"),
    vary="histories of some clicks",
)


def reference(counts, vectors, logits, weight=None, total=None):
    if weight is None:
        weight = (logits - logits.amax(0)).exp()  # [N + 1, K]
    counts = counts.to(vectors.dtype)
    if total is None:
        total = counts @ weight  # [B, K]
    total = torch.where(total > 0, total, 1)[..., None]
    return torch.einsum("bn,nk,ne->bke", counts, weight, vectors) / total


def cases():
    def draw(B=3, N=7, K=2, E=4, clicks=6, high=0.0):
        counts = torch.zeros(B, N + 1)
        if clicks:
            ids = torch.randint(1, N + 1, (B, clicks))
            counts.scatter_add_(1, ids, torch.ones(B, clicks))
        vectors = torch.randn(N + 1, E)
        vectors[0] = 0
        return counts, vectors, 2 * torch.randn(N + 1, K) + high

    yield "histories of some clicks", *draw()
    yield "one click", *draw(clicks=1)
    yield "empty histories", *draw(clicks=0)
    yield "large logits", *draw(high=200.0)


@mistake(symptom="the same interests for one click and for three")
def each_item_once(counts):
    """an item that was clicked three times weighs as much as one that was clicked once.
    The softmax over the clicks has three equal terms there: weigh by the count."""
    return {"counts": (counts > 0).float()}


@mistake
def softmax_over_the_catalog(logits):
    """your weights are a softmax over the whole catalog: items that she never clicked
    take their share, and the interests come out too short. Divide by what her own items
    add up to."""
    yield {"weight": logits.softmax(0), "total": torch.ones(1, logits.shape[1])}


@mistake
def softmax_over_the_interests(logits):
    """you let the interests share each item: a softmax over K. Every interest
    distributes one unit over the clicks, whatever the others do."""
    return {"weight": logits.softmax(1)}


@mistake
def logits_as_weights(logits):
    """you weigh by the logits themselves. A softmax takes their exponential first; a
    negative logit is a small weight, not a negative one."""
    return {"weight": logits}


@mistake
def divided_by_the_clicks(counts, logits):
    """you divide by the number of clicks. Then the weights of an interest do not sum to
    1: divide by the sum of its own weights."""
    return {"total": counts.sum(1, keepdim=True).expand(-1, logits.shape[1])}


@mistake(total=torch.ones(1, 1))
def plain_sum():
    """your interests grow with the history: the division by the sum of the weights is
    missing."""


@mistake
def the_mean(logits):
    """all interests of a user are equal, the mean of her clicks: the logits are not
    used."""
    return {"weight": torch.ones_like(logits)}


@mistake
def large_logits_overflow(counts, vectors, logits):
    """only large logits are wrong: their exponential is infinite, and infinity by
    infinity is NaN. Subtract the largest logit of an interest first: the weights stay
    the same, only their size changes."""
    weight = logits.float().exp().to(logits.dtype)
    return reference(counts, vectors, logits, weight=weight)


@mistake(symptom="NaN for an empty history")
def nan_for_nobody(counts, vectors, logits):
    """only the empty history is wrong: 0 divided by 0 is NaN. Nobody's interests are
    zeros."""
    weight = (logits - logits.amax(0)).exp()
    total = (counts.to(vectors.dtype) @ weight)[..., None]
    counts = counts.to(vectors.dtype)
    return torch.einsum("bn,nk,ne->bke", counts, weight, vectors) / total
