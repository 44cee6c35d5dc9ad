"""From an answer to a verdict: the first case that fails, and the mistake behind it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from seqviz.checks.engine import precision, wording
from seqviz.checks.engine.attempt import Attempt, attempt, close, gradients, unequal
from seqviz.checks.engine.exercise import Case, Exercise, Function, Mistake, Refused
from seqviz.checks.engine.verdict import Verdict

_STUB = (
    "nothing returned yet. Write the body of the function; if it is written, it "
    "lacks a `return`."
)


@dataclass(frozen=True)
class _Fault:
    """What is wrong on a case, in general words; ``part`` is what to compare."""

    hint: str
    part: Literal["value", "gradient", "none"] = "value"


def grade(exercise: Exercise, answer: Callable[..., Any] | None) -> Verdict:
    """Try ``answer`` on the cases of ``exercise``, the plainest first.

    The first case that fails decides. The hint is that of the known mistake that
    gives the same numbers there, and of those the one that agrees most often on the
    other cases; without such a mistake the fault is described in general words. What
    is right but for the number type passes, with a remark.
    """
    if answer is None or answer is Ellipsis:
        return Verdict(exercise.name, False, _STUB)
    if not callable(answer):
        hint = (
            f"the check calls your function itself, with {exercise.call}: pass it by "
            f"its name, without calling it. A {type(answer).__name__} came."
        )
        return Verdict(exercise.name, False, hint)
    answer = exercise.prepare(answer)
    cases, agreed = exercise.make_cases(), []
    remarks: list[tuple[str | None, str]] = []  # a known mistake, if it is one
    for case in cases:
        result = attempt(answer, case)
        if precision.has_no_kernel(result, case):
            continue
        fault = _fault(exercise, answer, case, result)
        if fault is None:
            agreed.append(case)
            if remark := precision.promoted(exercise, result, case):
                remarks.append((None, remark))
            continue
        mistake = _diagnose(exercise, answer, case, cases, fault.part)
        told, name = (mistake.hint, mistake.name) if mistake else (fault.hint, None)
        excuse = precision.excuse(exercise, result, case)
        if not excuse:
            return Verdict(exercise.name, False, told, name)
        remarks.append((name, told if mistake else excuse))
    names = ", ".join(case.name for case in agreed)
    hint = f"your function agrees with the reference on {len(agreed)} cases: {names}."
    name, remark = next(iter(remarks), (None, ""))
    return Verdict(exercise.name, True, hint, name, remark)


def expected_value(exercise: Exercise, case: Case) -> Tensor:
    """The reference on float64 inputs."""
    return exercise.reference(*case.cast(torch.float64).inputs.values())


def agrees(
    function: Function,
    other: Callable[..., Any],
    exercise: Exercise,
    case: Case,
    part: Literal["value", "gradient"] = "value",
) -> bool:
    """Whether two functions give the same numbers, or the same gradients, on a case."""
    left, right = (_given(one, exercise, case, part) for one in (function, other))
    return _same(left, right, case)


def _given(
    function: Callable[..., Any], exercise: Exercise, case: Case, part: str
) -> dict[str, Any] | None:
    """What ``function`` gives, or its gradients; None if it raises."""
    if part == "gradient":
        return gradients(function, case, exercise.gradients)
    tried = attempt(function, case)
    return None if tried.error else {"value": tried.value}


def _same(left: dict | None, right: dict | None, case: Case) -> bool:
    if left is None or right is None or left.keys() != right.keys():
        return False
    return all(close(left[name], right[name], case) for name in left)


def _fault(
    exercise: Exercise, answer: Callable[..., Any], case: Case, tried: Attempt
) -> _Fault | None:
    if isinstance(tried.error, NotImplementedError) or _is_stub(tried):
        return _Fault(_STUB, "none")
    if isinstance(tried.error, Refused):
        return _Fault(str(tried.error), "none")
    if tried.error is not None:
        hint = wording.error_message(answer, tried.error, exercise, case)
        return _Fault(hint, "none")
    value = tried.value
    if hint := wording.type_message(value):
        return _Fault(hint, "none")
    if hint := wording.shape_message(value, exercise, case):
        return _Fault(hint)
    expected = expected_value(exercise, case)
    wrong = unequal(value, expected, case)
    if wrong.any():
        hint = _broken_rule(exercise, value, case) or wording.value_message(
            value, expected, wrong, exercise, case
        )
        return _Fault(hint)
    hint = wording.dtype_message(value, exercise, case)
    if hint is None and tried.changed:
        hint = wording.changed_message(tried.changed)
    if hint:
        return _Fault(hint, "none")
    return _gradient_fault(exercise, answer, case)


def _gradient_fault(
    exercise: Exercise, answer: Callable[..., Any], case: Case
) -> _Fault | None:
    if not exercise.gradients or not case.gradients:
        return None
    exact = case.cast(torch.float64)
    expected = gradients(exercise.reference, exact, exercise.gradients)
    found = gradients(answer, case, exercise.gradients)
    if not found:
        hint = (
            f"the numbers are right, but on {case.name} the call or its backward "
            f"pass raises once the inputs require a gradient."
        )
        return _Fault(hint, "gradient")
    for name, gradient in found.items():
        wanted = expected[name]
        if gradient is None and wanted is not None and not wanted.any():
            continue  # nothing to learn here: a sum of no terms has no graph
        if not close(gradient, wanted, case):
            hint = wording.gradient_message(name, gradient, case)
            return _Fault(hint, "gradient")
    return None


def _diagnose(
    exercise: Exercise,
    answer: Callable[..., Any],
    failed: Case,
    cases: list[Case],
    part: Literal["value", "gradient", "none"],
) -> Mistake | None:
    if part == "none":
        return None
    given = _given(answer, exercise, failed, part)
    right = _given(exercise.reference, exercise, failed, part)

    def explains(wrong: Function) -> bool:
        told = _given(wrong, exercise, failed, part)
        if not _same(told, given, failed):
            return False
        if _same(told, right, failed):
            return False  # this mistake does not show here
        if failed.cast_to and not _right_without_casts(exercise, wrong, cases):
            return False  # it would have shown before
        # In a gradient fault the values are right, so the mistake's must be too.
        return part == "value" or close(
            attempt(wrong, failed).value, expected_value(exercise, failed), failed
        )

    found = [
        (mistake, wrong)
        for mistake in exercise.mistakes
        for wrong in mistake.versions
        if explains(wrong)
    ]
    if len(found) < 2:
        return found[0][0] if found else None

    def agreements(pair: tuple[Mistake, Function]) -> int:
        return sum(agrees(pair[1], answer, exercise, case) for case in cases)

    return max(found, key=agreements)[0]


def _right_without_casts(
    exercise: Exercise, wrong: Function, cases: list[Case]
) -> bool:
    plain = [case for case in cases if case.cast_to is None]
    return all(agrees(exercise.reference, wrong, exercise, case) for case in plain)


def _broken_rule(exercise: Exercise, value: Tensor, case: Case) -> str | None:
    for rule in exercise.rules:
        message = rule(value.detach(), *case.inputs.values())
        if message:
            return f"on {case.name} {message}"
    return None


def _is_stub(tried: Attempt) -> bool:
    empty = tried.value is None or tried.value is Ellipsis
    return tried.error is None and (empty or tried.value is NotImplemented)
