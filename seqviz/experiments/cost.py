"""What a function costs: its time, and the largest tensor on its way."""

import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from seqviz.arguments import require_whole


def milliseconds(
    *works: Callable[..., Any],
    arguments: Sequence[Any] = (),
    backward: bool = False,
    repeats: int = 15,
) -> list[float]:
    """The median time of a call of each, in milliseconds.

    The works are timed in turn, so that a busy moment of the machine meets all of them;
    the first fifth of the calls is not counted. It waits for a GPU to finish.

    Args:
        works: functions, all called with the same arguments.
        arguments: what they are called with.
        backward: whether the gradient of the sum of the result is worked out, too.
        repeats: how often each is called.

    Raises:
        TypeError, ValueError: ``repeats`` is not a whole number above 0.

    Example:
        >>> ones = torch.ones(400, 400)
        >>> len(milliseconds(torch.sum, torch.max, arguments=[ones]))  # one for each
        2
    """
    require_whole(repeats=repeats)
    times: list[list[float]] = [[] for _ in works]
    for _ in range(repeats):
        for work, own in zip(works, times, strict=True):
            _wait()
            start = time.perf_counter()
            result = work(*arguments)
            if backward:
                result.sum().backward()
            _wait()
            own.append(1e3 * (time.perf_counter() - start))
    return [median(own[repeats // 5 :]) for own in times]


def largest_tensor(function: Callable[..., Any], *arguments: Any) -> int:
    """How many numbers the largest tensor holds that a call of ``function`` makes.

    A view (a transpose, an ``expand``) holds none: it shows those of another tensor.

    Example:
        >>> a, b = torch.ones(10, 3), torch.ones(3, 20)
        >>> largest_tensor(torch.matmul, a, b)  # [10, 20]
        200
    """
    given = {_memory(a) for a in arguments if isinstance(a, torch.Tensor)}
    with _Sizes() as seen:
        function(*arguments)
    made = {place: size for place, size in seen.sizes if place not in given}
    return max(made.values(), default=0)


class _Sizes(TorchDispatchMode):
    """Sees every operation inside it: where each result lies, and its numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[tuple[int, int]] = []
        self._kept: list[torch.Tensor] = []  # or a new tensor takes an old one's place

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        for tensor in result if isinstance(result, tuple | list) else [result]:
            if isinstance(tensor, torch.Tensor):
                size = tensor.untyped_storage().nbytes() // tensor.element_size()
                self.sizes.append((_memory(tensor), size))
                self._kept.append(tensor)
        return result


def _memory(tensor: torch.Tensor) -> int:
    return tensor.untyped_storage().data_ptr()


def _wait() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()
