"""Masked softmax over the sequence."""

from seqviz.checks.engine import Task, histories, mistake, rule, softmaxes
from seqviz.layers import masked_softmax

TASK = Task(
    label="core, about 15 minutes",
    practice="a softmax that leaves padding out",
    shapes="logits [B, T, K], mask [B, T] -> [B, K, T]",
    vary="an empty history",
)


def reference(logits, mask, weigh=masked_softmax):
    return weigh(logits.mT, mask[:, None])


def cases():
    padded = ".xxxx", "xx.xx", "x..xx", "....x"
    yield "full histories", *histories("xxxxx", "xxxxx")
    yield "padded histories", *histories(*padded)
    yield "an empty history", *histories(".xxxx", "xx.xx", ".....", "....x")
    logits, mask = histories(*padded)
    logits[:, -1] += 200
    yield "large logits", logits, mask
    logits, mask = histories(*padded)
    logits[~mask] += 500
    yield "large logits under the padding", logits, mask


@mistake
def softmax_over_interests(logits, mask):
    """your weights sum to 1 over the interests: the softmax should run over the
    sequence. Each interest shares itself out among the behaviors."""
    yield (logits.softmax(-1) * mask[..., None]).mT
    yield logits.softmax(-1).mT


@mistake
def softmax_over_batch(logits, mask):
    """your weights sum to 1 over the users of the batch: one user's weights depend on
    who else is in it. It should run over the sequence."""
    return (logits.softmax(0) * mask[..., None]).mT


@mistake
def reshape_instead_of_transpose(logits):
    """the shape fits, but the numbers belong to other interests: a reshape to [B, K, T]
    keeps the order in memory. Exchange the two axes instead."""
    B, T, K = logits.shape
    return {"logits": logits.reshape(B, K, T).mT}


@mistake(seen_in="ports of SASRec", weigh=lambda logits, mask: logits.softmax(-1))
def ignores_the_mask():
    """the mask changes nothing: padding gets weight like a real behavior."""


@mistake(
    seen_in="torch-rechub 0.9.0",
    symptom="weights that sum to less than 1",
    weigh=softmaxes.masked_after,
)
def mask_after_softmax():
    """padding gets 0, but the rest no longer sums to 1: padding took its share in the
    softmax and it was thrown away after. The mask comes before."""


@mistake(weigh=lambda logits, mask: (logits * mask).softmax(-1))
@mistake(weigh=lambda logits, mask: (logits * mask).softmax(-1) * mask)
def padding_as_logit_zero():
    """you set the logit of padding to 0, and the exponential of 0 is 1: padding still
    takes a share. Which logit has the exponential 0?"""


@mistake
def inverted_mask(mask):
    """you keep the padding and drop the real behaviors: in `mask`, True means real."""
    for weigh in softmaxes.nan_if_empty, masked_softmax, softmaxes.uniform_if_empty:
        yield {"mask": ~mask, "weigh": weigh}


@mistake(seen_in="tutorials", weigh=softmaxes.uniform_if_empty)
def uniform_empty_row():
    """only the empty history is wrong: where every logit is the same large negative
    number, the softmax is uniform, and padding gets 1/T. An empty history has no
    weights at all: zeros."""


@mistake(
    seen_in="RecBole; pytorch issue 103749",
    symptom="NaN for an empty history",
    weigh=softmaxes.nan_if_empty,
)
def nan_empty_row():
    """only the empty history is wrong: the softmax of nothing but minus infinity
    divides 0 by 0 and gives NaN. Its weights should be zeros."""


@mistake(weigh=softmaxes.nan_gradient_if_empty)
def nan_gradient():
    """the weights are right, but the gradient of an empty history is NaN: replacing a
    NaN after the softmax does not keep it out of the backward pass. See to it that the
    softmax never makes one."""


@mistake
def overflow(logits, mask):
    """with large logits the exponential overflows, and infinity over infinity is NaN. A
    softmax does not change when one number is taken from every logit of the row."""
    kept = logits.mT.exp().masked_fill(~mask[:, None], 0.0)
    return softmaxes.shared_out(kept)


@mistake(weigh=softmaxes.renormalized)
def renormalized_after():
    """what lies under the padding decides the result: if its logit is large, every real
    weight rounds to 0 before you renormalize. Let the softmax never see the padding."""


@mistake
def divided_by_a_root(logits):
    """you divide the logits by the root of their number. A scale belongs to inner
    products that grow with E; these logits come as they should enter the softmax."""
    for axis in 2, 1:
        yield {"logits": logits / logits.shape[axis] ** 0.5}


@rule
def nothing_on_padding(result, mask):
    """padding gets a weight of up to {:.3g}; it should get 0."""
    leak = result.masked_select(~mask[:, None].expand_as(result))
    return leak.max() if leak.any() else None


@rule
def sums_to_1(result, mask):
    """the weights of an interest sum to {:.3g} over the behaviors; they should sum to
    1."""
    return softmaxes.odd_sum(result, mask.any(1, keepdim=True))
