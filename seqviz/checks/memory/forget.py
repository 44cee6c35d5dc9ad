"""Forget at the right moment: where a session begins, before its first click."""

import torch

from seqviz.checks.engine import Task, marks, mistake

TASK = Task(
    label="core, about 20 minutes",
    practice="resetting a state lane by lane",
    shapes="clicks [T, L, H], first [T, L], keep [] -> [T, L, H]",
    gradients=("clicks",),
    vary="sessions in three lanes",
)


def reference(clicks, first, keep, before=None, step=None):
    """``before(state, first, t)`` makes the state that a step starts from."""
    before = forget if before is None else before
    step = (lambda state, click: keep * state + click) if step is None else step
    state, states = torch.zeros_like(clicks[0]), []
    for t, click in enumerate(clicks):
        state = step(before(state, first, t), click)
        states.append(state)
    return torch.stack(states)


def forget(state, first, t):
    return torch.where(first[t, :, None], 0.0, state)


def cases():
    def draw(*lanes, keep=0.7, H=3):
        """A lane a row: x where a session begins."""
        first = marks(*lanes).T
        return torch.randn(*first.shape, H), first, keep

    yield "one session in each lane", *draw("x....", "x....", keep=0.5)
    yield "sessions in three lanes", *draw("x..x..", "x.x.x.", "x....x")
    yield "sessions that end together", *draw("x..x..", "x..x..")
    yield "a session of one step", *draw("xx..", "x.xx")
    yield "a long memory", *draw("x..x.", "x...x", "x.x..", keep=0.95)
    yield "one lane", *draw("x..x.x")
    yield "as many lanes as steps", *draw("x.x", "xx.", "x..")


@mistake(before=lambda state, first, t: state)
def never_forgets():
    """nothing is forgotten: a session begins with what the one before it left in the
    lane."""


@mistake(
    seen_in="KerasGRU4Rec, issue 1", symptom="a first click that meets the old session"
)
def forgets_a_step_too_late(clicks, first, keep):
    """you forget after the step at which a session begins. Its first click still meets
    the old session, and is then forgotten itself: forget before the step."""

    def late(state, first, t):
        return torch.where(first[t - 1, :, None], 0.0, state) if t else state

    return {"before": late}


@mistake
def forgets_a_step_too_early(first):
    """you forget a step too early: the last click of the old session begins with an
    empty memory."""
    ahead = torch.cat([first[1:], torch.zeros_like(first[:1])])
    return {"before": lambda state, _, t: forget(state, ahead, t)}


@mistake(symptom="a lane that forgets when another one begins")
def forgets_all_lanes():
    """where one lane begins a session, all lanes forget. Each forgets for itself."""

    def together(state, first, t):
        return torch.where(first[t].any(), 0.0, state)

    return {"before": together}


@mistake
def forgets_if_all_begin():
    """you forget only where all lanes begin a session at once. Each forgets for
    itself."""

    def together(state, first, t):
        return torch.where(first[t].all(), 0.0, state)

    return {"before": together}


@mistake
def first_click_lost(clicks, first):
    """the first click of a session is thrown away with the memory. Forget the state,
    not the click."""
    return {"clicks": clicks * ~first[..., None]}


@mistake(first=torch.logical_not)
def forgets_in_between():
    """you forget everywhere but where a session begins: the condition stands the other
    way round."""


@mistake(step=lambda state, click: state + click)
def nothing_fades():
    """nothing fades: the old state is multiplied by `keep` at every step."""


@mistake
def the_click_fades(keep):
    """the click fades at the moment when it comes. Only what was there before does."""
    yield {"step": lambda state, click: keep * (state + click)}
    yield {"step": lambda state, click: keep * state + (1 - keep) * click}


@mistake
def keep_and_click_exchanged(keep):
    """`keep` multiplies the click in the place of the old state."""
    return {"step": lambda state, click: state + keep * click}


@mistake
def clicks_alone(clicks):
    """you return the clicks themselves: nothing is remembered."""
    return clicks
