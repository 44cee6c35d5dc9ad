"""Recall when scores are equal: it neither gains nor loses."""

import torch

from seqviz.checks.engine import Task, mistake, rule

TASK = Task(
    label="core, about 25 minutes",
    practice="an expected value over ranks that tie",
    shapes="scores [B, N], relevant [B, N], n [] -> [B]",
    vary="scores of a few values",
    gradients=(),
)


def reference(scores, relevant, n, chance=None):
    above, tied = counts(scores)
    if chance is None:
        chance = ((n - above) / tied).clamp(0, 1)
    return (chance * relevant).sum(1) / relevant.sum(1)


def counts(scores):
    """How many items score higher, and how many as high, itself included: [B, N]."""
    other, own = scores[:, None], scores[:, :, None]
    return (other > own).sum(2), (other == own).sum(2)


def cases():
    def draw(B, N, n, values=None):
        scores = torch.randn(B, N)
        if values:
            scores = torch.randint(0, values, (B, N)).to(scores)
        relevant = torch.rand(B, N) < 0.3
        relevant[torch.arange(B), torch.randint(0, N, (B,))] = True
        relevant[0] = torch.arange(N) % 3 == 1  # some inside, some outside
        return scores, relevant, n

    yield "scores that all differ", *draw(5, 12, 4)
    yield "scores of a few values", *draw(6, 15, 5, values=4)
    yield "one score for everything", *draw(4, 10, 3, values=1)
    yield "counts, most of them 0", *draw(8, 20, 6, values=2)
    yield "a list of one", *draw(5, 9, 1, values=3)
    yield "a list of all items", *draw(3, 7, 7, values=3)


@mistake(
    seen_in="rank = 1 + how many score higher",
    symptom="a perfect recall for a model that ties everything",
)
def ties_won(scores, n):
    """a true item takes the best place among its equals: a model that says the same of
    everything then has a perfect recall. In a random order it has its share of the
    places only."""
    above, _ = counts(scores)
    return {"chance": (above < n).double()}


@mistake
def ties_lost(scores, n):
    """a true item takes the worst place among its equals. In a random order it has its
    share of the places."""
    above, tied = counts(scores)
    return {"chance": (above + tied <= n).double()}


@mistake(symptom="another recall when the columns change places")
def ties_by_place(scores, n):
    """equal scores keep the order in which the items stand: your recall depends on how
    the catalog is numbered. Take the mean over all orders."""
    for way in (1, -1):
        order = (way * torch.arange(scores.shape[1])).argsort()
        first = scores[:, order].argsort(dim=1, descending=True, stable=True)
        rank = order[first].argsort(dim=1)
        yield {"chance": (rank < n).double()}
    best = scores.topk(int(n)).indices  # among equals any, as torch happens to do it
    yield {"chance": torch.zeros_like(scores, dtype=torch.double).scatter(1, best, 1)}


@mistake
def middle_rank(scores, n):
    """each of the equals takes their middle place, and is in the list or not. Wanted is
    the share of orders in which it is in."""
    above, tied = counts(scores)
    yield {"chance": (above + (tied + 1) / 2 <= n).double()}
    yield {"chance": (above + (tied - 1) / 2 < n).double()}


@mistake
def one_half_for_a_tie(scores, n):
    """whoever is tied at the end of the list counts one half. How many places are left,
    and for how many equals?"""
    above, tied = counts(scores)
    split = (above < n) & (above + tied > n)
    return {"chance": (above + tied <= n).double() + 0.5 * split}


@mistake
def whole_list_shared(scores, n):
    """you share out all places of the list among the equals. Those who score higher
    have taken some of them."""
    above, tied = counts(scores)
    chance = (n / tied).clamp(max=1)
    return {"chance": torch.where(above < n, chance, 0.0)}


@mistake
def not_clamped(scores, n):
    """your chance leaves 0 to 1: where more places are left than there are equals, each
    is in for certain, and where none is left, none is."""
    above, tied = counts(scores)
    yield {"chance": (n - above) / tied}
    yield {"chance": ((n - above) / tied).clamp(min=0)}
    yield {"chance": ((n - above) / tied).clamp(max=1)}


@mistake
def divided_by_the_list(scores, relevant, n, right):
    """you divide by the places of the list; that is precision. Recall divides by the
    true items."""
    yield right * relevant.sum(1) / n
    yield right * relevant.sum(1) / relevant.sum(1).clamp(max=int(n))


@rule
def between_0_and_1(result):
    """a recall lies between 0 and 1; yours does not."""
    return not ((result >= 0) & (result <= 1 + 1e-6)).all()
