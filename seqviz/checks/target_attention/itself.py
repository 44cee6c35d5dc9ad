"""Weights that never rest on the candidate's own clicks."""

import torch

from seqviz.checks.engine import Case, Task, mistake, rule, softmaxes
from seqviz.layers import masked_softmax

TASK = Task(
    title="A candidate that was clicked before",
    difficulty="core",
    minutes=15,
    shapes="logits [B, T], item_ids [B, T], candidate [B] -> [B, T]",
    gradients=("logits",),
    vary="a history of nothing but the candidate",
)


def reference(logits, item_ids, candidate, readable=None, weigh=masked_softmax):
    others = (item_ids != 0) & (item_ids != candidate[:, None])
    return weigh(logits, others if readable is None else readable)


def cases():
    def draw(name, *rows, candidate):
        """A row is a history, a digit an item, 0 padding."""
        item_ids = torch.tensor([[int(digit) for digit in row] for row in rows])
        inputs = {
            "logits": torch.randn(item_ids.shape),
            "item_ids": item_ids,
            "candidate": torch.tensor(candidate),
        }
        return Case(name, inputs)

    clicked = "12345", "21145", "32345", "41245"
    yield draw("candidates that were clicked before", *clicked, candidate=[2, 1, 3, 9])
    yield draw("candidates that were never clicked", *clicked, candidate=[9, 8, 9, 7])
    padded = "00325", "01132", "30214", "00005"
    yield draw("padded histories", *padded, candidate=[3, 1, 9, 2])
    nothing = "01325", "00222", "00000"
    yield draw("a history of nothing but the candidate", *nothing, candidate=[3, 2, 1])
    large = draw("a large logit on the candidate", *clicked, candidate=[2, 1, 3, 4])
    own = large.inputs["item_ids"] == large.inputs["candidate"][:, None]
    large.inputs["logits"][own] = 500
    yield large
    yield draw("one behavior", "5", "4", candidate=[3, 4])
    yield draw("one user", "12345", candidate=[4])


@mistake
def keeps_itself(item_ids):
    """a click on the candidate itself keeps its weight: the two vectors are the same,
    so it is likely to take most of it. Leave such clicks out."""
    return {"readable": item_ids != 0}


@mistake
def keeps_padding(item_ids, candidate):
    """the candidate's own clicks are left out, but padding gets weight. Item 0 stands
    for no click at all."""
    return {"readable": item_ids != candidate[:, None]}


@mistake
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
    return {"logits": logits.masked_fill(own, 0.0), "readable": item_ids != 0}


@mistake
def keeps_only_itself(item_ids, candidate):
    """you keep exactly what should go: all weight lies on the clicks on the candidate
    itself."""
    return {"readable": item_ids == candidate[:, None]}


@mistake
def candidates_of_other_rows(item_ids, candidate):
    """you leave out a click when it is any user's candidate: for the other users it is
    a click like any other. Compare row by row."""
    return {"readable": (item_ids != 0) & ~torch.isin(item_ids, candidate)}


@mistake
def drops_the_whole_history(item_ids, candidate):
    """a user who clicked the candidate before loses her whole history. Only the clicks
    on the candidate have to go."""
    clicked = (item_ids == candidate[:, None]).any(1, keepdim=True)
    return {"readable": (item_ids != 0) & ~clicked}


@mistake(weigh=softmaxes.uniform_if_empty)
def uniform_empty_row():
    """only the history with nothing left to read is wrong: where every logit is the
    same large negative number, the softmax is uniform. It should give zeros."""


@mistake(weigh=softmaxes.nan_if_empty)
def nan_empty_row():
    """only the history with nothing left to read is wrong: the softmax of nothing but
    minus infinity is NaN. It should give zeros."""


@rule
def nothing_on_padding_and_candidate(result, item_ids, candidate):
    leak = result[(item_ids == 0) | (item_ids == candidate[:, None])]
    if leak.any():
        return (
            f"padding or the candidate's own click gets a weight of up to "
            f"{leak.abs().max():.3g}; it should get 0."
        )


@rule
def sums_to_1(result, item_ids, candidate):
    total = result.double().sum(-1)
    left = ((item_ids != 0) & (item_ids != candidate[:, None])).any(-1)
    gap = (total - left.double()).abs()
    if gap.max() > 1e-2:
        return (
            f"the weights of a history sum to {total[gap.argmax()]:.3g}; they should "
            f"sum to 1."
        )
