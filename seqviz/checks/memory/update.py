"""One step of a GRU: from the products with input and state to the next state."""

import torch

from seqviz.checks.engine import Task, mistake

TASK = Task(
    label="core, about 15 minutes",
    practice="one step of a recurrent layer",
    shapes="from_input [B, 3, H], from_state [B, 3, H], state [B, H] -> [B, H]",
)


def reference(
    from_input,
    from_state,
    state,
    order=(0, 1, 2),
    gate=torch.sigmoid,
    squash=torch.tanh,
    propose=lambda new, old, reset: new + reset * old,
    mix=lambda candidate, state, update: (1 - update) * candidate + update * state,
):
    """``order`` says where reset, update and candidate stand."""
    r, z, n = order
    reset = gate(from_input[:, r] + from_state[:, r])
    update = gate(from_input[:, z] + from_state[:, z])
    candidate = squash(propose(from_input[:, n], from_state[:, n], reset))
    return mix(candidate, state, update)


def cases():
    def draw(B=2, H=5, scale=1.5):
        from_input, from_state = scale * torch.randn(2, B, 3, H)
        return from_input, from_state, torch.randn(B, H).tanh()

    yield "two users", *draw()
    yield "a state as wide as there are parts", *draw(B=4, H=3)
    yield "one number to remember", *draw(B=4, H=1)
    from_input, from_state, state = draw()
    yield "the first click", from_input, 0 * from_state, 0 * state
    yield "large products", *draw(scale=6.0)


@mistake(
    symptom="a new state where the old one should stay",
    mix=lambda candidate, state, update: update * candidate + (1 - update) * state,
)
def update_turned_round():
    """the update gate stands the other way round. In the formula here, z = 1 keeps the
    old state; some papers have it the other way."""


@mistake(order=(1, 0, 2))
def reset_and_update_exchanged():
    """the reset gate and the update gate have changed places."""


@mistake(propose=lambda new, old, reset: new + old)
def no_reset():
    """the reset gate plays no part: the candidate reads the whole old state."""


@mistake(propose=lambda new, old, reset: reset * (new + old))
def reset_of_the_input_too():
    """the reset gate dampens the click as well. It belongs to what comes from the old
    state alone."""


@mistake(propose=lambda new, old, reset: reset * new + old)
def reset_of_the_input():
    """the reset gate dampens the click in the place of the old state."""


@mistake(propose=lambda new, old, reset: new + (1 - reset) * old)
def reset_turned_round():
    """the reset gate stands the other way round: r = 1 reads the old state whole."""


@mistake(propose=lambda new, old, reset: new)
def candidate_without_the_past():
    """the candidate does not read the old state at all."""


@mistake(squash=torch.sigmoid)
def candidate_through_sigmoid():
    """the candidate went through a sigmoid like the gates. It is what is written, not
    how much, and may be negative: tanh."""


@mistake(squash=lambda new: new)
def candidate_as_it_came():
    """the candidate is mixed in as it came: a tanh is missing."""


@mistake(gate=torch.tanh)
def gates_through_tanh():
    """your gates went through tanh. A gate is a share, from 0 to 1: a sigmoid."""


@mistake(mix=lambda candidate, state, update: candidate + update * state)
def written_whole():
    """the candidate is added whole. The two shares sum to 1, so that the state stays
    between -1 and 1."""


@mistake(mix=lambda candidate, state, update: (1 - update) * candidate)
def old_state_lost():
    """the old state plays no part in the mixture: nothing is carried on."""


@mistake(mix=lambda candidate, state, update: candidate)
def candidate_returned():
    """you return the candidate. The update gate mixes it with the old state."""


@mistake(symptom="numbers that are close, but not equal")
def reset_before_the_product(from_input, from_state, state):
    """the reset gate multiplies the old state itself. Here it multiplies the product
    that was made of it."""
    return {"from_state": from_state, "propose": lambda n, o, r: n + r * state}
