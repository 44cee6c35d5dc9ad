"""Within one visit: what a behavior reads without looking ahead."""

import torch

from seqviz.checks.engine import Task, marks, mistake, softmaxes
from seqviz.layers import masked_softmax

TASK = Task(
    label="core, about 15 minutes",
    practice="one mask out of several conditions",
    shapes="behaviors [B, T, E], mask [B, T], session [B, T] -> [B, T, E]",
    vary="padded histories",
)


def may_read(mask, time=torch.ge, rows=True, columns=True):
    """Who reads, a row, against who is read, a column: ``[B, T, T]``."""
    place = torch.arange(mask.shape[1])
    pairs = time(place[:, None], place)
    pairs = pairs & mask[..., None] if rows else pairs
    return pairs & mask[:, None] if columns else pairs


def reference(
    behaviors, mask, session, visit=torch.eq, root=0.5, weigh=masked_softmax, **may
):
    readable = may_read(mask, **may) & visit(session[..., None], session[:, None])
    scores = behaviors @ behaviors.mT / behaviors.shape[-1] ** root
    return weigh(scores, readable) @ behaviors


def any_pair(one, other):
    return one == one


def cases():
    def draw(*rows, visits=2):
        mask = marks(*rows)
        behaviors = 1.5 * torch.randn(*mask.shape, 4)
        return behaviors, mask, torch.randint(visits, mask.shape).sort(1).values

    yield "several visits", *draw("xxxxxx", "xxxxxx", "xxxxxx", visits=3)
    yield "one visit", *draw("xxxxx", "xxxxx", visits=1)
    padded = ".xxxxx", "xx.xxx", "xxxx..", "x..xx.", "xxxxxx"
    yield "padded histories", *draw(*padded)
    yield "an empty history", *draw("xx.xxx", "......", "xxx.x.")


@mistake(symptom="an early click that changes with a later one", time=any_pair)
def looks_ahead():
    """a behavior reads later ones of its visit: the causal mask is missing."""


@mistake(time=torch.le)
def reads_only_later():
    """the triangle is on the wrong side: row t may read the columns up to t."""


@mistake(visit=any_pair)
def reads_other_visits():
    """a behavior reads earlier visits too. Which pairs bear the same number?"""


@mistake(visit=torch.ne)
def reads_only_other_visits():
    """you leave out exactly the pairs of the same visit."""


@mistake(columns=False)
def reads_padding():
    """padding is read: it may bear a visit's number. Mask the columns as well."""


@mistake(rows=False)
def padding_reads():
    """the rows of padding are not empty: that is the query mask."""


@mistake(time=torch.gt)
def not_itself():
    """a behavior may read itself: the diagonal belongs to the causal mask."""


@mistake(weigh=softmaxes.masked_after)
def mask_after_the_softmax():
    """the weights no longer sum to 1: what is left out had its share in the softmax.
    Leave it out before."""


@mistake(weigh=lambda scores, mask: masked_softmax(scores, mask, dim=1))
def softmax_over_the_queries():
    """the softmax runs over who reads. It belongs over what is read, the last axis."""


@mistake(root=0)
def no_scale():
    """these are plain inner products: divide the scores by the root of E."""


@mistake(weigh=softmaxes.uniform_if_empty)
def uniform_empty_row():
    """only the rows of padding are wrong: a row of equal large negative numbers has a
    uniform softmax. They should be zeros."""


@mistake(symptom="NaN in the rows of padding", weigh=softmaxes.nan_if_empty)
def nan_empty_row():
    """the rows of padding are NaN, a softmax of minus infinity alone: give zeros."""
