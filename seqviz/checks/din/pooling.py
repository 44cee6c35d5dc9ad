"""Two kinds of weights in one batch: raw for some users, a softmax for others."""

import torch

from seqviz.checks.engine import Task, marks, mistake, rule, softmaxes
from seqviz.layers import masked_softmax

TASK = Task(
    label="core, about 15 minutes",
    practice="one mask for two kinds of weights",
    shapes="logits [B, T], behaviors [B, T, E], mask [B, T], use_softmax [B] -> [B, E]",
    vary="empty histories",
)


def reference(
    logits, behaviors, mask, use_softmax, raw=torch.mul, weigh=masked_softmax
):
    weights = weigh(logits, mask).where(use_softmax[:, None], raw(logits, mask))
    return torch.einsum("bt,bte->be", weights, behaviors)


def cases():
    def draw(*rows, E=4):
        mask = marks(*rows)
        logits, behaviors = torch.randn(mask.shape), torch.randn(*mask.shape, E)
        return logits, behaviors, mask, torch.arange(len(mask)) % 2 == 1

    padded = ".xx.x", "..xxx", ".x..x", "....x", "xxxxx", "xx.xx"
    yield "full histories", *draw("xxxxx", "xxxxx")
    yield "padded histories", *draw(*padded)
    yield "empty histories", *draw(*padded[:2], ".....", ".....", *padded[4:])
    logits, behaviors, mask, use_softmax = draw(*padded)
    behaviors[~mask], logits[~mask] = 1000.0, 500.0
    loud = logits, behaviors, mask, use_softmax
    yield "large numbers under the padding", *loud
    yield "softmax for everybody", *draw(*padded)[:3], torch.ones(6).bool()
    yield "raw weights for everybody", *draw(*padded)[:3], torch.zeros(6).bool()


@mistake(seen_in="torch-rechub 0.9.0", mask=torch.ones_like)
def ignores_the_mask():
    """the mask changes nothing: padding is weighed and added like a behavior."""


@mistake(raw=lambda logits, mask: logits)
def raw_weights_of_padding():
    """the softmax leaves the padding out, the raw weights do not: there a padding is
    added with its logit as the weight. The mask is for both kinds."""


@mistake(
    symptom="softmax weights that sum to less than 1", weigh=softmaxes.masked_after
)
def mask_after_softmax():
    """the raw weights are right, but under the softmax padding took its share and was
    thrown away after: the rest no longer sums to 1. There the mask comes before."""


@mistake
def padding_as_logit_zero(logits, mask):
    """a weight of 0 is right for the raw weights, but a logit of 0 is not: the
    exponential of 0 is 1, and padding takes its share of the softmax."""
    yield {"weigh": lambda *_: (logits * mask).softmax(-1)}
    yield {"weigh": lambda *_: (logits * mask).softmax(-1) * mask}


@mistake(symptom="huge numbers where the weights stay raw")
def large_negative_raw_weight(logits):
    """with raw weights the logit is the weight: the large negative number, made for a
    softmax, multiplies the padding. There padding has the weight 0."""
    lowest = torch.finfo(logits.dtype).min
    yield {"raw": lambda logits, mask: logits.masked_fill(~mask, lowest)}
    yield {"raw": lambda logits, mask: logits.masked_fill(~mask, -torch.inf)}
    yield {"raw": lambda logits, mask: logits.float().where(mask, -1e9).to(logits)}


@mistake(use_softmax=torch.logical_not)
def kinds_exchanged():
    """the two kinds are exchanged: where `use_softmax` is True the weights go through a
    softmax, elsewhere they stay as they are."""


@mistake(use_softmax=torch.ones_like)
def softmax_for_everybody():
    """every user's weights sum to 1. Where `use_softmax` is False the logits themselves
    are the weights, and their sum is free."""


@mistake(use_softmax=torch.zeros_like)
def raw_for_everybody():
    """no user's weights sum to 1. Where `use_softmax` is True they come out of a
    softmax over the real behaviors."""


@mistake
def strength_lost(logits, mask):
    """you divide the raw weights by a count or by their sum. DIN leaves them alone: how
    large they are together is the strength of the interest."""
    total = (logits * mask).sum(1, keepdim=True)
    total = total.masked_fill(total == 0, 1.0)
    for over in mask.sum(1, keepdim=True).clamp(min=1), mask.shape[1], total:
        yield {"logits": logits, "raw": lambda x, mask, over=over: x * mask / over}


@mistake(mask=torch.logical_not)
def inverted_mask():
    """you keep the padding and drop the real behaviors: in `mask`, True means real."""


@mistake(weigh=softmaxes.uniform_if_empty)
def uniform_empty_row():
    """only an empty history under the softmax is wrong: where every logit is the same
    large negative number, it reads all padding alike. It should give zeros."""


@mistake(seen_in="RecBole", weigh=softmaxes.nan_if_empty)
def nan_empty_row():
    """only an empty history under the softmax is wrong: the softmax of nothing but
    minus infinity is NaN. It should give zeros."""


@mistake(weigh=softmaxes.nan_gradient_if_empty)
def nan_gradient():
    """the numbers are right, but the gradient of an empty history is NaN: replacing a
    NaN after the softmax does not keep it out of the backward pass. See to it that the
    softmax never makes one."""


@rule
def zero_where_empty(result, mask):
    """a user with an empty history should get zeros."""
    return result[~mask.any(1)].any()
