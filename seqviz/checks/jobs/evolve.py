"""Attention in the update gate: the second recurrent layer of DIEN."""

import torch

from seqviz.checks.engine import Task, marks, mistake, softmaxes
from seqviz.layers import masked_softmax

TASK = Task(
    label="core, about 25 minutes",
    practice="a loop over time with a gate",
    shapes="from_input [B, T, 3, H], U [3, H, H], scores [B, T], mask [B, T] -> [B, H]",
    vary="padding on both sides",
)


def reference(
    from_input,
    U,
    scores,
    mask,
    weigh=masked_softmax,
    order=(0, 1, 2),
    share=lambda weight, logit: weight * logit.sigmoid(),
    squash=torch.tanh,
    scaled=lambda new, weight: new,
    propose=lambda new, state, U, reset: new + reset * (state @ U),
    mix=lambda state, new, update, gate: (1 - update) * state + update * new,
    real=lambda mask: mask,
    last=lambda states, mask: states[:, -1],
    steps=range,
):
    """``order`` says where reset, update and candidate stand."""
    weights = weigh(scores, mask)
    state, states = torch.zeros_like(from_input[:, 0, 0]), []
    r, z, n = order
    for t in steps(mask.shape[1]):
        weight = weights[:, t, None]
        came = scaled(from_input[:, t], weight[..., None])
        reset = (came[:, r] + state @ U[r]).sigmoid()
        logit = came[:, z] + state @ U[z]
        new = squash(propose(came[:, n], state, U[n], reset))
        mixed = mix(state, new, share(weight, logit), logit.sigmoid())
        state = torch.where(real(mask)[:, t, None], mixed, state)
        states.append(state)
    return last(torch.stack(states, 1), mask)


def cases():
    def draw(*rows, H=4):
        mask = marks(*rows)
        B, T = mask.shape
        from_input, U = 1.5 * torch.randn(B, T, 3, H), torch.randn(3, H, H) / H**0.5
        return from_input, U, 1.5 * torch.randn(B, T), mask

    yield "full rows", *draw("xxxxx", "xxxxx")
    yield "padding on the right", *draw("xxx..", "xxxx.", "xxxxx")
    yield "padding on both sides", *draw("..xxxx", ".xxx..", "x.x.x.")
    yield "as wide as there are parts", *draw("xxxx", ".xxx", H=3)
    yield "an empty history", *draw("....", "x.xx")
    from_input, U, scores, mask = draw("xxx..", ".xxxx")
    scores[~mask] = 6.0
    yield "padding with a large score", from_input, U, scores, mask


@mistake(share=lambda weight, logit: logit.sigmoid() + 0 * weight)
def attention_not_used():
    """the attention plays no part: this is a plain GRU. Two packages ship it so, unless
    another kind is asked for."""


@mistake(share=lambda weight, logit: weight + 0 * logit)
def attention_instead_of_the_gate():
    """the attention stands in the place of the update gate: that is AGRU. Here it
    multiplies the gate, entry by entry."""


@mistake(
    share=lambda weight, logit: logit.sigmoid(),
    scaled=lambda new, weight: weight * new,
)
def attention_on_the_input():
    """the attention multiplies what the step reads: that is AIGRU, whose empty input
    still changes the state. Here it multiplies the update gate."""


@mistake(
    symptom="a step of weight 0 that still writes",
    share=lambda weight, logit: (weight * logit).sigmoid(),
)
def attention_before_the_sigmoid():
    """the attention multiplies the logit of the gate. A step of weight 0 then writes
    half, since the sigmoid of 0 is one half. First the sigmoid, then the weight."""


@mistake(mix=lambda state, new, update, gate: update * state + (1 - update) * new)
def update_turned_round():
    """the update gate stands the other way round: a step with little attention
    overwrites the state. Here the gate says how much is written; torch's GRU says how
    much is kept."""


@mistake(mix=lambda state, new, update, gate: state + update * new)
def old_state_kept_whole():
    """the old state is kept whole, whatever is written. The two shares sum to 1, with
    the attention in both."""


@mistake(mix=lambda state, new, update, gate: (1 - gate) * state + update * new)
def attention_on_one_side_only():
    """the old state is kept by the gate without its attention, so a step of weight 0
    forgets and writes nothing. The same scaled gate stands on both sides."""


@mistake(order=(1, 0, 2))
def reset_and_update_exchanged():
    """the reset gate and the update gate have changed places."""


@mistake(propose=lambda new, state, U, reset: new + state @ U)
def no_reset():
    """the reset gate plays no part: the candidate reads the whole old state."""


@mistake(propose=lambda new, state, U, reset: new + (reset * state) @ U)
def reset_before_the_product():
    """the reset gate multiplies the old state itself. Here it multiplies the product
    that was made of it."""


@mistake(propose=lambda new, state, U, reset: reset * (new + state @ U))
def reset_of_the_input_too():
    """the reset gate dampens what the step reads as well. It belongs to what comes from
    the old state alone."""


@mistake(squash=torch.sigmoid)
def candidate_through_sigmoid():
    """the candidate went through a sigmoid like the gates. It is what is written, not
    how much, and may be negative: tanh."""


@mistake(weigh=lambda scores, mask: scores.sigmoid() * mask)
def each_step_by_itself():
    """each step has a weight of its own from 0 to 1. Here the steps of a history share
    1: a softmax over them."""


@mistake(weigh=lambda scores, mask: scores * mask)
def scores_as_weights():
    """you use the scores as they are, also negative ones. They go through a softmax."""


@mistake(weigh=lambda scores, mask: masked_softmax(scores, mask, dim=0))
def softmax_over_the_batch():
    """the weights of a step sum to 1 over the batch: what a user gets depends on who
    else is there. Sum over the steps."""


@mistake(weigh=softmaxes.masked_after)
def padding_takes_its_share():
    """only histories with padding are wrong: padding takes its share of the softmax, so
    the real steps write too little."""


@mistake(weigh=lambda scores, mask: scores.softmax(-1), real=torch.ones_like)
def padding_is_a_step():
    """padding takes part like a click: it has a weight and changes the state."""


@mistake(
    symptom="NaN for an empty history",
    weigh=softmaxes.nan_if_empty,
    real=torch.ones_like,
)
def nan_for_nobody():
    """only an empty history is wrong, and it is NaN: a softmax of nothing but minus
    infinity. Zeros are expected."""


@mistake(weigh=softmaxes.uniform_if_empty, real=torch.ones_like)
def padding_of_nobody():
    """only an empty history is wrong: a row of equal large negative numbers has an even
    softmax, so its padding is read. Zeros are expected."""


@mistake(last=lambda states, mask: states.mean(1))
def mean_of_the_states():
    """you return the mean of all states. What is asked is the state at the end."""


@mistake(last=lambda states, mask: states[torch.arange(len(mask)), mask.sum(1) - 1])
def last_by_the_count():
    """only histories with padding in front or between are wrong: you take the state by
    the number of clicks, which is its place only if the padding stands behind."""


@mistake(steps=lambda T: range(T - 1, -1, -1))
def read_backwards():
    """you begin at the latest step and go back in time. Begin at the first."""
