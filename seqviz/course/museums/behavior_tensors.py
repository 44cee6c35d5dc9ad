"""Tests of a split in time: of five one is right."""

import torch

from seqviz.course.museums.mistakes import rooms_of

TITLE = "Tests for a split without a leak"
TEXT = """\
Somebody hands you `split`, a function of a table of events, in any order: whose each
is, `users` `[V]`, numbers from 0, and when it was, `times` `[V]`, whole numbers, no two
of a user alike. It returns `[V]`, 1 for an event to be predicted and 0 for one of the
history. It should have five properties: the order of the rows changes nothing, nor do
the other users; of a user with n events the history has 4 n / 5, rounded down; no event
of it comes after one that is to be predicted; and only the order of a user's events
counts, not how long the pauses between them are.

Call `split` on tables that you make up. Return True if it has all five, else False. It
is a function of tensors, and you may not see its code.
"""
TAKES = "users [V], times [V] -> [V]"
VERSION = "split"


def versions(_):
    """Return the right one, and the room of those that hold back other events."""
    return rooms_of(
        "behavior-tensors/split",
        "order-of-the-table one-clock-for-all holds-back-the-oldest marks-the-history "
        "history-rounded-up last-event-only whole-users fifth-of-the-time",
        lambda split: lambda users, times: split(users.long(), times.long()),
    )


def solution(split):
    """Return whether it is the right one."""
    torch.manual_seed(0)
    users = torch.tensor([0] * 10 + [1] * 7)
    times = torch.cat([torch.arange(10) * 3, torch.arange(7) * 3 + 40])
    rows = torch.randperm(17)
    one, late = users == 0, times.clone()
    late[9] = 1000  # of the first user's pauses the last is long

    held = split(users, times)
    mixed = split(users[rows], times[rows])
    history, future = times[one & (held == 0)], times[one & (held == 1)]
    return (
        torch.equal(mixed, held[rows])
        and torch.equal(split(users[one], times[one]), held[one])
        and len(history) == 8
        and int((held[~one] == 0).sum()) == 5
        and bool(history.max() < future.min())
        and torch.equal(split(users, late), held)
    )
