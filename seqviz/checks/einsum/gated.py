"""Gate, weigh and sum in one line: an einsum of three operands."""

import torch

from seqviz.checks.engine import Task, mistake

TASK = Task(
    label="warm-up, about 5 minutes",
    practice="three factors in one einsum",
    shapes="gates [B, T], weights [B, K, T], behaviors [B, T, E] -> [B, K, E]",
    vary="some closed gates",
)


def reference(gates, weights, behaviors, equation="bt,bkt,bte->bke"):
    return torch.einsum(equation, gates, weights, behaviors)


def cases():
    def draw(B=2, K=3, T=5, E=4, open_=1.0):
        gates = torch.rand(B, T) * (torch.rand(B, T) < open_)
        return gates, torch.randn(B, K, T).softmax(-1), torch.randn(B, T, E)

    yield "open gates", *draw()
    yield "some closed gates", *draw(B=6, open_=0.6)
    # A broadcast along the wrong axis goes through.
    yield "as many interests as behaviors", *draw(K=4, T=4, E=3)


@mistake(symptom="the same interests whatever the gates are", gates=torch.ones_like)
def gates_left_out():
    """the gates change nothing: a behavior whose gate is 0 still counts. All three
    tensors are factors of one product."""


@mistake(equation="bt,bku,bue->bke")
@mistake(equation="bt,bku,bue->bke", gates=lambda gates: gates / gates.shape[1])
def gates_summed_alone():
    """you sum the gates by themselves and scale the whole interest: the axis of the
    gates has another letter than the behaviors, so a gate never meets its own click."""


@mistake(
    symptom="interests that change with the gates of other users",
    equation="ct,bkt,bte->bke",
)
def gates_of_the_whole_batch():
    """every user gets the gates of all users: the batch axis of the gates is summed
    away. It needs the letter that the other two have."""


@mistake
def renormalized(gates, weights):
    """you bring the gated weights back to a sum of 1: then a history with all gates
    half open looks like one with open gates. A gate may make an interest shorter; that
    is its point."""
    total = (gates[:, None] * weights).sum(-1, keepdim=True)
    return {"weights": weights / total.masked_fill(total == 0, 1.0)}


@mistake(gates=torch.square)
def gates_twice():
    """the gates act twice: a gate of 0.5 lets a quarter through. Apply them to the
    weights or to the behaviors, not to both."""
