"""The visits before."""

import torch

from seqviz.checks.engine import Task, mistake, softmaxes
from seqviz.checks.self_attention import session as book
from seqviz.checks.self_attention.session import (  # noqa: F401
    any_pair,
    cases,
    mask_after_the_softmax,
    no_scale,
    softmax_over_the_queries,
)

OF = "self-attention/session"
TASK = Task(
    label="core, about 15 minutes",
    practice=book.TASK.practice,
    shapes=book.TASK.shapes,
    vary=book.TASK.vary,
)
TEXT = """
A click may read the clicks of *earlier visits*, and none of its own visit, itself
neither. The visits of a history are numbered as they come. Given `behaviors`
`[B, T, E]`, `mask` `[B, T]` and the numbers of the visits `session` `[B, T]` (under
padding they may be anything), return what the behaviors read in the bare form,
`[B, T, E]`: inner products divided by the root of E, a softmax, the sum. Zeros at
padding, and for a click of the first visit.
"""


def reference(behaviors, mask, session, time=any_pair, visit=torch.gt, **changes):
    return book.reference(behaviors, mask, session, visit, time=time, **changes)


def solution(behaviors, mask, session):
    readable = session[..., None] > session[:, None]  # [B, T, T]
    readable = readable & mask[..., None] & mask[:, None]
    scores = behaviors @ behaviors.mT / behaviors.shape[-1] ** 0.5
    lowest = torch.finfo(scores.dtype).min
    weights = scores.masked_fill(~readable, lowest).softmax(-1) * readable
    return weights @ behaviors


@mistake(symptom="a click that changes with its own visit")
def reads_its_own_visit():
    """a click also reads its own visit. Here only the visits before it count."""
    for time in any_pair, torch.ge, torch.gt:
        yield {"time": time, "visit": torch.ge}


@mistake
def reads_only_its_own_visit():
    """a click reads its own visit, and none of those before."""
    for time in any_pair, torch.ge:
        yield {"time": time, "visit": torch.eq}


@mistake(visit=torch.lt)
def reads_later_visits():
    """a click reads the visits after its own: the comparison is the wrong way round."""


@mistake(visit=torch.ne)
def reads_all_other_visits():
    """a click reads all visits but its own, also those to come."""


@mistake(columns=False)
def reads_padding():
    """padding is read: it may bear the number of a visit. The mask belongs to what is
    read as well."""


@mistake(rows=False)
def padding_reads():
    """padding reads something: its rows should be zeros, as its number may be any."""


@mistake(weigh=softmaxes.uniform_if_empty)
def uniform_empty_row():
    """only who has nothing to read is wrong: a row of equal large negative numbers has
    a uniform softmax. Zeros are expected, in the first visit too."""


@mistake(symptom="NaN where there is nothing to read", weigh=softmaxes.nan_if_empty)
def nan_empty_row():
    """who has nothing to read is NaN: a softmax of nothing but minus infinity. Zeros
    are expected, in the first visit too."""
