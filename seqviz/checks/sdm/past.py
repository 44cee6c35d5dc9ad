"""The past without the present: a week before the session, without it."""

import torch

from seqviz.checks.engine import Task, mistake

WEEK = 7
TASK = Task(
    label="core, about 20 minutes",
    practice="a window of time without a leak",
    shapes="days [B, T], session [B, T], mask [B, T] -> [B, T]",
    dtype_of="days",
    vary="padded histories",
)


def reference(days, session, mask, present=None, began=None):
    """``present``: what is in the current session; ``began``: its first day [B]."""
    present = current(session, mask) if present is None else present
    began = first_day(days, present) if began is None else began
    recent = days >= began[:, None] - WEEK
    return (mask & ~present & recent).to(days)


def current(session, mask):
    number = session.masked_fill(~mask, -1).amax(1, keepdim=True)
    return mask & (session == number)


def first_day(days, present):
    return days.masked_fill(~present, torch.finfo(days.dtype).max).amin(1)


def last_day(days, mask):
    return days.masked_fill(~mask, torch.finfo(days.dtype).min).amax(1)


def cases():
    def clicks(*rows):
        """Rows of (day, session), oldest first; none is padding."""
        days = torch.tensor([[float(day) for day, _ in row] for row in rows])
        session = [[number for _, number in row] for row in rows]
        return days, session, torch.ones_like(days).bool()

    def draw(B, T, real=1.0, last=True):
        steps = torch.randint(0, 12, (B, T)) / 4
        new = torch.rand(B, T) < 0.5
        days = torch.where(new, steps + 1, 0.25).cumsum(1)
        mask = torch.rand(B, T) < real
        mask[:, -1 if last else 1] = True
        if not last:
            mask[:, -2:] = False
        # what stands at padding means nothing
        session = torch.where(mask, new.long().cumsum(1), 99)
        return torch.where(mask, days, 1000.0), session, mask

    yield "full histories", *draw(2, 6)
    yield "padded histories", *draw(6, 8, real=0.6)
    yield "padding at the end", *draw(5, 8, real=0.7, last=False)
    days, session, mask = draw(5, 8, real=0.6)
    number = session.masked_fill(~mask, -1).amax(1, keepdim=True)
    days, session = days.where(mask, -1000.0), session.where(mask, number)
    yield "padding with the number of the session", days, session, mask
    week = [(0, 0), (1, 1), (3, 2), (8, 3), (8.25, 3)]
    other = [(1, 0), (1, 0), (1, 0), (8, 1), (9, 1)]
    yield "clicks of exactly a week before", *clicks(week, other)
    long = [(0, 0), (2, 1), (4, 2), (8, 3), (10, 3), (12, 3)]
    other = [(3, 0), (4, 0), (5, 1), (11, 2), (12, 2), (13, 2)]
    yield "a session over several days", *clicks(long, other)
    only = [(3, 5), (3.25, 5)], [(1, 2), (1.5, 2)]
    yield "nothing but the session", *clicks(*only)
    yield "long histories", *draw(4, 24, real=0.8)


@mistake(symptom="clicks of the current session")
def leaks_the_session(days, session, mask):
    """clicks of the current session count as past. The model then reads them twice, and
    in training the answer may be among them."""
    began = first_day(days, current(session, mask))
    return {"present": torch.zeros_like(mask), "began": began}


@mistake
def only_the_latest_click_left_out(days, session, mask):
    """only the latest click is left out. The whole session that it belongs to has to
    go."""
    began = first_day(days, current(session, mask))
    place = (mask * torch.arange(1, mask.shape[1] + 1)).argmax(1)
    latest = torch.zeros_like(mask).scatter(1, place[:, None], True)
    return {"present": latest, "began": began}


@mistake(symptom="a wrong row where padding stands at the end")
def session_of_the_last_column(days, session, mask):
    """you take the session in the last column for the current one. Where a history is
    padded at the end, that column is padding."""
    return {"present": mask & (session == session[:, -1:])}


@mistake
def largest_number_of_all(days, session, mask):
    """you take the largest session number of the row for the current one, padding
    included. What stands at padding means nothing."""
    return {"present": mask & (session == session.amax(1, keepdim=True))}


@mistake
def padding_begins_the_session(days, session, mask):
    """padding that bears the number of the session counts as a click of it, and the
    session begins on the padding's day. What stands at padding means nothing."""
    number = session.masked_fill(~mask, -1).amax(1, keepdim=True)
    return {"began": first_day(days, session == number)}


@mistake
def a_week_before_the_latest_click(days, session, mask):
    """your week ends at the latest click. It ends where the session begins: a session
    may last for days."""
    return {"began": last_day(days, mask)}


@mistake
def exactly_a_week_left_out(days, session, mask):
    """a click of exactly seven days before the session is left out. It belongs to the
    week."""
    present = current(session, mask)
    recent = days > first_day(days, present)[:, None] - WEEK
    return (mask & ~present & recent).to(days)


@mistake
def the_whole_past(session, mask, days):
    """you take all that came before the session. The long-term history are its last
    seven days."""
    return (mask & ~current(session, mask)).to(days)


@mistake
def older_than_a_week(days, session, mask):
    """you keep what is older than a week. Wanted is what is not."""
    present = current(session, mask)
    old = days < first_day(days, present)[:, None] - WEEK
    return (mask & ~present & old).to(days)


@mistake
def padding_is_past(days, session, mask):
    """padding counts as past."""
    present = current(session, mask)
    recent = days >= first_day(days, present)[:, None] - WEEK
    return (~present & recent).to(days)


@mistake
def only_the_session_before(days, session, mask):
    """you take one session, the one just before. All of the last seven days count,
    however many sessions they hold."""
    present = current(session, mask)
    earlier = mask & ~present
    number = session.masked_fill(~earlier, -1).amax(1, keepdim=True)
    recent = days >= first_day(days, present)[:, None] - WEEK
    return (earlier & (session == number) & recent).to(days)


@mistake
def the_session_itself(days, session, mask):
    """you return the current session: wanted is what came before it."""
    return current(session, mask).to(days)


@mistake
def days_of_the_padding(days, session, mask):
    """your session begins at the day in the last column, which may be padding, and is
    its last click at best. Look for the first among the clicks of the session."""
    return {"began": days[:, -1]}
