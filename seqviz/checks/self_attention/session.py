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
    behaviors,
    mask,
    session,
    reads=None,  # the behaviors that read, [B, T]
    is_read=None,  # the behaviors that are read, [B, T]
    time=torch.ge,  # place of who reads against that of who is read
    visit=torch.eq,  # their visits
    scale=None,
    weigh=masked_softmax,
):
    place = torch.arange(mask.shape[1])
    readable = time(place[:, None], place) & visit(session[..., None], session[:, None])
    readable = readable & (mask if reads is None else reads)[..., None]
    readable = readable & (mask if is_read is None else is_read)[:, None]  # [B, T, T]
    scale = behaviors.shape[-1] ** -0.5 if scale is None else scale
    return weigh(behaviors @ behaviors.mT * scale, readable) @ behaviors


def always(one, other):
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
def looks_ahead():
    """a behavior reads later ones of its visit: the causal mask is missing."""
    return {"time": always}


@mistake
def reads_only_later():
    """the triangle is on the wrong side: row t may read the columns up to t."""
    return {"time": torch.le}


@mistake
def reads_other_visits():
    """a behavior reads earlier visits too. Which pairs bear the same number?"""
    return {"visit": always}


@mistake
def reads_only_other_visits():
    """you leave out exactly the pairs of the same visit."""
    return {"visit": torch.ne}


@mistake
def reads_padding(mask):
    """padding is read: it may bear the number of a visit. The mask belongs to the
    columns as well."""
    return {"is_read": torch.ones_like(mask)}


@mistake
def padding_reads(mask):
    """the rows of padding are not empty: that is the query mask."""
    return {"reads": torch.ones_like(mask)}


@mistake
def not_itself():
    """a behavior may read itself: the diagonal belongs to the causal mask."""
    return {"time": torch.gt}


@mistake
def mask_after_the_softmax():
    """the weights no longer sum to 1: what is left out had its share in the softmax.
    Leave it out before."""
    return {"weigh": softmaxes.masked_after}


@mistake
def softmax_over_the_queries():
    """the softmax runs over who reads. It belongs over what is read, the last axis."""
    return {"weigh": lambda scores, mask: masked_softmax(scores, mask, dim=1)}


@mistake
def no_scale():
    """these are plain inner products: divide the scores by the root of E."""
    return {"scale": 1.0}


@mistake
def uniform_empty_row():
    """only the rows of padding are wrong: a row of equal large negative numbers has a
    uniform softmax. They should be zeros."""
    return {"weigh": softmaxes.uniform_if_empty}


@mistake
def nan_empty_row():
    """the rows of padding are NaN: a softmax of nothing but minus infinity. They should
    be zeros."""
    return {"weigh": softmaxes.nan_if_empty}
