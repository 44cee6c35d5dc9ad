"""What a behavior reads within its visit, without looking ahead."""

import torch

from seqviz.checks.engine import Case, Task, marks, mistake, softmaxes
from seqviz.layers import masked_softmax

TASK = Task(
    title="Within one visit",
    difficulty="core",
    minutes=15,
    shapes="behaviors [B, T, E], mask [B, T], session [B, T] -> [B, T, E]",
    gradients=("behaviors",),
    vary="padded histories",
)


def reference(
    behaviors, mask, session, readable=None, scale=None, weigh=masked_softmax
):
    readable = may_read(mask, session) if readable is None else readable
    scale = behaviors.shape[-1] ** -0.5 if scale is None else scale
    return weigh(behaviors @ behaviors.mT * scale, readable) @ behaviors


def may_read(mask, session, time=torch.ge, visit=torch.eq):
    place = torch.arange(mask.shape[1])
    # who reads against who is read, [B, T, T]
    pairs = time(place[:, None], place) & visit(session[..., None], session[:, None])
    return pairs & mask[..., None] & mask[:, None]


def any_pair(one, other):
    return one == one


def cases():
    def draw(name, *rows, visits=2):
        mask = marks(*rows)
        inputs = {
            "behaviors": 1.5 * torch.randn(*mask.shape, 4),
            "mask": mask,
            "session": torch.randint(visits, mask.shape).sort(1).values,
        }
        return Case(name, inputs)

    yield draw("several visits", "xxxxxx", "xxxxxx", "xxxxxx", visits=3)
    yield draw("one visit", "xxxxx", "xxxxx", visits=1)
    yield draw("padded histories", ".xxxxx", "xx.xxx", "xxxx..", "x..xx.", "xxxxxx")
    yield draw("an empty history", "xx.xxx", "......", "xxx.x.")
    yield draw("one behavior", "x", "x")
    yield draw("one user", "xxxxx")


@mistake
def looks_ahead(mask, session):
    """a behavior reads later ones of its visit: the causal mask is missing."""
    return {"readable": may_read(mask, session, time=any_pair)}


@mistake
def reads_only_later(mask, session):
    """the triangle is on the wrong side: row t may read the columns up to t."""
    return {"readable": may_read(mask, session, time=torch.le)}


@mistake
def reads_other_visits(mask, session):
    """a behavior reads earlier visits too. Which pairs bear the same number?"""
    return {"readable": may_read(mask, session, visit=any_pair)}


@mistake
def reads_only_other_visits(mask, session):
    """you leave out exactly the pairs of the same visit."""
    return {"readable": may_read(mask, session, visit=torch.ne)}


@mistake
def reads_padding(mask, session):
    """padding is read: it may bear the number of a visit. The mask belongs to the
    columns as well."""
    return {"readable": may_read(torch.ones_like(mask), session) & mask[..., None]}


@mistake
def padding_reads(mask, session):
    """the rows of padding are not empty: that is the query mask."""
    return {"readable": may_read(torch.ones_like(mask), session) & mask[:, None]}


@mistake
def not_itself(mask, session):
    """a behavior may read itself: the diagonal belongs to the causal mask."""
    return {"readable": may_read(mask, session, time=torch.gt)}


@mistake(weigh=softmaxes.masked_after)
def mask_after_the_softmax():
    """the weights no longer sum to 1: what is left out had its share in the softmax.
    Leave it out before."""


@mistake(weigh=lambda scores, mask: masked_softmax(scores, mask, dim=1))
def softmax_over_the_queries():
    """the softmax runs over who reads. It belongs over what is read, the last axis."""


@mistake(scale=1.0)
def no_scale():
    """these are plain inner products: divide the scores by the root of E."""


@mistake(weigh=softmaxes.uniform_if_empty)
def uniform_empty_row():
    """only the rows of padding are wrong: a row of equal large negative numbers has a
    uniform softmax. They should be zeros."""


@mistake(weigh=softmaxes.nan_if_empty)
def nan_empty_row():
    """the rows of padding are NaN: a softmax of nothing but minus infinity. They should
    be zeros."""
