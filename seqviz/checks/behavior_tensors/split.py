"""80/20 without a leak: the last fifth of every user's events."""

import torch

from seqviz.checks.engine import Task, mistake

TASK = Task(
    label="project, about 35 minutes",
    practice="cutting each user's events by time",
    shapes="users [V], times [V] -> [V]",
)


def reference(users, times, held=lambda rank, size: rank >= size * 4 // 5):
    """1 for an event to be predicted, 0 for history."""
    order = times.argsort(stable=True)
    order = order[users[order].argsort(stable=True)]
    size = users.bincount()
    first = size.cumsum(0) - size
    rank = torch.empty_like(users)  # the place of each event in its user's order
    rank[order] = torch.arange(len(users)) - first[users[order]]
    return held(rank, size[users]).double()


def cases():
    def draw(*sizes, late=0.0, mix=True):
        users = torch.arange(len(sizes)).repeat_interleave(torch.tensor(sizes))
        times = torch.randperm(997)[: len(users)].sort().values
        if mix:
            times = times[torch.randperm(len(users))]
        times = times + (late * 1000 * users).long()
        order = torch.argsort(users * 100_000 + times)
        if mix:
            order = order[torch.randperm(len(users))]
        return users[order], times[order]

    yield "a table in order of user and time", *draw(10, 5, 15, mix=False)
    yield "users who share the clock", *draw(10, 10, 10)
    yield "users who come one after another", *draw(10, 5, 15, late=1.0)
    yield "a number of events that 5 does not divide", *draw(7, 4, 13, 6)
    yield "a user with one event", *draw(1, 5, 8)
    yield "one user", *draw(12)
    yield "many users", *draw(*(3 + n % 9 for n in range(30)))


@mistake(symptom="a history with events from after the cut")
def order_of_the_table(users):
    """you count in the order of the table. It need not be the order of time: then a
    user's history holds what comes after the events to be predicted."""
    return {"times": torch.arange(len(users))}


@mistake
def one_clock_for_all(times):
    """you hold back the newest fifth of the whole table. Some users then have nothing
    to predict and others no history: cut each user by herself."""
    yield last_fifth(times.argsort(stable=True))
    yield last_fifth(torch.arange(len(times)))


def last_fifth(order):
    held = torch.zeros(len(order), dtype=torch.float64)
    held[order[len(order) * 4 // 5 :]] = 1
    return held


@mistake(held=lambda rank, size: rank < size - size * 4 // 5)
@mistake(held=lambda rank, size: rank < size // 5)
def holds_back_the_oldest():
    """you hold back the oldest events, so the model predicts the past."""


@mistake(right=lambda right: 1 - right)
def marks_the_history():
    """you mark the history; 1 stands for the events to be predicted."""


@mistake(symptom="a history that is one event too long")
def history_rounded_up():
    """where 5 does not divide the number of events, the history is one event too long:
    80% is rounded down, so that something is left to predict."""
    yield {"held": lambda rank, size: rank >= size - size // 5}
    yield {"held": lambda rank, size: rank >= (size * 0.8).round()}


@mistake(held=lambda rank, size: rank == size - 1)
def last_event_only():
    """you hold back one event per user: leave-one-out, not the last fifth."""


@mistake
def whole_users(users):
    """you hold back all events of some users. Wanted is a part of every user's."""
    return (users >= (users.max() + 1) * 4 // 5).double()


@mistake
def fifth_of_the_time(users, times):
    """you cut a user's time at 80%, not her events: clicks come in bursts."""
    held = torch.zeros(len(users), dtype=torch.float64)
    for user in users.unique():
        own = users == user
        first, last = times[own].min(), times[own].max()
        held[own] = (times[own] > first + 0.8 * (last - first)).double()
    return held
