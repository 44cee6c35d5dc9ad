"""One recall in two parts: what a user had before, and what is new to her."""

import torch

from seqviz.checks.engine import Task, mistake, rule

TASK = Task(
    label="warm-up, about 15 minutes",
    practice="a metric in parts, user by user",
    shapes="found [B, R], truths [B, R], item_ids [B, T] -> [2]",
)


def reference(found, truths, item_ids, real=None, repeated=None, mean=None):
    real = truths > 0 if real is None else real
    if repeated is None:
        repeated = (truths[:, :, None] == item_ids[:, None]).any(2)
    mean = mean or over_users
    return torch.stack([mean(found, real & repeated), mean(found, real & ~repeated)])


def over_users(found, kind):
    """The mean of the users who have a truth of this kind."""
    some = kind.any(1)
    return ((found & kind).sum(1)[some] / kind.sum(1)[some]).mean()


def cases():
    def draw(B, T, R, items=9, full=False):
        truths = torch.stack([torch.randperm(items)[:R] + 1 for _ in range(B)])
        item_ids = torch.randint(1, items + 1, (B, T))
        if not full:
            short = torch.randint(1, R + 1, (B, 1))
            short[:2] = torch.tensor([[R], [1]])
            truths = truths.masked_fill(torch.arange(R) >= short, 0)
            late = torch.randint(0, T, (B, 1))
            late[0] = T - 2
            item_ids = item_ids.masked_fill(torch.arange(T) < late, 0)
        # Both kinds occur, some of each are found, and one user has no repeat.
        item_ids[0, -1], truths[0, 0] = 3, 3
        truths[0, 1:][truths[0, 1:] == 3] = 5
        item_ids[0][item_ids[0] == truths[0, 1]] = 3
        item_ids[1] = item_ids[1].masked_fill(item_ids[1] == truths[1, 0], 0)
        found = (torch.rand(B, R) < 0.5) & (truths > 0)
        found[0, :2] = torch.tensor([True, False])
        found[1, 0] = True
        return found, truths, item_ids

    yield "full histories", *draw(6, 5, 3, full=True)
    yield "truths and histories with padding", *draw(7, 6, 4)
    yield "many users", *draw(40, 12, 5, items=30)
    yield "two users", *draw(2, 4, 3)


@mistake(symptom="numbers that change with the padding of `truths`")
def padding_is_a_truth(truths):
    """the padding of `truths` counts as a true item. Where a row has fewer true items
    than there are places, the rest is 0 and belongs to neither part."""
    return {"real": torch.ones_like(truths, dtype=torch.bool)}


@mistake(symptom="two parts that add up to the recall")
def parts_of_the_whole(found, truths, item_ids):
    """you divide by all true items of the user, so your two numbers add up to her
    recall. Each part has its own denominator: how many true items of that kind there
    are."""
    total = (truths > 0).sum(1)

    def share(found, kind):
        return ((found & kind).sum(1) / total).mean()

    return {"mean": share}


@mistake
def users_without_such_a_truth_count_zero():
    """a user without a true item of the kind counts as 0. Nothing was asked of the
    list there, so she is left out of that mean."""

    def mean(found, kind):
        return ((found & kind).sum(1) / kind.sum(1).clamp(min=1)).mean()

    return {"mean": mean}


@mistake
def all_truths_in_one_pool():
    """you pool the true items of all users: whoever has ten of them counts ten times.
    Take the recall of each user first, then the mean."""

    def mean(found, kind):
        return (found & kind).sum() / kind.sum()

    return {"mean": mean}


@mistake
def only_the_last_click(truths, item_ids):
    """you compare with the last click only. A repeat is an item from anywhere in the
    history."""
    return {"repeated": truths == item_ids[:, -1:]}


@mistake
def place_by_place(truths, item_ids):
    """you compare place with place: the first true item with the first click. Each true
    item has to be sought in the whole history."""
    size = max(truths.shape[1], item_ids.shape[1])
    there = torch.zeros(len(truths), size, dtype=item_ids.dtype)
    there[:, : item_ids.shape[1]] = item_ids
    return {"repeated": truths == there[:, : truths.shape[1]]}


@mistake(right=lambda right: right.flip(0))
def the_other_way_round():
    """your two numbers are exchanged: first the part that the history holds, then the
    part that is new to her."""


@mistake
def new_is_everything(found, truths, right):
    """your second number is the recall over all true items. It should leave out those
    that the history holds."""
    return torch.stack([right[0], over_users(found, truths > 0)])


@rule
def finite(result):
    """a part is NaN: somebody has no true item of that kind. Leave her out of that
    mean."""
    return not result.isfinite().all()


@rule
def between_0_and_1(result):
    """a recall lies between 0 and 1; yours does not."""
    return ((result < 0) | (result > 1)).any()
