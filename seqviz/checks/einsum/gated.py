"""Three operands in one einsum: a gate, weights and behaviors."""

import torch

from seqviz.checks.engine import Case, Task, mistake

TASK = Task(
    title="Gate, weigh and sum in one line",
    difficulty="warm-up",
    minutes=5,
    shapes="gates [B, T], weights [B, K, T], behaviors [B, T, E] -> [B, K, E]",
    gradients=("behaviors", "gates", "weights"),
    vary="some closed gates",
)


def reference(gates, weights, behaviors, equation="bt,bkt,bte->bke"):
    return torch.einsum(equation, gates, weights, behaviors)


def cases():
    """Gates between 0 and 1, some of them closed."""

    def draw(name, B=2, K=3, T=5, E=4, open_=1.0):
        inputs = {
            "gates": torch.rand(B, T) * (torch.rand(B, T) < open_),
            "weights": torch.randn(B, K, T).softmax(-1),
            "behaviors": torch.randn(B, T, E),
        }
        return Case(name, inputs)

    yield draw("open gates")
    yield draw("some closed gates", B=6, open_=0.6)
    yield draw("one user", B=1)
    yield draw("one behavior", T=1)
    # A broadcast along the wrong axis goes through.
    yield draw("as many interests as behaviors", K=4, T=4, E=3)


@mistake
def gates_left_out(gates):
    """the gates change nothing: a behavior whose gate is 0 still counts. All three
    tensors are factors of one product."""
    return {"gates": torch.ones_like(gates)}


@mistake
def gates_summed_alone(gates):
    """you sum the gates by themselves and scale the whole interest: the axis of the
    gates has another letter than the behaviors, so a gate never meets its own click."""
    yield {"equation": "bt,bku,bue->bke"}
    yield {"equation": "bt,bku,bue->bke", "gates": gates / gates.shape[1]}


@mistake(equation="ct,bkt,bte->bke")
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


@mistake
def gates_twice(gates):
    """the gates act twice: a gate of 0.5 lets a quarter through. Apply them to the
    weights or to the behaviors, not to both."""
    return {"gates": gates.square()}
