"""The cut after ranking: the place of each candidate, 0 where it is cut."""

import torch

from seqviz.checks.engine import Task, marks, mistake

TASK = Task(
    label="core, about 15 minutes",
    practice="ranks by sorting",
    shapes="scores [B, C], mask [B, C] -> [B, C]",
    vary="equal scores",
    gradients=(),
)
M = 3


def reference(scores, mask, places=None, most=M):
    places = places_of(scores, mask) if places is None else places
    kept = (places <= most) & mask
    return torch.where(kept, places, 0).double()


def order_of(scores, mask):
    """Columns, best first; of equal scores the earlier one."""
    real = scores.masked_fill(~mask, -torch.inf)
    return real.argsort(dim=1, descending=True, stable=True)


def inverted(order):
    """The place, from 1, of each column."""
    place = torch.arange(1, order.shape[1] + 1).expand(order.shape)
    return torch.zeros_like(order).scatter(1, order, place)


def places_of(scores, mask):
    return inverted(order_of(scores, mask))


def cases():
    def case(*scores, rows=None):
        scores = torch.tensor(scores)
        return scores, torch.ones_like(scores).bool() if rows is None else marks(*rows)

    different = [0.2, 1.5, -0.3, 0.9, 0.4], [-2.0, -1.0, -4.0, -3.0, -0.5]
    yield "different scores", *case(*different)
    fewer = [0.2, -1.5, 0.3, 0.0, 0.0], [-0.7, -0.2, -0.1, -0.9, 0.0], [0.0] * 5
    rows = "xxx..", "xxxx.", "....."
    yield "users with fewer candidates", *case(*fewer, rows=rows)
    yield "as many candidates as are kept", *case([0.1, 0.3, 0.2], [2.0, 3.0, 1.0])
    equal = [0.5, 0.5, 0.5, 0.5, 0.9], [1.0, 0.0, 1.0, 0.0, 0.0], [2.0] * 5
    yield "equal scores", *case(*equal)
    yield "two candidates", *case([0.1, 0.3], [0.4, 0.2], rows=("xx", "x."))


@mistake
def worst_first(scores, mask):
    """the lowest score gets place 1."""
    real = scores.masked_fill(~mask, torch.inf)
    return {"places": inverted(real.argsort(dim=1, stable=True))}


@mistake
def places_from_zero(scores, mask):
    """the best candidate is told from a cut one by nothing: places begin at 1."""
    places = places_of(scores, mask) - 1
    kept = (places < M) & mask
    return torch.where(kept, places, 0).double()


@mistake
def empty_places_compete(scores, mask):
    """an empty place takes part with the number that stands there and pushes candidates
    out."""
    return {"places": places_of(scores, torch.ones_like(mask))}


@mistake
def empty_places_fill_up(scores, mask):
    """where fewer than three candidates are there, empty places take the rest. What is
    no candidate gets 0."""
    places = places_of(scores, mask)
    return torch.where(places <= M, places, 0).double()


@mistake
def the_later_of_equals(scores, mask):
    """of equal scores the later column wins. The order of retrieval decides: the
    earlier one does."""
    places = places_of(scores.flip(1), mask.flip(1)).flip(1)
    return {"places": places}


@mistake(symptom="more than three candidates that pass")
def equals_share_a_place(scores, mask):
    """equal scores share a place, so more than 3 candidates may pass."""
    real = scores.masked_fill(~mask, -torch.inf)
    return {"places": (real[:, None] > real[:, :, None]).sum(2) + 1}


@mistake(most=10**6)
def nothing_is_cut():
    """everything has a place: what comes after the third is cut and gets 0."""


@mistake(most=M - 1)
def one_too_few():
    """only two are kept: the third place passes, too."""


@mistake(symptom="the right places in the wrong columns")
def order_for_places(scores, mask):
    """this is which column stands at each place. Asked is at which place each column
    stands."""
    yield {"places": order_of(scores, mask) + 1}
    yield (scores.argsort(dim=1, descending=True, stable=True) + 1).double()


@mistake
def cut_before_ranking(scores, mask):
    """you keep the first three columns and rank them. All candidates are ranked, then
    cut."""
    first = torch.arange(scores.shape[1]) < M
    return {"places": places_of(scores, mask & first) + 10 * ~first}


@mistake
def kept_but_not_ranked(scores, mask):
    """the right ones are kept, but their places are those of retrieval."""
    kept = (places_of(scores, mask) <= M) & mask
    return (kept.cumsum(1) * kept).double()


@mistake(right=lambda right: (right > 0).double())
def marked_but_not_placed():
    """1 for what is kept and 0 for the rest: the places are missing."""
