"""Read only what had happened: when the question was asked."""

import torch

from seqviz.checks.engine import Task, marks, mistake, rule, softmaxes
from seqviz.layers import masked_softmax

TASK = Task(
    label="core, about 20 minutes",
    practice="two conditions in one mask",
    shapes="scores [B, Q, T], asked [B, Q], happened [B, T], mask [B, T] -> [B, Q, T]",
    vary="a question before every behavior",
)


def reference(scores, asked, happened, mask, past=torch.lt, weigh=masked_softmax):
    return weigh(scores, readable(asked, happened, mask, past))


def readable(asked, happened, mask, past=torch.lt):
    return past(happened[:, None], asked[..., None]) & mask[:, None]  # [B, Q, T]


def cases():
    def draw(*rows, asked=(15, 25, 45)):
        mask = marks(*rows)
        B, T = mask.shape
        start = 100 * torch.arange(B)[:, None]
        happened = (start + 10 * torch.arange(T)) * mask
        asked = start + torch.tensor(asked)
        return torch.randn(B, asked.shape[1], T), asked, happened, mask

    full, padded = ("xxxxx", "xxxxx"), (".xxxx", "xx..x", "xxxx.", "x.x.x")
    yield "full histories", *draw(*full)
    yield "padded histories", *draw(*padded)
    same_time = draw(*full, asked=(15, 30, 45))
    yield "a question at the very time of a behavior", *same_time
    yield "a question before every behavior", *draw(*padded, asked=(0, -7, 45))
    scores, *rest = draw(*full)
    scores[~readable(*rest)] += 500
    yield "large scores of what comes later", scores, *rest


@mistake(
    seen_in="torch-rechub 0.9.0",
    symptom="weights that sum to less than 1",
    weigh=softmaxes.masked_after,
)
def mask_after_softmax():
    """what may not be read gets 0, but it took its share in the softmax first: the rest
    no longer sums to 1. The mask comes before."""


@mistake(weigh=softmaxes.renormalized)
def renormalized_after():
    """what lies in the future decides the result: if its score is large, every readable
    weight rounds to 0. Neither softmax nor a maximum that you subtract may see it."""


@mistake(past=lambda happened, asked: happened == happened)
def ignores_the_time():
    """the times change nothing: a question reads behaviors that came after it. In
    training such a model looks at the answer."""


@mistake(mask=torch.ones_like)
def ignores_the_mask():
    """padding gets weight: its time is 0, which is before every question. Both
    conditions have to hold."""


@mistake(past=torch.le)
def reads_the_same_moment():
    """a behavior at the very moment of the question is read: it may be the answer
    itself. Only what came strictly before counts."""


@mistake(past=torch.gt)
def reads_the_future():
    """you keep what came after the question and drop what came before."""


@mistake(seen_in="tutorials", weigh=softmaxes.uniform_if_empty)
def uniform_empty_row():
    """only the question with nothing to read is wrong: where every score is the same
    large negative number, the softmax is even. Its weights are zeros."""


@mistake(
    seen_in="pytorch issue 103749",
    symptom="NaN where there is nothing to read",
    weigh=softmaxes.nan_if_empty,
)
def nan_empty_row():
    """only the question with nothing to read is wrong: a softmax of nothing but minus
    infinity is 0 divided by 0. Its weights are zeros."""


@mistake(weigh=lambda scores, may: masked_softmax(scores, may, dim=1))
def softmax_over_queries():
    """your weights sum to 1 over the questions: each behavior shares itself out. Each
    question should share itself out over the behaviors."""


@rule
def nothing_on_what_comes_later(result, asked, happened, mask):
    """what may not be read gets a weight of up to {:.3g}; 0 is expected."""
    leak = result[~readable(asked, happened, mask)].abs()
    return leak.max() if leak.any() and leak.isfinite().all() else None


@rule
def sums_to_1(result, asked, happened, mask):
    """the weights of a question sum to {:.3g} over what may be read; they should sum to
    1."""
    return softmaxes.odd_sum(result, readable(asked, happened, mask).any(-1))
