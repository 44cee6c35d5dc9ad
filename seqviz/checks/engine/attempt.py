"""Calls an answer on a case, on copies, and compares what comes out."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from seqviz.checks.engine.exercise import Case, Function

# (relative, absolute) by the coarsest dtype that took part
_TOLERANCE = {
    torch.bfloat16: (5e-2, 2e-2),
    torch.float16: (1e-2, 4e-3),
    torch.float32: (1e-4, 1e-5),
    torch.float64: (1e-7, 1e-9),
}


@dataclass(frozen=True)
class Attempt:
    """What one call gave.

    Attributes:
        value: the returned object, or None if it raised.
        error: the exception, if it raised.
        changed: the inputs that the call wrote to.
    """

    value: Any = None
    error: Exception | None = None
    changed: list[str] = field(default_factory=list)


def attempt(answer: Callable[..., Any], case: Case) -> Attempt:
    """Call ``answer`` on copies of the inputs.

    A plain float counts as a tensor without axes. The random state is fixed for the
    call and restored after it, so that the same answer gets the same verdict and the
    notebook's seed is left alone.
    """
    inputs = {name: value.clone() for name, value in case.inputs.items()}
    try:
        value = _called(answer, inputs.values())
    except Exception as error:  # noqa: BLE001  (the learner's, any)
        return Attempt(error=error)
    changed = [
        name
        for name, original in case.inputs.items()
        if not _same(inputs[name], original)
    ]
    return Attempt(value, None, changed)


def gradients(
    answer: Function, case: Case, names: tuple[str, ...]
) -> dict[str, Tensor | None]:
    """The gradient that a fixed weighted sum of the result sends to each input.

    In float32, since a loss may well be computed in it whatever the inputs are. None
    where no gradient arrives; empty if the call raises.
    """
    leaves = {name: case.inputs[name].clone().requires_grad_() for name in names}
    # Copies of the leaves, so that an answer may write to its input here.
    inputs = [
        leaves[name].clone() if name in leaves else value.clone()
        for name, value in case.inputs.items()
    ]
    try:
        with torch.enable_grad():
            value = _called(answer, inputs)
            if not value.requires_grad:
                return dict.fromkeys(names)
            probe = torch.linspace(1, 2, max(value.numel(), 1)).to(value)
            total = (value.flatten() * probe).sum()
            found = torch.autograd.grad(total, leaves.values(), allow_unused=True)
    except Exception:  # noqa: BLE001  (the learner's, any)
        return {}
    return {
        name: None if gradient is None else gradient.float()
        for name, gradient in zip(names, found, strict=True)
    }


def is_plain(value: Any) -> bool:
    """Whether it is a tensor whose numbers can be read: not sparse, not on meta."""
    return (
        isinstance(value, Tensor)
        and value.layout == torch.strided
        and not value.is_meta
    )


def close(left: Any, right: Any, case: Case) -> bool:
    """Whether two results are tensors of one shape and equal up to rounding.

    NaN equals NaN. The tolerance follows the coarsest dtype of the results and inputs.
    """
    if not is_plain(left) or not is_plain(right):
        return left is right
    if left.shape != right.shape:
        return False
    return not unequal(left, right, case).any()


def unequal(
    left: Tensor, right: Tensor, case: Case, coarsest: torch.dtype = torch.float64
) -> Tensor:
    """Which entries differ by more than rounding; both have one shape.

    The rounding is that of the coarsest dtype among the two, the inputs and the given.
    """
    dtypes = {value.dtype for value in (left, right, *case.inputs.values())}
    known = [_TOLERANCE[dtype] for dtype in dtypes if dtype in _TOLERANCE]
    relative, absolute = max([*known, _TOLERANCE[coarsest]])
    return ~torch.isclose(
        left.detach().cpu().double(),
        right.detach().cpu().double(),
        rtol=relative,
        atol=absolute,
        equal_nan=True,
    )


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """The random state is fixed within and restored after.

    Without a GPU by the generator alone: ``torch.manual_seed`` notes for three other
    kinds of device who called, which takes longer than most answers.
    """
    if torch.cuda.is_available():
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            yield
        return
    state = torch.get_rng_state()
    torch.default_generator.manual_seed(seed)
    try:
        yield
    finally:
        torch.set_rng_state(state)


def _called(answer: Callable[..., Any], inputs: Iterable[Tensor]) -> Any:
    with seeded(0):
        value = answer(*inputs)
    if isinstance(value, float):
        return torch.tensor(value, dtype=torch.float64)
    return value


def _same(left: Tensor, right: Tensor) -> bool:
    if left.shape != right.shape or left.dtype != right.dtype:
        return False
    return bool(((left == right) | (left.isnan() & right.isnan())).all())
