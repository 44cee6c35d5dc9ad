"""A candidate that was clicked before: no weight on its own clicks."""

import torch

from seqviz.checks.engine import Task, mistake, rule, softmaxes
from seqviz.layers import masked_softmax

TASK = Task(
    label="core, about 15 minutes",
    practice="leaving some clicks out of a softmax",
    shapes="logits [B, T], item_ids [B, T], candidate [B] -> [B, T]",
    vary="a history of nothing but the candidate",
)


def others(item_ids, candidate):
    return (item_ids != 0) & (item_ids != candidate[:, None])


def reference(logits, item_ids, candidate, readable=others, weigh=masked_softmax):
    return weigh(logits, readable(item_ids, candidate))


def cases():
    def draw(*rows, candidate):
        """A row is a history, a digit an item, 0 padding."""
        item_ids = torch.tensor([[int(digit) for digit in row] for row in rows])
        return torch.randn(item_ids.shape), item_ids, torch.tensor(candidate)

    clicked = "12345", "21145", "32345", "41245"
    before, never = draw(*clicked, candidate=[2, 1, 3, 9]), [9, 8, 9, 7]
    yield "candidates that were clicked before", *before
    yield "candidates that were never clicked", *draw(*clicked, candidate=never)
    padded = "00325", "01132", "30214", "00005"
    yield "padded histories", *draw(*padded, candidate=[3, 1, 9, 2])
    nothing = draw("01325", "00222", "00000", candidate=[3, 2, 1])
    yield "a history of nothing but the candidate", *nothing
    logits, item_ids, candidate = draw(*clicked, candidate=[2, 1, 3, 4])
    logits[item_ids == candidate[:, None]] = 500
    yield "a large logit on the candidate", logits, item_ids, candidate


@mistake(readable=lambda item_ids, candidate: item_ids != 0)
def keeps_itself():
    """a click on the candidate itself keeps its weight: the two vectors are the same,
    so it is likely to take most of it. Leave such clicks out."""


@mistake(readable=lambda item_ids, candidate: item_ids != candidate[:, None])
def keeps_padding():
    """the candidate's own clicks are left out, but padding gets weight. Item 0 stands
    for no click at all."""


@mistake(symptom="weights that sum to less than 1")
def left_out_after_the_softmax(logits, item_ids):
    """the rest no longer sums to 1: what is left out had its share in the softmax, and
    you throw it away after. Leave it out before."""
    real = item_ids != 0
    yield {"weigh": lambda logits, others: masked_softmax(logits, real) * others}
    yield {"weigh": softmaxes.masked_after}


@mistake
def own_logit_zero(logits, item_ids, candidate):
    """you set the logit of the candidate's own click to 0, and the exponential of 0 is
    1: it still takes a share. Which logit has the exponential 0?"""
    own = item_ids == candidate[:, None]
    logits = logits.masked_fill(own, 0.0)
    return {"logits": logits, "readable": lambda *_: item_ids != 0}


@mistake(readable=lambda item_ids, candidate: item_ids == candidate[:, None])
def keeps_only_itself():
    """you keep exactly what should go: all weight lies on the candidate's own
    clicks."""


@mistake
def candidates_of_other_rows(item_ids, candidate):
    """you leave out a click when it is any user's candidate: for the other users it is
    a click like any other. Compare row by row."""
    return {"readable": lambda *_: (item_ids != 0) & ~torch.isin(item_ids, candidate)}


@mistake
def drops_the_whole_history(item_ids, candidate):
    """a user who clicked the candidate before loses her whole history. Only the clicks
    on the candidate have to go."""
    clicked = (item_ids == candidate[:, None]).any(1, keepdim=True)
    return {"readable": lambda *_: (item_ids != 0) & ~clicked}


@mistake(weigh=softmaxes.uniform_if_empty)
def uniform_empty_row():
    """only the history with nothing left to read is wrong: where every logit is the
    same large negative number, the softmax is uniform. It should give zeros."""


@mistake(
    symptom="NaN where there is nothing left to read", weigh=softmaxes.nan_if_empty
)
def nan_empty_row():
    """only the history with nothing left to read is wrong: the softmax of nothing but
    minus infinity is NaN. It should give zeros."""


@rule
def nothing_on_padding_and_candidate(result, item_ids, candidate):
    """padding or the candidate's own click gets a weight of up to {:.3g}; it should get
    0."""
    leak = result[~others(item_ids, candidate)].abs()
    return leak.max() if leak.any() else None


@rule
def sums_to_1(result, item_ids, candidate):
    """the weights of a history sum to {:.3g}; they should sum to 1."""
    return softmaxes.odd_sum(result, others(item_ids, candidate).any(-1))
