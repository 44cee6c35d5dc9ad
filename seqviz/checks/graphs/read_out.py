"""The latest click asks: the session as one vector, without a softmax."""

import torch

from seqviz.checks.engine import Task, mistake

TASK = Task(
    label="core, about 20 minutes",
    practice="attention without a softmax",
    shapes="states [B, T, E], mask [B, T], W_T [E, D], W_C [E, D], a [D] -> [B, 2, E]",
    vary="padded sessions",
)


def reference(states, mask, W_T, W_C, a, last=None, weights=None, parts=None):
    last = latest(states, mask) if last is None else last
    if weights is None:
        weights = asked(states, last, W_T, W_C, a) * mask.to(states)
    total = (weights[..., None] * states).sum(1)
    return torch.stack((last, total) if parts is None else parts(last, total), 1)


def latest(states, mask):
    place = (mask * torch.arange(1, mask.shape[1] + 1)).argmax(1)
    found = states[torch.arange(len(place)), place]
    return found * mask.any(1)[:, None].to(states)


def asked(states, last, W_T, W_C, a, bend=torch.sigmoid):
    return bend((last @ W_T)[:, None] + states @ W_C) @ a


def cases():
    def draw(B=3, T=5, E=4, D=6, real=1.0, side=None):
        mask = torch.rand(B, T) < real
        mask[:, 0 if side == "right" else -1] = True
        if side:
            length, place = mask.sum(1, keepdim=True), torch.arange(T)
            mask = place < length if side == "right" else place >= T - length
        states = torch.randn(B, T, E)
        # what stands at padding means nothing
        states = states.where(mask[..., None], 3 + states.abs())
        return states, mask, *torch.randn(2, E, D), torch.randn(D)

    yield "full sessions", *draw()
    yield "padded sessions", *draw(B=4, T=6, real=0.5, side="right")
    yield "padding on the left", *draw(B=4, T=6, real=0.5, side="left")
    yield "padding within", *draw(B=4, T=6, real=0.6)
    states, mask, *rest = draw(B=4, real=0.7)
    mask[1] = False
    yield "an empty session", states, mask, *rest


@mistake(symptom="a wrong result where padding stands on the right")
def last_column(states, mask):
    """you take the last column for the latest click. A session that is padded on the
    right has padding there."""
    return {"last": states[:, -1] * mask.any(1)[:, None].to(states)}


@mistake
def first_click(states, mask):
    """you ask with the first click. The latest one asks."""
    place = mask.to(torch.int64).argmax(1)
    found = states[torch.arange(len(place)), place]
    return {"last": found * mask.any(1)[:, None].to(states)}


@mistake
def by_count(states, mask):
    """you find the latest click by the number of clicks. Padding on the left, or in
    between, moves it."""
    place = (mask.sum(1) - 1).clamp(min=0)
    found = states[torch.arange(len(place)), place]
    return {"last": found * mask.any(1)[:, None].to(states)}


@mistake(seen_in="torch-rechub 0.9.0, in NARM", symptom="weights that sum to 1")
def softmax_over_the_clicks(states, mask, W_T, W_C, a):
    """your weights are shares: a softmax, which this read-out does not have. They may
    be negative and sum to anything."""
    scores = asked(states, latest(states, mask), W_T, W_C, a)
    scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
    return {"weights": scores.softmax(1) * mask.to(states)}


@mistake
def padding_counts(states, mask, W_T, W_C, a):
    """padding is summed, too: no mask on the weights."""
    return {"weights": asked(states, latest(states, mask), W_T, W_C, a)}


@mistake
def mask_before_the_sigmoid(states, mask, W_T, W_C, a):
    """you set the padding's states to 0 before the sum inside: its weight is not 0
    then, and what is summed is not either."""
    hidden = states.masked_fill(~mask[..., None], 0.0)
    return {"weights": asked(hidden, latest(states, mask), W_T, W_C, a)}


@mistake
def tanh_for_sigmoid(states, mask, W_T, W_C, a):
    """you bend by tanh. SR-GNN has the sigmoid here."""
    weights = asked(states, latest(states, mask), W_T, W_C, a, torch.tanh)
    return {"weights": weights * mask.to(states)}


@mistake
def nothing_bends(states, mask, W_T, W_C, a):
    """nothing bends the sum before it meets the vector: without the sigmoid
    the latest click adds the same to every weight."""
    weights = asked(states, latest(states, mask), W_T, W_C, a, lambda x: x)
    return {"weights": weights * mask.to(states)}


@mistake
def the_latest_does_not_ask(states, mask, W_T, W_C, a):
    """the weights do not know the latest click: its matrix is not used."""
    last = latest(states, mask)
    return {"weights": asked(states, 0 * last, W_T, W_C, a) * mask.to(states)}


@mistake
def matrices_exchanged(states, mask, W_T, W_C, a):
    """the two matrices are exchanged."""
    weights = asked(states, latest(states, mask), W_C, W_T, a)
    return {"weights": weights * mask.to(states)}


@mistake
def bent_after_the_vector(states, mask, W_T, W_C, a):
    """the sigmoid comes after the vector: every weight lies between 0 and 1
    then."""
    last = latest(states, mask)
    weights = asked(states, last, W_T, W_C, a, lambda x: x).sigmoid()
    return {"weights": weights * mask.to(states)}


@mistake(parts=lambda last, total: (total, last))
def parts_exchanged():
    """the two parts are exchanged: first comes the latest click, then the sum."""


@mistake
def mean_instead_of_sum(states, mask, W_T, W_C, a):
    """you divide the sum by the number of clicks. This read-out does not."""
    count = mask.sum(1).clamp(min=1)[:, None].to(states)
    return {"parts": lambda last, total: (last, total / count)}


@mistake
def latest_left_out_of_the_sum(states, mask, W_T, W_C, a):
    """the latest click is missing in the sum. It asks, and it is asked."""
    place = (mask * torch.arange(1, mask.shape[1] + 1)).argmax(1)
    others = mask & (torch.arange(mask.shape[1]) != place[:, None])
    weights = asked(states, latest(states, mask), W_T, W_C, a)
    return {"weights": weights * others.to(states)}


@mistake
def empty_reads_padding(states, mask):
    """only the empty session is wrong: it has no latest click, and gives zeros."""
    place = (mask * torch.arange(1, mask.shape[1] + 1)).argmax(1)
    return {"last": states[torch.arange(len(place)), place]}
