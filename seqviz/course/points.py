"""Points: what an exercise is worth, and which part of it an answer has earned."""

from collections.abc import Callable
from typing import Any

from seqviz.checks.engine.attempt import attempt, close, is_plain
from seqviz.checks.engine.exercise import Exercise
from seqviz.checks.engine.grading import expected_value
from seqviz.checks.engine.verdict import Verdict

#: By difficulty; even, so that a half is a whole number.
WORTH = {"warm-up": 2, "core": 4, "project": 6}

#: The rule, as students read it.
RULE = (
    "All points for an answer that is right on every case. Half of them for one that "
    "is right on the plainest case and whose mistake has a name, and for one whose "
    "numbers are right on every case while something else is not: a gradient, an "
    "input that was changed."
)


def worth(exercise: Exercise) -> int:
    """The points of ``exercise``."""
    return WORTH[exercise.difficulty]


def share(exercise: Exercise, answer: Callable[..., Any], verdict: Verdict) -> float:
    """The part that ``answer`` has earned: 1, 0.5 or 0. ``RULE`` says it in words."""
    if verdict.passed:
        return 1.0
    if not callable(answer):
        return 0.0
    answer = exercise.prepare(answer)
    cases = [case for case in exercise.make_cases() if case.cast_to is None]
    plainest, *others = cases
    if not _is_right(exercise, answer, plainest):
        return 0.0
    if verdict.mistake or all(_is_right(exercise, answer, one) for one in others):
        return 0.5
    return 0.0


def _is_right(exercise: Exercise, answer: Callable[..., Any], case) -> bool:
    value = attempt(answer, case).value
    return is_plain(value) and close(value, expected_value(exercise, case), case)
