"""Hours since the session began: sessions by the gap rule."""

import torch

from seqviz.checks.engine import Task, mistake

TASK = Task(
    label="core, about 20 minutes",
    practice="groups in a sorted table, without a loop",
    shapes="users [V], hours [V], gap [] -> [V]",
    dtype_of="hours",
    vary="many users",
)


def first_of_a_user(users):
    return torch.cat([torch.ones(1).bool(), users[1:] != users[:-1]])


def after_a_pause(hours, gap, longer=torch.gt):
    return torch.cat([torch.ones(1).bool(), longer(hours.diff(), gap)])


def opening(users, hours, gap, longer=torch.gt):
    return first_of_a_user(users) | after_a_pause(hours, gap, longer)


def reference(users, hours, gap, opening=opening):
    opens = opening(users, hours, gap)
    return hours - hours[opens][opens.cumsum(0) - 1]


def cases():
    def draw(*sizes, gap=1.0, hours=None):
        """Hours are multiples of a quarter: every difference is exact."""
        users = torch.arange(len(sizes)).repeat_interleave(torch.tensor(sizes))
        steps = torch.randint(1, 9, (len(users),)) / 4
        long = torch.rand(len(users)) < 0.3
        drawn = torch.where(long, steps + 3, steps.clamp(max=0.75)).cumsum(0)
        for user in range(len(sizes)):
            drawn[users == user] -= drawn[users == user][0] - user / 4
        return users, drawn if hours is None else hours, gap

    yield "one user", *draw(9)
    yield "several users", *draw(6, 1, 7)
    touching = [0.0, 0.5, 1.25, 1.5, 2.0, 2.25]
    yield "a user who comes just after another", *draw(3, 3, hours=touching)
    yield "a gap of exactly the limit", *draw(5, hours=[0.0, 1.0, 1.5, 4.0, 5.0])
    lasting = [1.0, 1.5, 2.25, 3.0, 3.5, 6.0]
    yield "a session longer than the limit", *draw(6, hours=lasting)
    yield "another limit", *draw(8, 5, gap=0.5)
    yield "one event", *draw(1)
    yield "many users", *draw(*[7] * 12)


@mistake(
    symptom="hours at the first click of a user",
    opening=lambda users, hours, gap: after_a_pause(hours, gap),
)
def sessions_across_users():
    """two users share a session: the first event of a user always begins one, however
    soon after the last event of the user before her."""


@mistake
def latest_begin_of_all_users(users, hours, gap):
    """you carry the largest begin so far through the whole table. The clock starts anew
    with each user: one whose hours are earlier gets the begin of the user before her.
    Carry the place of the begin, which only grows."""
    opens = opening(users, hours, gap)
    yield hours - hours.masked_fill(~opens, -torch.inf).cummax(0).values
    yield hours - (hours * opens).cummax(0).values


@mistake(opening=lambda *given: opening(*given, longer=torch.ge))
def gap_at_least():
    """a gap of exactly the limit ends a session for you. Only a longer one does."""


@mistake(symptom="numbers that do not grow within a session")
def since_the_event_before(users, hours, gap):
    """you return the time since the event before, not since the session's first."""
    opens = opening(users, hours, gap)
    yield steps(hours).masked_fill(opens, 0.0)
    yield steps(hours).masked_fill(first_of_a_user(users), 0.0)


def steps(hours):
    return torch.cat([hours[:1] * 0, hours.diff()])


@mistake(opening=lambda users, hours, gap: first_of_a_user(users))
def one_session_a_user():
    """you count from the first event of the user: no gap begins a new session."""


@mistake
def limits_the_session(users, hours, gap):
    """you end a session when it has lasted longer than the limit. The limit is for the
    pause between two events that follow each other."""
    new, begin = first_of_a_user(users), hours.clone()
    for n in range(1, len(hours)):
        if not new[n] and hours[n] - begin[n - 1] <= gap:
            begin[n] = begin[n - 1]
    return hours - begin


@mistake
def session_numbers(users, hours, gap):
    """you return the number of the session. That is the way; now take from each event's
    time the time at which its session begins."""
    opens = opening(users, hours, gap)
    return (opens.cumsum(0) - 1).to(hours)


@mistake
def begin_of_the_session(hours, right):
    """you return when the session began; wanted is the time passed since then."""
    return hours - right
