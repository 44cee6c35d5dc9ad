"""Find the leak: what a training set knows about the future of each question."""

import torch

from seqviz.checks.engine import Task, mistake

TASK = Task(
    label="project, about 35 minutes",
    practice="comparing rows with questions by time",
    shapes="users [V], times [V], asked [B], moments [B] -> [B]",
)


def reference(users, times, asked, moments, late=None, hers=None, codes=(1, 2)):
    """0 for no leak, 1 for the clock, 2 for the person."""
    late = times >= moments[:, None] if late is None else late  # [B, V]
    hers = users == asked[:, None] if hers is None else hers  # [B, V]
    clock, person = late.any(1), (late & hers).any(1)
    return torch.where(person, codes[1], torch.where(clock, codes[0], 0)).double()


def cases():
    def draw(V, B, begin, end, people=6, questions=8):
        """Training rows of the days 0 to 50, questions of the days begin to end."""
        users, times = torch.randint(0, people, (V,)), torch.randint(0, 50, (V,))
        asked = torch.randint(0, questions, (B,))
        return users, times, asked, torch.randint(begin, end, (B,))

    users, times, asked, moments = draw(14, 9, 20, 50)
    moments[:2] = torch.tensor([60, 25])
    asked[2], moments[2] = 7, 20
    times[0], times[-1] = 49, 3
    users[0] = 0
    asked[3], moments[3] = 0, 30
    mixed = users, times, asked, moments
    yield "questions in the midst of the training rows", *mixed
    yield "questions after all training rows", *draw(12, 7, 51, 60)
    strangers = draw(12, 8, 10, 48, questions=6)
    yield "people who are not in the training rows", *strangers
    users, times, asked, moments = draw(15, 8, 10, 48)
    yield "people of two kinds", users, times, asked + 100, moments
    users, times, *_ = draw(11, 3, 49, 50)
    times.clamp_(max=48)
    times[4], users[4] = 60, 3
    touching = users, times, [3, 1, 9], [60, 60, 61]
    yield "a training row of the very second", *touching
    yield "many questions", *draw(90, 60, 0, 70, people=30, questions=40)


@mistake(symptom="no leak for a row of the very moment of the question")
def the_very_second_is_the_past(times, moments):
    """a training row of the very second of the question counts as the past. At that
    moment the question is being answered: what happens then is the truth, so it has to
    lie strictly before."""
    return {"late": times > moments[:, None]}


@mistake
def one_moment_for_all(times, moments):
    """you compare with one moment for all questions. Each has its own: a row may be the
    past of one and the future of another."""
    for moment in (moments.min(), moments.max()):
        yield {"late": (times >= moment).expand(len(moments), -1)}


@mistake(symptom="a leak for rows from before the question")
def anything_of_hers(users, times, asked, moments):
    """any training row of the same user counts as a leak. What she did before the
    moment is her history, and anybody may know it."""
    late, hers = times >= moments[:, None], users == asked[:, None]
    return torch.where(hers.any(1), 2, torch.where(late.any(1), 1, 0)).double()


@mistake
def a_future_and_a_user(users, times, asked, moments):
    """somebody's row lies in the future and some row is of the same user, but not the
    same row. The person leaks only where one row is both."""
    late, hers = times >= moments[:, None], users == asked[:, None]
    both = late.any(1) & hers.any(1)
    return torch.where(both, 2, torch.where(late.any(1), 1, 0)).double()


@mistake
def the_person_alone(users, times, asked, moments):
    """you look for rows of the same user only. Other people's rows from after the
    moment leak as well: that is the clock."""
    late, hers = times >= moments[:, None], users == asked[:, None]
    return 2.0 * (late & hers).any(1)


@mistake(codes=(1, 1))
def the_clock_alone():
    """you do not tell the person from the clock: where a row from after the moment is
    of the very user who is asked, the answer is 2."""


@mistake(codes=(2, 1))
def codes_exchanged():
    """the numbers are exchanged: 1 is the clock, 2 is the person."""


@mistake
def clock_before_person(users, times, asked, moments):
    """where both leak, you say the clock. A row of her own from the future is the worse
    leak: say 2."""
    late, hers = times >= moments[:, None], users == asked[:, None]
    other = (late & ~hers).any(1)
    return torch.where(other, 1, torch.where((late & hers).any(1), 2, 0)).double()


@mistake
def the_past_is_the_leak(times, moments):
    """you look at the rows from before the moment. They are what may be known; the leak
    is what lies at or after it."""
    return {"late": times < moments[:, None]}


@mistake
def the_last_row_of_the_table(users, times, asked, moments):
    """you look at the last row of the table, which need not be the latest. Any row may
    lie after the moment."""
    late = times[-1:] >= moments[:, None]
    hers = users[-1:] == asked[:, None]
    return {"late": late, "hers": hers}
