"""One step of an LSTM: from the four logits and the cell to the state."""

import torch

from seqviz.checks.engine import Task, mistake

TASK = Task(
    label="warm-up, about 10 minutes",
    practice="gates: what is kept, written and shown",
    shapes="logits [B, 4, H], cell [B, H] -> [B, H]",
)


def reference(
    logits,
    cell,
    order=(0, 1, 2, 3),
    gate=torch.sigmoid,
    squash=torch.tanh,
    shown=torch.tanh,
    kept=None,
    written=None,
):
    """``order`` says where forget, input, candidate and output stand."""
    forget, write, new, output = (logits[:, place] for place in order)
    forget, write, output = gate(forget), gate(write), gate(output)
    kept = forget if kept is None else kept(forget)
    written = write if written is None else written(forget, write)
    return output * shown(kept * cell + written * squash(new))


def cases():
    def draw(B=3, H=5, scale=1.5):
        return scale * torch.randn(B, 4, H), 1.5 * torch.randn(B, H)

    yield "three users", *draw()
    yield "a state as wide as there are gates", *draw(B=2, H=4)
    yield "four users", *draw(B=4, H=3)
    yield "one number to remember", *draw(B=3, H=1)
    logits, cell = draw()
    yield "an empty cell", logits, torch.zeros_like(cell)
    yield "large logits", *draw(scale=8.0)


@mistake(order=(1, 0, 2, 3))
def forget_and_input_exchanged():
    """the forget gate and the input gate have changed places: the old cell is kept as
    far as the new should be written."""


@mistake(order=(3, 1, 2, 0))
def forget_and_output_exchanged():
    """the forget gate and the output gate have changed places."""


@mistake(order=(0, 3, 2, 1))
def input_and_output_exchanged():
    """the input gate and the output gate have changed places."""


@mistake(
    symptom="an old cell that goes where it should stay", kept=lambda forget: 1 - forget
)
def forget_turned_round():
    """you keep what the forget gate lets go: it multiplies the old cell as it is, so 1
    means keep."""


@mistake(written=lambda forget, write: 1 - forget)
def written_is_what_was_forgotten():
    """you write as much as was forgotten. That saves a gate, and some layers do it; an
    LSTM has an input gate of its own."""


@mistake(kept=torch.ones_like)
def nothing_forgotten():
    """the forget gate plays no part: the old cell is kept whole. So it was in 1997; the
    formula has the gate."""


@mistake(kept=torch.zeros_like)
def cell_overwritten():
    """the old cell plays no part: nothing is remembered."""


@mistake(written=lambda forget, write: torch.ones_like(write))
def always_written():
    """the input gate plays no part: the candidate is written whole."""


@mistake(squash=torch.sigmoid)
def candidate_through_sigmoid():
    """the candidate went through a sigmoid like the gates. It is what is written, not
    how much, and may be negative: tanh."""


@mistake(squash=lambda new: new)
def candidate_as_it_came():
    """the candidate is written as it came: a tanh is missing."""


@mistake(shown=lambda cell: cell)
def cell_shown_as_it_is():
    """the output gate multiplies the cell itself. It multiplies the tanh of the cell,
    so that the state stays between -1 and 1."""


@mistake(squash=lambda new: new, shown=lambda cell: cell)
def no_tanh_at_all():
    """both tanh are missing: the candidate goes through one before it is written, the
    cell through one before it is shown."""


@mistake(gate=torch.tanh)
def gates_through_tanh():
    """your gates went through tanh. A gate is a share, from 0 to 1: a sigmoid."""


@mistake(gate=lambda x: x.softmax(-1))
def gates_through_softmax():
    """your gates went through a softmax over the entries. Each entry has a gate of its
    own: a sigmoid."""


@mistake(symptom="a state beyond -1 and 1")
def cell_returned(logits, cell):
    """you return the new cell. Asked is the state: what the output gate shows of it."""
    forget, write, new, _ = logits.unbind(1)
    return forget.sigmoid() * cell + write.sigmoid() * new.tanh()


@mistake
def old_cell_shown(logits, cell):
    """the state shows the old cell. First the cell changes, then it is shown."""
    return logits[:, 3].sigmoid() * cell.tanh()
