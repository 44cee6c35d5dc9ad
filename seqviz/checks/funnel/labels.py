"""Labels for what retrieval shows: what a ranker may learn from."""

import torch

from seqviz.checks.engine import Task, mistake

TASK = Task(
    label="core, about 15 minutes",
    practice="labels that leave rows out",
    shapes="found [B, C], truths [B, R] -> [B, C]",
    vary="nothing true was found",
)


def reference(found, truths, hit=None, learned=None):
    hit = hits(found, truths) if hit is None else hit
    learned = learnable(found, hit) if learned is None else learned
    return torch.where(learned, hit.double(), -1.0)


def hits(found, truths):
    same = found[:, :, None] == truths[:, None]
    return same.any(2) & (found > 0)


def learnable(found, hit):
    return (found > 0) & hit.any(1, keepdim=True)


def cases():
    found = [[4, 9, 2, 7], [1, 3, 8, 6], [5, 2, 9, 1]]
    yield "every true item found", found, [[9, 0], [6, 0], [5, 0]]
    yield "several true items", found, [[9, 4, 7], [6, 1, 3], [2, 5, 9]]
    found = [[4, 9, 2, 7], [1, 3, 8, 6], [5, 2, 9, 7]]
    yield "some true items missed", found, [[8, 4, 0], [6, 7, 0], [2, 0, 0]]
    found = [[4, 9, 0, 0], [6, 0, 0, 0], [5, 2, 9, 0]]
    yield "empty places", found, [[9, 4, 0], [6, 1, 0], [2, 0, 0]]
    found = [[4, 9, 2, 0], [1, 3, 8, 6], [0, 0, 0, 0]]
    yield "nothing true was found", found, [[7, 1, 0], [6, 0, 0], [3, 2, 0]]


@mistake(symptom="a label where there was no candidate")
def empty_place_learned(found, truths):
    """an empty place becomes an item that was not clicked. It was never shown."""
    hit = hits(found, truths)
    return {"learned": hit.any(1, keepdim=True).expand(hit.shape)}


@mistake
def empty_place_clicked(found, truths):
    """0 stands in the truths and among the candidates; that is no click."""
    hit = (found[:, :, None] == truths[:, None]).any(2)
    return {"hit": hit, "learned": hit.any(1, keepdim=True).expand(hit.shape)}


@mistake(symptom="zeros for a user whose true items were missed")
def missed_users_learned(found):
    """where nothing true was found everything becomes a negative. Such a user teaches
    nothing about the order of her candidates: leave her out."""
    return {"learned": found > 0}


@mistake
def only_the_first_truth(found, truths):
    """only the first of the true items counts; the others become negatives."""
    return {"hit": hits(found, truths[:, :1])}


@mistake
def only_the_first_hit(found, truths):
    """only the first true candidate is clicked; the others become negatives."""
    hit = hits(found, truths)
    return {"hit": hit & (hit.cumsum(1) == 1)}


@mistake
def true_for_somebody(found, truths):
    """an item counts as clicked if anybody of the batch clicked it. Each row has its
    own true items."""
    same = found[:, :, None] == truths.flatten()
    return {"hit": same.any(2) & (found > 0)}


@mistake
def all_must_be_found(found, truths):
    """you leave a user out as soon as one of her true items was missed. One that was
    found is enough to learn from."""
    hit = hits(found, truths)
    all_found = hit.sum(1) == (truths > 0).sum(1)
    return {"learned": learnable(found, hit) & all_found[:, None]}


@mistake
def the_target_is_put_in(found, truths):
    """the first true item takes the place of the last candidate where nothing true was
    found. Retrieval did not show it: the ranker learns a task that it never gets."""
    lost = ~hits(found, truths).any(1)
    last = torch.where(lost, truths[:, 0], found[:, -1])
    shown = torch.cat([found[:, :-1], last[:, None]], 1)
    hit = hits(shown, truths)
    return {"hit": hit, "learned": learnable(shown, hit)}


@mistake
def turned_around(found, truths, right):
    """1 and 0 are exchanged: 1 stands for a click."""
    return torch.where(right < 0, -1.0, 1 - right)


@mistake(right=lambda right: right.clamp(min=0))
def zero_for_left_out():
    """what is left out gets 0, like an item that was not clicked: it gets -1."""
