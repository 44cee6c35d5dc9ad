"""Hold back, weigh and sum."""

import torch

from seqviz.checks.einsum import gated
from seqviz.checks.einsum.gated import cases, gates_of_the_whole_batch  # noqa: F401
from seqviz.checks.engine import Task, mistake

OF = "einsum/gated"
TASK = Task(
    label="warm-up, about 5 minutes",
    practice=gated.TASK.practice,
    shapes=gated.TASK.shapes,
    vary=gated.TASK.vary,
)
TEXT = """
Here a gate says how much of a click is *held back*: 1 lets none of it through, 0
lets all of it through. Given `gates` `[B, T]`, `weights` `[B, K, T]` and `behaviors`
`[B, T, E]`, return `[B, K, E]`: the weighted sums of what is let through.
"""


def reference(
    gates, weights, behaviors, equation="bt,bkt,bte->bke", through=lambda g: 1 - g
):
    return torch.einsum(equation, through(gates), weights, behaviors)


def solution(gates, weights, behaviors):
    return torch.einsum("bt,bkt,bte->bke", 1 - gates, weights, behaviors)


@mistake(through=lambda gates: gates)
def lets_through_what_is_held_back():
    """a gate of 1 lets everything through in your version. Here it says how much is
    held back."""


@mistake(symptom="the same interests whatever the gates are", through=torch.ones_like)
def gates_left_out():
    """the gates change nothing: a behavior whose gate is 1 still counts."""


@mistake(through=lambda gates: -gates)
def only_the_sign():
    """you turn the sign of what is held back. What is let through is the rest up to
    1."""


@mistake(through=lambda gates: (1 - gates).square())
def gates_twice():
    """the gates act twice: one of 0.5 lets a quarter through. Apply them to the weights
    or to the behaviors, not to both."""


@mistake
def renormalized(gates, weights):
    """you bring the weights back to a sum of 1 after the gates. What is held back may
    make an interest shorter; that is its point."""
    total = ((1 - gates)[:, None] * weights).sum(-1, keepdim=True)
    return {"weights": weights / total.masked_fill(total == 0, 1.0)}
