"""Through both steps: how much of each behavior a candidate reads."""

import torch

from seqviz.checks.engine import Task, marks, mistake, rule
from seqviz.checks.engine.softmaxes import odd_sum
from seqviz.layers import masked_softmax

TASK = Task(
    label="core, about 10 minutes",
    practice="one weighted sum after another",
    shapes="target_weights [B, M, T], self_weights [B, T, T] -> [B, M, T]",
    vary="padded histories",
)


def reference(target_weights, self_weights):
    return torch.einsum("bmt,btj->bmj", target_weights, self_weights)


def cases():
    def draw(*rows, M=3):
        mask = marks(*rows)
        B, T = mask.shape
        own, asked = 2 * torch.randn(B, T, T), 2 * torch.randn(B, M, T)
        own = masked_softmax(own, mask[:, None] & mask[:, :, None])
        return masked_softmax(asked, mask[:, None]), own

    yield "full histories", *draw("xxxxx", "xxxxx")
    yield "padded histories", *draw(".x.xx", "..xxx", ".xx.x", "xx.xx", "x...x")
    yield "as many candidates as behaviors", *draw("xxxxx", "xxxxx", "xxxxx", M=5)
    yield "one candidate", *draw("xxxxx", "xxxxx", M=1)


@mistake(symptom="weights that do not sum to 1", self_weights=lambda own: own.mT)
def wrong_way_round():
    """you sum over the keys of the first step: a row of its matrix is who reads, a
    column is who is read. The candidate weighs the readers."""


@mistake
def second_step_only(target_weights):
    """the first step plays no part: these are the weights over what the behaviors have
    become, not over what they were."""
    return target_weights


@mistake
def first_step_only(target_weights):
    """the candidate plays no part: every real behavior counts alike as a reader. Weigh
    the readers by the second step."""
    real = (target_weights > 0).to(target_weights)
    return {"target_weights": real / real.sum(-1, keepdim=True)}


@mistake
def diagonal_only(target_weights, self_weights):
    """you keep only what each behavior reads of itself, not of the others."""
    return target_weights * self_weights.diagonal(dim1=1, dim2=2)[:, None]


@mistake(symptom="weights that are too even", right=lambda right: right.softmax(-1))
def softmax_again():
    """you take a softmax of weights that sum to 1 already: it pulls them towards the
    mean and gives padding a share."""


@mistake
def mean_of_both(target_weights, self_weights):
    """you average the two steps. They come one after the other, so the shares multiply,
    and the ways through different readers add up."""
    return (target_weights + self_weights.mean(1, keepdim=True)) / 2


@mistake(self_weights=lambda self_weights: self_weights.sum(0).expand_as(self_weights))
def mixes_the_batch():
    """each user reads through the histories of all users: the batch axis is summed
    away. It needs the same letter in all three places."""


@rule
def sums_to_1(result):
    """a row sums to {:.3g}. Both steps hand out exactly 1, so what is read in the end
    sums to 1 as well."""
    return odd_sum(result)
