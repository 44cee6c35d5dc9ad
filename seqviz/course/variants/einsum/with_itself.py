"""Every pair once, and each field with itself."""

import torch

from seqviz.checks.einsum import pairs
from seqviz.checks.einsum.pairs import (  # noqa: F401
    cases,
    coordinates_apart,
    mixes_the_batch,
    strength_left_out,
)
from seqviz.checks.engine import Task, mistake

OF = "einsum/pairs"
TASK = Task(
    label="core, about 15 minutes",
    practice=pairs.TASK.practice,
    shapes=pairs.TASK.shapes,
)
TEXT = """
A ranking model describes a click by F fields, each with a vector: `fields` `[B, F, E]`.
Field i and field j interact with their inner product, times `strength[i, j]`. Here a
field also interacts with itself. Return the sum over all pairs with i ≤ j `[B]`. The
entries of `strength` `[F, F]` below the diagonal mean nothing and are not zero.
"""


def reference(fields, strength, part=torch.triu, equation="bie,bje,ij->b"):
    return torch.einsum(equation, fields, fields, part(strength))


def solution(fields, strength):
    return torch.einsum("bie,bje,ij->b", fields, fields, strength.triu())


@mistake(part=lambda strength: strength)
def every_pair_twice():
    """you sum over all i and j: two different fields count twice, with two strengths.
    Only i ≤ j is asked for."""


@mistake(symptom="a sum with too few terms", part=lambda strength: strength.triu(1))
def itself_left_out():
    """a field does not meet itself: the diagonal of the strengths is gone. Here it
    belongs to the sum."""


@mistake(symptom="the right sum only where `strength` is symmetric", part=torch.tril)
def lower_triangle():
    """you read the strengths below the diagonal, those with i > j."""


@mistake(part=lambda strength: strength / 2)
def half_of_all_pairs():
    """you halve the sum over all pairs. Here (i, j) and (j, i) have two strengths, and
    a field meets itself once, not half a time."""


@mistake(part=lambda strength: strength.triu(1) + strength.triu())
def different_fields_twice():
    """two different fields count twice, a field with itself once. Each pair is to be
    counted once."""
