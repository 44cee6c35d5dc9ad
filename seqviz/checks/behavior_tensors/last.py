"""The newest real click, wherever the padding stands."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from seqviz.checks.exercise import Case, Exercise, Mistake


def reference(behaviors: Tensor, mask: Tensor) -> Tensor:
    """``[B, T, E], [B, T] -> [B, E]``; zeros for an empty history."""
    return _take(behaviors, mask, _newest(mask))


def cases(generator: Generator) -> Iterator[Case]:
    """Padding on the left, on the right, between, and nothing else."""

    def draw(name: str, mask: list[str], E: int = 3) -> Case:
        real = torch.tensor([[mark == "x" for mark in row] for row in mask])
        behaviors = torch.randn(*real.shape, E, generator=generator)
        return Case(name, {"behaviors": behaviors, "mask": real})

    yield draw("full histories", ["xxxxx", "xxxxx"])
    yield draw("padding on the left", ["..xxx", ".xxxx", "....x"])
    yield draw("padding on the right", ["xxx..", "xxxx.", "x...."])
    mixed = draw("padding anywhere", ["x.x..", ".xx.x", "..x.."])
    yield mixed
    yield draw("an empty history", ["xx...", ".....", "...xx"])
    yield draw("one place", ["x", "."])
    yield draw("one user", [".xx.."])
    yield mixed.strided()
    yield mixed.cast(torch.float64)
    yield mixed.cast(torch.float16)


def _newest(mask: Tensor) -> Tensor:
    return (mask * torch.arange(1, mask.shape[1] + 1)).argmax(1)


def _rows(behaviors: Tensor, place: Tensor) -> Tensor:
    return behaviors[torch.arange(len(place)), place]


def _take(behaviors: Tensor, mask: Tensor, place: Tensor) -> Tensor:
    empty = ~mask.any(1, keepdim=True)
    return _rows(behaviors, place).masked_fill(empty, 0.0)


def _last_place(behaviors: Tensor, mask: Tensor) -> Tensor:
    return behaviors[:, -1]


def _last_place_zeroed(behaviors: Tensor, mask: Tensor) -> Tensor:
    return behaviors[:, -1] * mask.any(1, keepdim=True)


def _by_length(behaviors: Tensor, mask: Tensor) -> Tensor:
    return _rows(behaviors, mask.sum(1) - 1)


def _by_length_zeroed(behaviors: Tensor, mask: Tensor) -> Tensor:
    return _take(behaviors, mask, mask.sum(1) - 1)


def _oldest(behaviors: Tensor, mask: Tensor) -> Tensor:
    return _rows(behaviors, mask.int().argmax(1))


def _oldest_zeroed(behaviors: Tensor, mask: Tensor) -> Tensor:
    return _take(behaviors, mask, mask.int().argmax(1))


def _one_before(behaviors: Tensor, mask: Tensor) -> Tensor:
    return _take(behaviors, mask, (_newest(mask) - 1).clamp(min=0))


def _average(behaviors: Tensor, mask: Tensor) -> Tensor:
    total = behaviors.masked_fill(~mask[..., None], 0.0).sum(1)
    return total / mask.sum(1, keepdim=True).clamp(min=1)


def _empty_first(behaviors: Tensor, mask: Tensor) -> Tensor:
    return _rows(behaviors, _newest(mask))


def _empty_last(behaviors: Tensor, mask: Tensor) -> Tensor:
    T = mask.shape[1]
    return _rows(behaviors, T - 1 - mask.flip(1).int().argmax(1))


EXERCISE = Exercise(
    name="behavior-tensors/last",
    title="The newest real click",
    minutes=15,
    difficulty="core",
    inputs={"behaviors": "B T E", "mask": "B T"},
    output="B E",
    reference=reference,
    cases=cases,
    dtype_of="behaviors",
    gradients=("behaviors",),
    mistakes=(
        Mistake(
            "takes-the-last-place",
            "you take the last place of every row. With padding on the right that is "
            "padding, and no error says so.",
            _last_place,
            also=(_last_place_zeroed,),
            seen_in="recurrent models fed with right-padded rows",
        ),
        Mistake(
            "place-from-the-number-of-clicks",
            "you count the clicks and take the place of that number. That holds only "
            "if all padding stands on the right; ask the mask for the place.",
            _by_length,
            also=(_by_length_zeroed,),
        ),
        Mistake(
            "takes-the-oldest",
            "you take the oldest real click: the first place where the mask is true. "
            "Time runs from left to right; the newest is the last such place.",
            _oldest,
            also=(_oldest_zeroed,),
        ),
        Mistake(
            "one-place-early",
            "you are one place early: the click before the newest.",
            _one_before,
        ),
        Mistake(
            "averages",
            "you return the mean of the real clicks; wanted is one of them, the newest.",
            _average,
        ),
        Mistake(
            "padding-for-nobody",
            "only the empty history is wrong: where nothing is real, the largest "
            "place is a tie, and you return padding. Its answer is zeros.",
            _empty_first,
            also=(_empty_last,),
        ),
    ),
)
