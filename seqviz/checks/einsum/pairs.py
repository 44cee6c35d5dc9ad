"""Pairwise products of fields, each pair once, with a strength of its own."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from seqviz.checks.engine.before import Case, Exercise, Mistake


def reference(fields: Tensor, strength: Tensor) -> Tensor:
    """``[B, F, E], [F, F] -> [B]``, the sum over i < j."""
    upper = strength.triu(1)
    return torch.einsum("bie,bje,ij->b", fields, fields, upper)


def cases(generator: Generator) -> Iterator[Case]:
    """A strength for every pair; the triangle that is not asked for is not empty."""

    def draw(name: str, B: int, F: int, E: int) -> Case:
        inputs = {
            "fields": torch.randn(B, F, E, generator=generator) / 2,
            "strength": torch.randn(F, F, generator=generator),
        }
        return Case(name, inputs)

    plain = draw("four fields", 3, 4, 5)
    yield plain
    yield draw("two fields", 3, 2, 5)
    yield draw("one field", 3, 1, 5)
    yield draw("one user", 1, 4, 5)
    yield draw("as many fields as coordinates", 3, 5, 5)
    yield plain.strided()
    yield plain.cast(torch.float64)
    yield plain.cast(torch.float16)


def _all_pairs(fields: Tensor, strength: Tensor) -> Tensor:
    return torch.einsum("bie,bje,ij->b", fields, fields, strength)


def _without_diagonal(fields: Tensor, strength: Tensor) -> Tensor:
    strength = strength - torch.diag(strength.diagonal())
    return _all_pairs(fields, strength)


def _with_diagonal(fields: Tensor, strength: Tensor) -> Tensor:
    return _all_pairs(fields, strength.triu())


def _lower(fields: Tensor, strength: Tensor) -> Tensor:
    return _all_pairs(fields, strength.tril(-1))


def _no_strength(fields: Tensor, strength: Tensor) -> Tensor:
    return _all_pairs(fields, torch.ones_like(strength).triu(1))


def _coordinates_apart(fields: Tensor, strength: Tensor) -> Tensor:
    return torch.einsum("bie,bjf,ij->b", fields, fields, strength.triu(1))


def _mixed_batch(fields: Tensor, strength: Tensor) -> Tensor:
    return torch.einsum("bie,cje,ij->b", fields, fields, strength.triu(1))


EXERCISE = Exercise(
    name="einsum/pairs",
    title="Every pair of fields, once",
    minutes=15,
    difficulty="core",
    inputs={"fields": "B F E", "strength": "F F"},
    output="B",
    reference=reference,
    cases=cases,
    dtype_of="fields",
    gradients=("fields", "strength"),
    mistakes=(
        Mistake(
            "every-pair-and-itself",
            "you sum over all i and j: each pair counts twice, with two strengths, "
            "and each field meets itself. Only i < j is asked for.",
            _all_pairs,
        ),
        Mistake(
            "every-pair-twice",
            "each pair counts twice, as (i, j) and as (j, i), with two different "
            "strengths. Only i < j is asked for.",
            _without_diagonal,
        ),
        Mistake(
            "diagonal-kept",
            "each field also meets itself: the diagonal is still there. Only i < j is "
            "asked for, so start one above it.",
            _with_diagonal,
        ),
        Mistake(
            "lower-triangle",
            "you read the strengths below the diagonal, those with i > j.",
            _lower,
        ),
        Mistake(
            "strength-left-out",
            "all pairs count alike: the strengths are not used.",
            _no_strength,
        ),
        Mistake(
            "coordinates-apart",
            "the coordinates of the two fields have two letters, so each field is "
            "summed by itself first. An inner product multiplies equal coordinates.",
            _coordinates_apart,
        ),
        Mistake(
            "mixes-the-batch",
            "each user's fields meet the fields of every user: the second one's batch "
            "axis is summed away.",
            _mixed_batch,
        ),
    ),
)
