"""What is right but for the number type: it passes, with a remark on the remedy."""

import torch

from seqviz.checks.engine.attempt import Attempt, is_plain, unequal
from seqviz.checks.engine.exercise import Case, Exercise
from seqviz.checks.engine.wording import name_of

_HALVES = {torch.float16, torch.bfloat16}


def has_no_kernel(tried: Attempt, case: Case) -> bool:
    """Whether torch lacks an operation in half precision, as ``cdist`` on a CPU."""
    half = any(value.dtype in _HALVES for value in case.inputs.values())
    missing = isinstance(tried.error, (NotImplementedError, RuntimeError))
    return half and missing and "\" not implemented for '" in str(tried.error)


def promoted(exercise: Exercise, tried: Attempt, case: Case) -> str:
    """The remark on a right result in another floating dtype than wanted, or ""."""
    like = exercise.dtype_of
    if like is None or tried.value.dtype == case.inputs[like].dtype:
        return ""
    return (
        f"on {case.name} you returned {name_of(tried.value.dtype)}, not "
        f"{name_of(case.inputs[like].dtype)}, the dtype of `{like}`. {_remedy(like)}"
    )


def excuse(exercise: Exercise, tried: Attempt, case: Case) -> str:
    """The remark on a fault that another dtype alone brings, or "" if it is a fault.

    The cases in other dtypes repeat one that the answer has passed in float32.
    """
    if case.cast_to is None:
        return ""
    like = exercise.dtype_of or next(iter(exercise.inputs))
    dtype, lowest = name_of(case.cast_to), f"`torch.finfo({like}.dtype).min`"
    if "without overflow" in str(tried.error):
        return f"-1e9 does not fit in {dtype}: use {lowest} in its place."
    if tried.error is not None:
        return (
            f"in {dtype} your function raises an error, in float32 it does not: two "
            f"dtypes meet in one operation. {_remedy(like)}"
        )
    if not is_plain(tried.value):
        return ""
    if case.cast_to not in _HALVES:
        expected = exercise.reference(*case.inputs.values())
        if tried.value.shape != expected.shape:
            return ""
        if unequal(tried.value, expected, case, torch.float32).any():
            return ""
        return (
            f"on {case.name} your numbers are right to the precision of float32 only: "
            f"the dtype was lost on the way. {_remedy(like)}"
        )
    if not tried.value.isfinite().all():
        return (
            f"in {dtype} your result holds NaN or infinity: a number on the way does "
            f"not fit ({lowest} does, -1e9 does not), or is so small that it becomes 0."
        )
    return (
        f"in {dtype} your numbers are off by more than the reference's: compute in "
        f"`{like}.float()` and end with `.to({like}.dtype)`."
    )


def _remedy(like: str) -> str:
    return (
        f"`.float()` and `torch.zeros(...)` make float32, whatever `{like}` is: give "
        f"what you make on the way the dtype of `{like}`, as in `.to({like}.dtype)`."
    )
