"""Exercises that are still declared as objects; gone when the last is converted."""

import torch

from seqviz.checks.engine import exercise
from seqviz.checks.engine.exercise import Case  # noqa: F401


def Mistake(name, hint, wrong, also=(), seen_in=""):  # noqa: N802, D103
    return exercise.Mistake(name, hint, (wrong, *also), seen_in)


def Exercise(*, cases, properties=(), **rest):  # noqa: N802, D103
    def make_cases():
        return list(cases(torch.Generator().manual_seed(0)))

    return exercise.Exercise(make_cases=make_cases, rules=properties, **rest)
