"""An exercise with its axes in another order; everything else stays the book's."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, wraps
from typing import Any

from torch import Tensor

from seqviz import checks
from seqviz.checks.engine.attempt import attempt, close
from seqviz.checks.engine.exercise import Case, Exercise, Function, Mistake

#: From the axes of a tensor to their new order.
ORDERS: dict[str, Callable[[list[str]], list[str]]] = {
    "batch-last": lambda axes: axes[1:] + axes[:1],
    "time-first": lambda axes: sorted(axes, key=lambda axis: axis != "T"),
    "turned-round": lambda axes: axes[::-1],
}
# A hint that speaks of axes by their place, or of the order in memory.
_OF_ORDER = re.compile(
    r"\[|reshape|transpos|(first|last) ax|columns?\b|order in memory"
)


@cache
def _orders(name: str) -> tuple[str, ...]:
    exercise = checks.exercise(name)
    some_class = type("Answer", (), {})
    if exercise.prepare(some_class) is not some_class:
        return ()
    tensors = [axes.split() for axes in (*exercise.inputs.values(), exercise.output)]
    found: dict[str, str] = {}
    for name, order in ORDERS.items():
        moved = repr([order(axes) for axes in tensors])
        if moved != repr(tensors) and not _answers_itself(exercise, name):
            found.setdefault(moved, name)
    return tuple(found.values())


def orders_of(exercise: Exercise) -> list[str]:
    """The orders in which ``exercise`` is a variant: the book's answer fails there."""
    return list(_orders(exercise.name))


def in_order(exercise: Exercise, name: str) -> Exercise:
    """``exercise`` with the axes of every tensor in another order.

    Mistakes whose hint speaks of the order itself are left out: what was wrong there
    may be right here.

    Raises:
        ValueError: ``exercise`` has no such variant.
    """
    if name not in orders_of(exercise):
        known = ", ".join(orders_of(exercise)) or "none"
        raise ValueError(f"the order of {exercise.name} must be {known}, got {name!r}")
    return _in_order(exercise, name)


def _in_order(exercise: Exercise, name: str) -> Exercise:
    inputs = {
        part: _moved(axes.split(), ORDERS[name])
        for part, axes in exercise.inputs.items()
    }
    output = _moved(exercise.output.split(), ORDERS[name])

    def ask(function: Function) -> Function:
        @wraps(function)
        def asked(*given: Tensor) -> Any:
            result = function(*_back(given))
            fits = isinstance(result, Tensor) and result.dim() == len(output)
            return result.permute(output) if fits else result

        return asked

    def _back(given: Sequence[Tensor]) -> list[Tensor]:
        pairs = zip(given, inputs.values(), strict=True)
        return [tensor.permute(_inverse(order)) for tensor, order in pairs]

    def turned(case: Case) -> Case:
        moved = {
            part: value.permute(inputs[part]).contiguous()
            for part, value in case.inputs.items()
        }
        strided = any(not value.is_contiguous() for value in case.inputs.values())
        case = replace(case, inputs=moved)
        return replace(case.strided(), name=case.name) if strided else case

    def make_cases(seed: int = 0) -> list[Case]:
        return [turned(case) for case in exercise.make_cases(seed)]

    def asked_rule(rule: Callable[..., str | None]) -> Callable[..., str | None]:
        def broken(result: Tensor, *given: Tensor) -> str | None:
            return rule(result.permute(_inverse(output)), *_back(given))

        return broken

    def spelled(axes: str) -> str:
        return _spelled(axes.split(), ORDERS[name])

    given = [f"{part} [{spelled(axes)}]" for part, axes in exercise.inputs.items()]
    first = _first(exercise.name)
    return replace(
        exercise,
        name=f"{exercise.name}@{name}",
        shapes=f"{', '.join(given)} -> [{spelled(exercise.output)}]",
        reference=ask(exercise.reference),
        make_cases=make_cases,
        mistakes=tuple(
            replace(m, versions=tuple(map(ask, m.versions)))
            for m in exercise.mistakes
            if _carries_over(m, len(output), first)
        ),
        rules=tuple(map(asked_rule, exercise.rules)),
    )


def permutations_of(exercise: Exercise, name: str) -> dict[str, list[int]]:
    """From each argument (and ``"->"``) to the book's axes in their new order."""
    axes = exercise.inputs | {"->": exercise.output}
    return {part: _moved(of.split(), ORDERS[name]) for part, of in axes.items()}


def _carries_over(mistake: Mistake, axes: int, first: Sequence[Tensor]) -> bool:
    if _OF_ORDER.search(mistake.hint):
        return False
    return all(wrong(*first).dim() == axes for wrong in mistake.versions)


def _answers_itself(exercise: Exercise, order: str) -> bool:
    variant = _in_order(exercise, order)
    case = variant.make_cases()[0]
    tried, wanted = (attempt(e.reference, case).value for e in (exercise, variant))
    return close(tried, wanted, case)


@cache
def _first(name: str) -> tuple[Tensor, ...]:
    return tuple(checks.exercise(name).make_cases()[0].inputs.values())


def _moved(axes: list[str], order: Callable[[list[str]], list[str]]) -> list[int]:
    """``["B", "T", "E"]`` with the batch last: ``[1, 2, 0]``."""
    left = list(range(len(axes)))
    places = []
    for axis in order(axes):
        place = next(place for place in left if axes[place] == axis)
        places.append(place)
        left.remove(place)
    return places


def _spelled(axes: list[str], order: Callable[[list[str]], list[str]]) -> str:
    return " ".join(order(axes))


def _inverse(places: list[int]) -> list[int]:
    return [places.index(place) for place in range(len(places))]
