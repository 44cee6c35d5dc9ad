"""Checks of the exercises: an answer goes in, the mistake comes out in words.

``check("comirec-sa/weights", my_weights)`` calls the function on seeded cases and
compares it with the reference. If they differ, it is compared with the wrong versions
that people write, and the hint of the one that agrees is shown.
"""

from collections.abc import Callable
from typing import Any

from seqviz.checks.engine.exercise import Case, Exercise, Mistake
from seqviz.checks.engine.grading import grade
from seqviz.checks.engine.registry import exercise, exercises
from seqviz.checks.engine.verdict import Verdict

__all__ = [
    "Case",
    "Exercise",
    "Mistake",
    "Verdict",
    "check",
    "exercise",
    "exercises",
]


def check(
    name: str, answer: Callable[..., Any] | None, *, quiet: bool = False
) -> Verdict:
    """Check an answer, show the verdict and return it.

    Args:
        name: ``"chapter/exercise"``.
        answer: the function itself, or any callable (a module too).
        quiet: return the verdict without showing it.

    Raises:
        ValueError: no exercise is called ``name``.

    Example:
        >>> verdict = check("routing/coupling", None, quiet=True)
        >>> verdict.passed, verdict.hint[:23]
        (False, 'nothing returned yet. W')
    """
    verdict = grade(exercise(name), answer)
    if not quiet:
        verdict.show()
    return verdict
