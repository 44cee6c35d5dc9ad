"""Clicks to come in the session: by the published rules."""

import torch

from seqviz.checks.engine import Task, mistake

LIMIT = 10
TASK = Task(
    label="core, about 20 minutes",
    practice="sessions of limited length, without a loop",
    shapes="users [V], minutes [V], longest [] -> [V]",
    dtype_of="minutes",
    vary="many users",
)


def reference(users, minutes, longest, begins=None):
    begins = opening(users, minutes) if begins is None else begins
    return to_come(begins).remainder(longest).to(minutes)


def opening(users, minutes):
    return first_of_a_user(users) | pause(minutes)


def first_of_a_user(users):
    return torch.cat([torch.ones(1).bool(), users[1:] != users[:-1]])


def pause(minutes):
    return torch.cat([torch.ones(1).bool(), minutes.diff() >= LIMIT])


def to_come(begins):
    """How many events follow before the next begin: [V]."""
    number = begins.long().cumsum(0) - 1
    stops = torch.bincount(number).cumsum(0)
    return stops[number] - 1 - torch.arange(len(begins))


def so_far(begins):
    """How many events came since the last begin: [V]."""
    number = begins.long().cumsum(0) - 1
    counts = torch.bincount(number)
    return torch.arange(len(begins)) - (counts.cumsum(0) - counts)[number]


def cases():
    def draw(*sizes, longest=50, minutes=None):
        """Whole minutes, small enough for every float."""
        users = torch.arange(len(sizes)).repeat_interleave(torch.tensor(sizes))
        steps = torch.randint(1, 8, (len(users),))
        drawn = torch.where(torch.rand(len(users)) < 0.3, steps + 10, steps).cumsum(0)
        for user in range(len(sizes)):
            drawn[users == user] -= drawn[users == user][0] - user
        minutes = drawn if minutes is None else torch.tensor(minutes)
        return users, minutes.float(), longest

    yield "one user", *draw(9)
    yield "several users", *draw(6, 1, 7)
    touching = [0, 3, 5, 7, 8, 9]
    yield "a user who comes just after another", *draw(3, 3, minutes=touching)
    yield "a gap of exactly ten minutes", *draw(5, minutes=[0, 10, 19, 29, 38])
    lasting = [0, 8, 16, 24, 40, 44]
    yield "a session longer than ten minutes", *draw(6, minutes=lasting)
    long = draw(7, 5, longest=3, minutes=[*range(12)])
    yield "sessions that are too long", *long
    yield "of one click at most", *draw(4, longest=1)
    yield "one event", *draw(1)
    yield "many users", *draw(*[6] * 8, longest=4)


@mistake
def ten_minutes_stay(users, minutes):
    """a gap of exactly ten minutes stays in the session in your version. Only a shorter
    one does."""
    late = torch.cat([torch.ones(1).bool(), minutes.diff() > LIMIT])
    return {"begins": first_of_a_user(users) | late}


@mistake(symptom="a session that goes on into the next user")
def sessions_across_users(minutes):
    """two users share a session: the first event of a user always begins one."""
    return {"begins": pause(minutes)}


@mistake
def one_session_a_user(users):
    """no gap ends a session in your version: you count to the end of the user."""
    return {"begins": first_of_a_user(users)}


@mistake
def no_longest(users, minutes):
    """a session grows without end. It has at most `longest` events, the rest belongs
    to the session before."""
    return to_come(opening(users, minutes)).to(minutes)


@mistake
def cut_from_the_front(users, minutes, longest):
    """you fill sessions from the front. The latest `longest` events stay together; what
    came before is the session before."""
    begins = opening(users, minutes)
    return {"begins": begins | (so_far(begins) % longest == 0)}


@mistake
def capped_at_the_longest(users, minutes, longest):
    """you cut the number off at the longest. What is too much belongs to a session of
    its own, which counts anew."""
    yield to_come(opening(users, minutes)).clamp(max=longest - 1).to(minutes)
    yield to_come(opening(users, minutes)).clamp(max=longest).to(minutes)


@mistake(symptom="numbers that are all one too high", right=lambda right: right + 1)
def the_last_is_one():
    """you count the event itself: of the last one in a session nothing is to come."""


@mistake
def clicks_so_far(users, minutes, longest):
    """you count what came before in the session; wanted is what is still to come."""
    begins = opening(users, minutes)
    left = to_come(begins) % longest
    begins = begins | (left == longest - 1)
    return so_far(begins).to(minutes)


@mistake
def pause_after_instead_of_before(users, minutes):
    """a long gap makes the event before it the first of the new session. The gap lies
    before the event that begins one."""
    late = torch.cat([minutes.diff() >= LIMIT, torch.zeros(1).bool()])
    return {"begins": first_of_a_user(users) | late}


@mistake
def limits_the_session(users, minutes):
    """you end a session ten minutes after it began. The limit is for the pause between
    two events that follow each other."""
    new, began = first_of_a_user(users).clone(), minutes.clone()
    for n in range(1, len(minutes)):
        if not new[n] and minutes[n] - began[n - 1] < LIMIT:
            began[n] = began[n - 1]
        else:
            new[n] = True
    return {"begins": new}


@mistake
def session_numbers(users, minutes):
    """you return the number of the session. That is the way; now count, within each,
    what is still to come."""
    return (opening(users, minutes).cumsum(0) - 1).to(minutes)


@mistake(longest=lambda longest: longest + 1)
def one_too_many_in_a_session():
    """a session of your version holds one event more than `longest`."""
