"""A gate with a default: for people who have no past."""

import torch

from seqviz.checks.engine import Task, marks, mistake

TASK = Task(
    label="warm-up, about 10 minutes",
    practice="a mixture with a default",
    shapes="short [B, E], long [B, E], logits [B, E], known [B] -> [B, E]",
    vary="some have no past",
)


def reference(short, long, logits, known, share=torch.sigmoid):
    gate = share(logits).where(known[:, None], torch.ones_like(logits))
    return gate * short + (1 - gate) * long


def cases():
    def draw(known, E=4, scale=1.5):
        return *(torch.randn(3, len(known), E) * scale), marks(known)[0]

    yield "everybody has a past", *draw("xxx")
    yield "some have no past", *draw("x.x.x")
    yield "nobody has a past", *draw("...")
    yield "one entry", *draw("xx.", E=1)
    yield "decided gates", *draw("x.xx", scale=5.0)


@mistake(symptom="the session where the past should speak")
def gate_inverted():
    """the gate is turned round: where it is open the session speaks, where it is shut
    the past does."""
    return {"share": lambda logits: torch.sigmoid(-logits)}


@mistake(share=lambda logits: logits.softmax(-1))
def shares_over_the_entries():
    """your gate sums to 1 over the entries of a user. Each entry has a gate of its own,
    from 0 to 1."""


@mistake(share=lambda logits: torch.sigmoid(logits).mean(-1, True).expand_as(logits))
def one_gate_a_user():
    """every entry of a user has the same gate. Each has its own."""


@mistake(share=lambda logits: (logits > 0).to(logits.dtype))
def hard_gate():
    """your gate is 0 or 1: nothing between, and nothing for training to move."""


@mistake(share=lambda logits: logits)
def logits_as_gate():
    """you mix by the logits themselves. A gate lies between 0 and 1."""


@mistake(share=torch.tanh)
def gate_by_tanh():
    """your gate runs from -1 to 1: below 0 it turns the session's sign."""


@mistake
def past_not_gated(short, long, logits, known):
    """you add the whole past to the gated session. Where the gate is open, the past is
    to be silent."""
    gate = torch.sigmoid(logits).where(known[:, None], torch.ones_like(logits))
    return gate * short + long * known[:, None]


@mistake
def both_by_the_same_gate(short, long, logits, known):
    """session and past are multiplied by the same gate. What one gains the other has to
    lose."""
    gate = torch.sigmoid(logits).where(known[:, None], torch.ones_like(logits))
    return gate * (short + long * known[:, None])


@mistake
def a_plain_mean(short, long, known):
    """you take half of each, whatever the gate says."""
    return (short + long).div(2).where(known[:, None], short)


@mistake(symptom="a mixture for somebody without a past", known=torch.ones_like)
def default_forgotten():
    """somebody without a past gets a mixture with a past that is not hers. For her the
    session speaks alone."""


@mistake
def default_is_the_past(short, long, logits, known):
    """somebody without a past gets the past alone; she should get the session alone."""
    gate = torch.sigmoid(logits) * known[:, None]
    return gate * short + (1 - gate) * long


@mistake
def default_is_nothing(short, long, logits, known):
    """somebody without a past gets zeros. She still has a session."""
    gate = torch.sigmoid(logits)
    return (gate * short + (1 - gate) * long) * known[:, None]


@mistake
def default_is_gated(short, long, logits, known):
    """somebody without a past gets her session times the gate. With nobody to share
    with, the session counts whole."""
    gate = torch.sigmoid(logits)
    return gate * short + (1 - gate) * long * known[:, None]
