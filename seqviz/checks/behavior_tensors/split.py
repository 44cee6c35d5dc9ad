"""The last fifth of every user's events, whatever the order of the table."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from seqviz.checks.exercise import Case, Exercise, Mistake


def reference(users: Tensor, times: Tensor) -> Tensor:
    """``[V], [V] -> [V]``: 1 for an event to be foretold, 0 for history."""
    rank, size = _rank(users, times)
    return (rank >= size * 4 // 5).double()


def cases(generator: Generator) -> Iterator[Case]:
    """Tables in order, shuffled, with users who come early, late, often or once."""

    def draw(name: str, sizes: list[int], late: float = 0.0, mix: bool = True) -> Case:
        users = torch.arange(len(sizes)).repeat_interleave(torch.tensor(sizes))
        times = torch.randperm(997, generator=generator)[: len(users)].sort().values
        if mix:
            order = torch.randperm(len(users), generator=generator)
            times = times[order]
        times = times + (late * 1000 * users).long()
        order = torch.argsort(users * 100_000 + times)
        users, times = users[order], times[order]
        if mix:
            order = torch.randperm(len(users), generator=generator)
            users, times = users[order], times[order]
        return Case(name, {"users": users, "times": times})

    yield draw("a table in order of user and time", [10, 5, 15], mix=False)
    yield draw("users who share the clock", [10, 10, 10])
    yield draw("users who come one after another", [10, 5, 15], late=1.0)
    yield draw("a number of events that 5 does not divide", [7, 4, 13, 6])
    yield draw("a user with one event", [1, 5, 8])
    yield draw("one user", [12])
    yield draw("many users", [3 + n % 9 for n in range(30)])


def _rank(users: Tensor, times: Tensor) -> tuple[Tensor, Tensor]:
    """The place of each event in its user's order of time, and how many she has."""
    order = times.argsort(stable=True)
    order = order[users[order].argsort(stable=True)]
    size = users.bincount()
    first = size.cumsum(0) - size
    rank = torch.empty_like(users)
    rank[order] = torch.arange(len(users)) - first[users[order]]
    return rank, size[users]


def _place(users: Tensor) -> tuple[Tensor, Tensor]:
    """The same in the order of the table."""
    return _rank(users, torch.arange(len(users)))


def _table_order(users: Tensor, times: Tensor) -> Tensor:
    rank, size = _place(users)
    return (rank >= size * 4 // 5).double()


def _one_clock(users: Tensor, times: Tensor) -> Tensor:
    return _tail(times.argsort(stable=True))


def _table_tail(users: Tensor, times: Tensor) -> Tensor:
    return _tail(torch.arange(len(users)))


def _tail(order: Tensor) -> Tensor:
    held = torch.zeros(len(order), dtype=torch.float64)
    held[order[len(order) * 4 // 5 :]] = 1
    return held


def _oldest(users: Tensor, times: Tensor) -> Tensor:
    rank, size = _rank(users, times)
    return (rank < size - size * 4 // 5).double()


def _oldest_fifth(users: Tensor, times: Tensor) -> Tensor:
    rank, size = _rank(users, times)
    return (rank < size // 5).double()


def _inverted(users: Tensor, times: Tensor) -> Tensor:
    return 1 - reference(users, times)


def _rounded_up(users: Tensor, times: Tensor) -> Tensor:
    rank, size = _rank(users, times)
    return (rank >= size - size // 5).double()


def _rounded(users: Tensor, times: Tensor) -> Tensor:
    rank, size = _rank(users, times)
    return (rank >= (size * 0.8).round()).double()


def _last_one(users: Tensor, times: Tensor) -> Tensor:
    rank, size = _rank(users, times)
    return (rank == size - 1).double()


def _whole_users(users: Tensor, times: Tensor) -> Tensor:
    return (users >= (users.max() + 1) * 4 // 5).double()


def _of_the_span(users: Tensor, times: Tensor) -> Tensor:
    held = torch.zeros(len(users), dtype=torch.float64)
    for user in users.unique():
        own = users == user
        first, last = times[own].min(), times[own].max()
        held[own] = (times[own] > first + 0.8 * (last - first)).double()
    return held


EXERCISE = Exercise(
    name="behavior-tensors/split",
    title="80/20 without a leak",
    minutes=35,
    difficulty="project",
    inputs={"users": "V", "times": "V"},
    output="V",
    reference=reference,
    cases=cases,
    mistakes=(
        Mistake(
            "order-of-the-table",
            "you count in the order of the table. It need not be the order of time: "
            "then a user's history holds what comes after the events to be foretold.",
            _table_order,
        ),
        Mistake(
            "one-clock-for-all",
            "you hold back the newest fifth of the whole table. Some users then have "
            "nothing to foretell and others no history: cut each user by herself.",
            _one_clock,
            also=(_table_tail,),
        ),
        Mistake(
            "holds-back-the-oldest",
            "you hold back the oldest events, so the model foretells the past.",
            _oldest,
            also=(_oldest_fifth,),
        ),
        Mistake(
            "marks-the-history",
            "you mark the history; 1 stands for the events to be foretold.",
            _inverted,
        ),
        Mistake(
            "history-rounded-up",
            "where 5 does not divide the number of events, the history is one event "
            "too long: 80% is rounded down, so that something is left to foretell.",
            _rounded_up,
            also=(_rounded,),
        ),
        Mistake(
            "last-event-only",
            "you hold back one event a user. That is leave-one-out; wanted is the "
            "last fifth.",
            _last_one,
        ),
        Mistake(
            "whole-users",
            "you hold back all events of some users. Wanted is a part of every user's.",
            _whole_users,
        ),
        Mistake(
            "fifth-of-the-time",
            "you cut a user's time at 80%; wanted is 80% of her events. Clicks come in "
            "bursts, so the two differ.",
            _of_the_span,
        ),
    ),
)
