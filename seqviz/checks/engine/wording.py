"""Faults in words: shapes by the letters of their axes, dtypes, exceptions."""

import inspect
import linecache
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

from seqviz.checks.engine.attempt import is_plain
from seqviz.checks.engine.exercise import Case, Exercise


def name_of(dtype: torch.dtype) -> str:
    """``float32``, without the package."""
    return str(dtype).removeprefix("torch.")


def called_with(case: Case) -> str:
    """``weights [2, 3, 5] float32, behaviors [2, 5, 4] float32``."""
    return ", ".join(
        f"{name} {list(value.shape)} {name_of(value.dtype)}"
        for name, value in case.inputs.items()
    )


def error_message(
    answer: Callable[..., Any], error: Exception, exercise: Exercise, case: Case
) -> str:
    """The exception in one line: what, where, on which shapes."""
    said = " ".join(str(error).split())[:200].rstrip(".") or "no message"
    line = _line_of(answer, error)
    where = f" at `{line}`" if line else ""
    return (
        f"on {case.name} your function raised {type(error).__name__}{where}: {said}. "
        f"It was called with {exercise.call}: {called_with(case)}."
    )


def type_message(value: Any) -> str | None:
    """What came instead of one tensor, or None if it is one."""
    if is_plain(value):
        return None
    if isinstance(value, Tensor):
        what = f"a tensor without plain numbers ({value.layout}, {value.device})"
    elif isinstance(value, (tuple, list)):
        what = f"a {type(value).__name__} of {len(value)}"
    else:
        what = f"a {type(value).__name__}"
    return f"you returned {what}; expected one torch tensor."


def shape_message(value: Tensor, exercise: Exercise, case: Case) -> str | None:
    """How the axes differ from the expected ones, or None if they do not."""
    sizes = _sizes(exercise, case)
    expected = exercise.output.split()
    # An axis may be a number: "-> [2]".
    if list(value.shape) == [
        int(axis) if axis.isdigit() else sizes[axis] for axis in expected
    ]:
        return None
    got = [_letter(size, sizes) for size in value.shape]
    wanted = f"[{', '.join(expected)}]" if expected else "a single number, shape []"
    message = f"on {case.name} you returned [{', '.join(got)}]; expected {wanted}"
    if got != [str(size) for size in value.shape]:
        message += f" (the sizes: {_bindings(got, expected, sizes)})"
    advice = _advice(got, expected)
    return f"{message}: {advice}." if advice else f"{message}."


def dtype_message(value: Tensor, exercise: Exercise, case: Case) -> str | None:
    """That floating-point numbers were expected, or None if they are."""
    if value.is_floating_point():
        return None
    kept = exercise.dtype_of
    wanted = (
        f"{name_of(case.inputs[kept].dtype)}, the dtype of `{kept}`"
        if kept
        else "floating-point numbers"
    )
    return f"on {case.name} you returned {name_of(value.dtype)}; expected {wanted}."


def changed_message(changed: list[str]) -> str:
    """For an answer that writes to its inputs."""
    names = " and ".join(f"`{name}`" for name in changed)
    return (
        f"the result is right, but your function writes to its input {names}: the "
        f"caller still needs it. Make a new tensor instead of changing this one in "
        f"place."
    )


def value_message(
    value: Tensor, expected: Tensor, wrong: Tensor, exercise: Exercise, case: Case
) -> str:
    """Where the numbers part, when nothing better can be said."""
    rows = _rows_that_differ(wrong, exercise, case)
    if not value.isfinite().all():
        return (
            f"on {case.name} your result holds NaN or infinity{rows}: somewhere 0 is "
            f"divided by 0, or an exponential overflows."
        )
    first = tuple(wrong.nonzero()[0].tolist())
    place = f" at {list(first)}" if first else ""
    count = f"; {int(wrong.sum())} of {wrong.numel()} numbers differ" if first else ""
    got, wanted = _apart(float(value[first]), float(expected[first]))
    return (
        f"on {case.name} your result is {got}{place} where {wanted} is "
        f"expected{count}{rows}."
    )


def gradient_message(name: str, gradient: Tensor | None, case: Case) -> str:
    """For a right result that cannot be trained through."""
    start = f"the numbers are right, but on {case.name}"
    if gradient is None:
        return (
            f"{start} no gradient reaches `{name}`: the way leaves torch (`.item()`, "
            f"`.tolist()`, `.detach()`, a tensor built from numbers), so a model "
            f"could not learn through it."
        )
    if not gradient.isfinite().all():
        return (
            f"{start} the gradient of `{name}` is NaN or infinite: a value that is "
            f"replaced afterwards still sends its gradient back. Avoid it before."
        )
    return (
        f"{start} the gradient of `{name}` is not the expected one: a part of the "
        f"result is cut off from it."
    )


def _line_of(answer: Callable[..., Any], error: Exception) -> str:
    """The learner's own line that the exception came through, as last of them."""
    if hasattr(error, "learners_line"):  # raised in another process
        return error.learners_line
    code = getattr(inspect.unwrap(answer), "__code__", None)
    if code is None:
        return ""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename == code.co_filename:
            return linecache.getline(frame.filename, frame.lineno or 0).strip()
    return ""


def _apart(left: float, right: float) -> tuple[str, str]:
    """Both in as many digits as tell them apart, four or more."""
    for digits in (4, 7, 10, 16):
        pair = f"{left:.{digits}g}", f"{right:.{digits}g}"
        if pair[0] != pair[1]:
            break
    return pair


def _rows_that_differ(wrong: Tensor, exercise: Exercise, case: Case) -> str:
    """``", only in the rows with padding"``: if the wrong rows are a known group."""
    axis = (exercise.output.split() or [""])[0]
    if not axis or wrong.dim() < 1:
        return ""
    rows = wrong.reshape(len(wrong), -1).any(1)
    for words, group in _groups(axis, exercise, case):
        if torch.equal(rows, group) and not group.all():
            return f", only in the rows {words}"
    return ""


def _groups(axis: str, exercise: Exercise, case: Case) -> Iterator[tuple[str, Tensor]]:
    """Kinds of rows that a bool input or the number of behaviors tells apart."""
    for name, axes in exercise.inputs.items():
        value = case.inputs[name]
        if axes.split()[:1] != [axis]:
            continue
        if value.dtype == torch.bool and value.dim() == 1:
            yield f"where `{name}` is True", value
            yield f"where `{name}` is False", ~value
        elif name == "mask":
            yield "of an empty history", ~value.flatten(1).any(1)
            yield "with padding", ~value.flatten(1).all(1)
            yield "with padding and a real behavior", value.any(1) & ~value.all(1)
        elif name == "lengths":
            yield "of an empty history", value == 0


def _sizes(exercise: Exercise, case: Case) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for name, axes in exercise.inputs.items():
        sizes.update(zip(axes.split(), case.inputs[name].shape, strict=True))
    return sizes


def _letter(size: int, sizes: dict[str, int]) -> str:
    """The letter of the only axis of that size, else the number."""
    letters = [axis for axis, length in sizes.items() if length == size]
    return letters[0] if len(letters) == 1 else str(size)


def _bindings(got: list[str], expected: list[str], sizes: dict[str, int]) -> str:
    letters = dict.fromkeys(axis for axis in got + expected if axis in sizes)
    return ", ".join(f"{axis} = {sizes[axis]}" for axis in letters)


def _advice(got: list[str], expected: list[str]) -> str:
    if sorted(got) == sorted(expected):
        moved = [a for a, b in zip(got, expected, strict=True) if a != b]
        if len(moved) == 2:
            return f"exchange the axes {moved[0]} and {moved[1]}"
        return "the axes are in another order"
    if len(set(got)) < len(got):
        return "one axis appears twice"
    gone = [axis for axis in expected if axis not in got]
    extra = [axis for axis in got if axis not in expected]
    match len(gone), len(extra):
        case 1, 1:
            return f"{extra[0]} stays where {gone[0]} belongs"
        case 1, 0:
            return f"{gone[0]} is gone"
        case 0, 1:
            return f"{extra[0]} is one axis too many"
    return ""
