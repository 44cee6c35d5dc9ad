"""How long a session has been going, by the gap rule."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from seqviz.checks.exercise import Case, Exercise, Mistake


def reference(users: Tensor, hours: Tensor, gap: Tensor) -> Tensor:
    """``[V], [V], [] -> [V]``: hours since the session of each event began."""
    return hours - _begin(hours, _opens(users, hours, gap))


def cases(generator: Generator) -> Iterator[Case]:
    """One user, several, neighbors that touch in time, a gap of exactly the limit."""

    def draw(name: str, sizes: list[int], gap: float = 1.0) -> Case:
        """Hours are multiples of a quarter: every difference is exact."""
        users = torch.arange(len(sizes)).repeat_interleave(torch.tensor(sizes))
        steps = torch.randint(1, 9, (len(users),), generator=generator) / 4
        long = torch.rand(len(users), generator=generator) < 0.3
        steps = torch.where(long, steps + 3, steps.clamp(max=0.75))
        hours = steps.cumsum(0)
        for user in range(len(sizes)):
            hours[users == user] -= hours[users == user][0] - user / 4
        return Case(name, {"users": users, "hours": hours, "gap": torch.tensor(gap)})

    yield draw("one user", [9])
    yield draw("several users", [6, 1, 7])
    near = draw("a user who comes just after another", [3, 3])
    near.inputs["hours"][:] = torch.tensor([0.0, 0.5, 1.25, 1.5, 2.0, 2.25])
    yield near
    exact = draw("a gap of exactly the limit", [5])
    exact.inputs["hours"][:] = torch.tensor([0.0, 1.0, 1.5, 4.0, 5.0])
    yield exact
    lasting = draw("a session longer than the limit", [6])
    lasting.inputs["hours"][:] = torch.tensor([1.0, 1.5, 2.25, 3.0, 3.5, 6.0])
    yield lasting
    yield draw("another limit", [8, 5], gap=0.5)
    yield draw("one event", [1])
    many = draw("many users", [7] * 12)
    yield many
    yield many.cast(torch.float64)
    yield many.cast(torch.float16)


def _opens(users: Tensor, hours: Tensor, gap: Tensor) -> Tensor:
    return _new(users) | _late(hours, gap)


def _new(users: Tensor) -> Tensor:
    first = torch.ones(1, dtype=torch.bool)
    return torch.cat([first, users[1:] != users[:-1]])


def _late(hours: Tensor, gap: Tensor) -> Tensor:
    first = torch.ones(1, dtype=torch.bool)
    return torch.cat([first, hours.diff() > gap])


def _begin(hours: Tensor, opens: Tensor) -> Tensor:
    return hours[opens][opens.cumsum(0) - 1]


def _one_user(users: Tensor, hours: Tensor, gap: Tensor) -> Tensor:
    return hours - _begin(hours, _late(hours, gap))


def _at_least(users: Tensor, hours: Tensor, gap: Tensor) -> Tensor:
    first = torch.ones(1, dtype=torch.bool)
    late = torch.cat([first, hours.diff() >= gap])
    return hours - _begin(hours, _new(users) | late)


def _since_last(users: Tensor, hours: Tensor, gap: Tensor) -> Tensor:
    step = torch.cat([hours[:1] * 0, hours.diff()])
    return step.masked_fill(_opens(users, hours, gap), 0.0)


def _steps(users: Tensor, hours: Tensor, gap: Tensor) -> Tensor:
    step = torch.cat([hours[:1] * 0, hours.diff()])
    return step.masked_fill(_new(users), 0.0)


def _no_gap(users: Tensor, hours: Tensor, gap: Tensor) -> Tensor:
    return hours - _begin(hours, _new(users))


def _windows(users: Tensor, hours: Tensor, gap: Tensor) -> Tensor:
    new = _new(users)
    begin = hours.clone()
    for n in range(1, len(hours)):
        if not new[n] and hours[n] - begin[n - 1] <= gap:
            begin[n] = begin[n - 1]
    return hours - begin


def _numbers(users: Tensor, hours: Tensor, gap: Tensor) -> Tensor:
    return (_opens(users, hours, gap).cumsum(0) - 1).to(hours)


def _starts(users: Tensor, hours: Tensor, gap: Tensor) -> Tensor:
    return _begin(hours, _opens(users, hours, gap))


EXERCISE = Exercise(
    name="behavior-tensors/sessions",
    title="Hours since the session began",
    minutes=20,
    difficulty="core",
    inputs={"users": "V", "hours": "V", "gap": ""},
    output="V",
    reference=reference,
    cases=cases,
    dtype_of="hours",
    mistakes=(
        Mistake(
            "sessions-across-users",
            "two users share a session: the first event of a user always begins one, "
            "however soon after the last event of the user before her.",
            _one_user,
        ),
        Mistake(
            "gap-at-least",
            "a gap of exactly the limit ends a session in your version. Only a longer "
            "one does.",
            _at_least,
        ),
        Mistake(
            "since-the-event-before",
            "you return the time since the event before, not since the first event "
            "of the session.",
            _since_last,
            also=(_steps,),
        ),
        Mistake(
            "one-session-a-user",
            "you count from the first event of the user: no gap begins a new session.",
            _no_gap,
        ),
        Mistake(
            "limits-the-session",
            "you end a session when it has lasted longer than the limit. The limit is "
            "for the pause between two events that follow each other.",
            _windows,
        ),
        Mistake(
            "session-numbers",
            "you return the number of the session. That is the way; now take from "
            "each event's time the time at which its session begins.",
            _numbers,
        ),
        Mistake(
            "begin-of-the-session",
            "you return when the session began; wanted is the time passed since then.",
            _starts,
        ),
    ),
)
