"""Every pair of fields, once: with a strength of its own."""

import torch

from seqviz.checks.engine import Task, mistake

TASK = Task(
    label="core, about 15 minutes",
    practice="a sum over pairs, each of them once",
    shapes="fields [B, F, E], strength [F, F] -> [B]",
)


def reference(
    fields, strength, part=lambda strength: strength.triu(1), equation="bie,bje,ij->b"
):
    """The sum over i < j."""
    return torch.einsum(equation, fields, fields, part(strength))


def cases():
    """A strength for every pair; the triangle that is not asked for is not empty."""

    def draw(B=3, F=4, E=5):
        return torch.randn(B, F, E) / 2, torch.randn(F, F)

    yield "four fields", *draw()
    yield "two fields", *draw(F=2)
    yield "one field", *draw(F=1)
    yield "as many fields as coordinates", *draw(F=5)


@mistake(symptom="a sum with too many terms", part=lambda strength: strength)
def every_pair_and_itself():
    """you sum over all i and j: each pair counts twice, with two strengths, and each
    field meets itself. Only i < j is asked for."""


@mistake(part=lambda strength: strength - torch.diag(strength.diagonal()))
def every_pair_twice():
    """each pair counts twice, as (i, j) and as (j, i), with two different strengths.
    Only i < j is asked for."""


@mistake(part=lambda strength: (strength - strength.diag().diag()) / 2)
@mistake(part=lambda strength: strength / 2)
def half_of_all_pairs():
    """you halve the sum over all pairs. That is right where (i, j) and (j, i) have one
    strength; here each has its own, and only i < j is asked for."""


@mistake(part=torch.triu)
def diagonal_kept():
    """each field also meets itself: the diagonal is still there. Only i < j is asked
    for, so start one above it."""


@mistake(
    symptom="the right sum only where `strength` is symmetric",
    part=lambda strength: strength.tril(-1),
)
def lower_triangle():
    """you read the strengths below the diagonal, those with i > j."""


@mistake(strength=torch.ones_like)
def strength_left_out():
    """all pairs count alike: the strengths are not used."""


@mistake(equation="bie,bjf,ij->b")
def coordinates_apart():
    """the coordinates of the two fields have two letters, so each field is summed by
    itself first. An inner product multiplies equal coordinates."""


@mistake(equation="bie,cje,ij->b")
def mixes_the_batch():
    """a user's fields meet those of every user: the second batch axis is gone."""
