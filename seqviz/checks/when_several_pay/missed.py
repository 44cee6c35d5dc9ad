"""What is missed: items that the person had before, and items new to her."""

import torch

from seqviz.checks.engine import Task, mistake, rule

TASK = Task(
    label="core, about 15 minutes",
    practice="a share in two parts, user by user",
    shapes="found [B, R], truths [B, R], item_ids [B, T] -> [2]",
)


def reference(found, truths, item_ids, real=None, had=None, total=None):
    real = truths > 0 if real is None else real
    if had is None:
        had = (truths[:, :, None] == item_ids[:, None]).any(2)
    missed = real & ~found
    total = real.sum(1) if total is None else total
    parts = [(missed & kind).sum(1) / total for kind in (had, ~had)]
    return torch.stack(parts).mean(1)


def cases():
    def draw(B, T, R, items=9):
        truths = torch.stack([torch.randperm(items)[:R] + 1 for _ in range(B)])
        short = torch.randint(1, R + 1, (B, 1))
        short[0] = R
        truths = truths.masked_fill(torch.arange(R) >= short, 0)
        item_ids = torch.randint(1, items + 1, (B, T))
        late = torch.randint(0, T, (B, 1))
        late[0] = T - 2
        item_ids = item_ids.masked_fill(torch.arange(T) < late, 0)
        # the first user: one repeat found, one missed, one new item missed
        truths[0, :3] = torch.tensor([3, 5, 7])
        item_ids[0, -2:] = torch.tensor([3, 5])
        found = (torch.rand(B, R) < 0.4) & (truths > 0)
        found[0, :3] = torch.tensor([True, False, False])
        return found, truths, item_ids

    yield "truths and histories with padding", *draw(7, 6, 4)
    yield "many users", *draw(40, 12, 5, items=30)
    yield "two users", *draw(2, 4, 3)


@mistake(found=torch.logical_not)
def found_instead():
    """your numbers are what the list finds. Here the rest is asked for: the true items
    that are not in it."""


@mistake(symptom="numbers that change with the padding of `truths`")
def padding_is_missed(truths):
    """the padding of `truths` counts as missed items. Where a row has fewer true items,
    the rest is 0 and was never asked for."""
    return {"real": torch.ones_like(truths, dtype=torch.bool)}


@mistake(symptom="two parts that add up to more than is missed")
def a_denominator_for_each_part(found, truths, item_ids):
    """each of your parts is divided by the true items of its own kind. Here both are
    divided by all true items of the user, so that with her recall they add up to 1."""
    had = (truths[:, :, None] == item_ids[:, None]).any(2)
    parts = []
    for kind in (had, ~had):
        kind = kind & (truths > 0)
        some = kind.any(1)
        parts.append(((kind & ~found).sum(1)[some] / kind.sum(1)[some]).mean())
    return torch.stack(parts)


@mistake
def all_users_in_one_pool(found, truths):
    """you pool the true items of all users, so whoever has ten counts ten times. Take
    the share of each user first, then the mean."""
    total = (truths > 0).sum().float() / len(truths)
    return {"total": total.expand(len(truths))}


@mistake(right=lambda right: right.flip(0))
def the_other_way_round():
    """your two numbers are exchanged: first what she had before, then what is new to
    her."""


@mistake
def only_the_last_click(truths, item_ids):
    """you compare with the last click only. A repeat is an item from anywhere in the
    history."""
    return {"had": truths == item_ids[:, -1:]}


@mistake
def divided_by_the_list(truths):
    """you divide by the places of a row, padding included. Divide by the true items
    that the user has."""
    return {"total": torch.full((len(truths),), float(truths.shape[1]))}


@mistake
def all_misses_twice(found, truths, right):
    """your second number is all that is missed. It should leave out what the history
    holds."""
    return torch.stack([right[0], right.sum()])


@rule
def shares(result):
    """the two parts are shares of all true items: together at most 1."""
    return not ((result >= 0).all() and result.sum() <= 1 + 1e-6)
