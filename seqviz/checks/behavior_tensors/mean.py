"""The mean of the real clicks, told by their number alone."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from seqviz.checks.exercise import Case, Exercise, Mistake


def reference(behaviors: Tensor, lengths: Tensor) -> Tensor:
    """``[B, T, E], [B] -> [B, E]``; padding stands on the right."""
    return _mean(behaviors, _mask(behaviors, lengths))


def cases(generator: Generator) -> Iterator[Case]:
    """Anything may lie under the padding, and a real click may be a zero vector."""

    def draw(name: str, lengths: list[int], T: int, E: int) -> Case:
        behaviors = torch.randn(len(lengths), T, E, generator=generator)
        return Case(name, {"behaviors": behaviors, "lengths": torch.tensor(lengths)})

    yield draw("full histories", [5, 5], 5, 3)
    padded = draw("padded histories", [5, 2, 3, 1], 5, 3)
    yield padded
    yield draw("an empty history", [2, 0, 5], 5, 3)
    zeros = draw("zeros under the padding and a real zero vector", [4, 3], 5, 3)
    zeros.inputs["behaviors"][0, 4:] = 0
    zeros.inputs["behaviors"][1, 3:] = 0
    zeros.inputs["behaviors"][:, 1] = 0
    yield zeros
    yield draw("one place", [1, 0], 1, 3)
    yield draw("one user", [2], 5, 3)
    yield padded.strided()
    yield padded.cast(torch.float64)
    yield padded.cast(torch.float16)


def _mask(behaviors: Tensor, lengths: Tensor) -> Tensor:
    return torch.arange(behaviors.shape[1]) < lengths[:, None]


def _total(behaviors: Tensor, mask: Tensor) -> Tensor:
    return behaviors.masked_fill(~mask[..., None], 0.0).sum(1)


def _mean(behaviors: Tensor, mask: Tensor) -> Tensor:
    return _total(behaviors, mask) / mask.sum(1, keepdim=True).clamp(min=1)


def _all_places(behaviors: Tensor, lengths: Tensor) -> Tensor:
    return behaviors.mean(1)


def _over_length_t(behaviors: Tensor, lengths: Tensor) -> Tensor:
    return _total(behaviors, _mask(behaviors, lengths)) / behaviors.shape[1]


def _sum(behaviors: Tensor, lengths: Tensor) -> Tensor:
    return _total(behaviors, _mask(behaviors, lengths))


def _one_more(behaviors: Tensor, lengths: Tensor) -> Tensor:
    return _mean(behaviors, _mask(behaviors, lengths + 1))


def _one_more_divided_right(behaviors: Tensor, lengths: Tensor) -> Tensor:
    total = _total(behaviors, _mask(behaviors, lengths + 1))
    return total / lengths.clamp(min=1)[:, None]


def _one_less(behaviors: Tensor, lengths: Tensor) -> Tensor:
    return _mean(behaviors, _mask(behaviors, lengths - 1))


def _one_less_divided_right(behaviors: Tensor, lengths: Tensor) -> Tensor:
    total = _total(behaviors, _mask(behaviors, lengths - 1))
    return total / lengths.clamp(min=1)[:, None]


def _left(behaviors: Tensor, lengths: Tensor) -> Tensor:
    T = behaviors.shape[1]
    return _mean(behaviors, torch.arange(T) >= T - lengths[:, None])


def _guessed(behaviors: Tensor, lengths: Tensor) -> Tensor:
    return _mean(behaviors, behaviors.sum(-1) != 0)


def _guessed_any(behaviors: Tensor, lengths: Tensor) -> Tensor:
    return _mean(behaviors, (behaviors != 0).any(-1))


def _nan(behaviors: Tensor, lengths: Tensor) -> Tensor:
    return _total(behaviors, _mask(behaviors, lengths)) / lengths[:, None]


EXERCISE = Exercise(
    name="behavior-tensors/mean",
    title="The mean of the real clicks",
    minutes=10,
    difficulty="warm-up",
    inputs={"behaviors": "B T E", "lengths": "B"},
    output="B E",
    reference=reference,
    cases=cases,
    dtype_of="behaviors",
    gradients=("behaviors",),
    mistakes=(
        Mistake(
            "averages-the-padding",
            "you average all T places: what lies under the padding counts as clicks. "
            "Only the first places of a row, as many as its length, are real.",
            _all_places,
        ),
        Mistake(
            "divides-by-t",
            "you add the right clicks and divide by T: a short history gets a short "
            "vector, the shorter the more padding. Divide by the number of clicks.",
            _over_length_t,
        ),
        Mistake(
            "sum-instead-of-mean",
            "you return the sum of the clicks; it still has to be divided by their "
            "number.",
            _sum,
        ),
        Mistake(
            "one-place-too-many",
            "you read one place too many: places are counted from 0, so a row of "
            "length 2 has the places 0 and 1.",
            _one_more,
            also=(_one_more_divided_right,),
        ),
        Mistake(
            "one-place-too-few",
            "you leave the newest click out: places are counted from 0, and the last "
            "real one has the number length - 1.",
            _one_less,
            also=(_one_less_divided_right,),
        ),
        Mistake(
            "padding-on-the-other-side",
            "you read the last places of the row. Here the padding stands on the "
            "right, so the clicks are the first places.",
            _left,
        ),
        Mistake(
            "guesses-the-padding",
            "you tell padding by its numbers instead of by `lengths`. Padding need "
            "not be zero, and a real click may be.",
            _guessed,
            also=(_guessed_any,),
            seen_in="the notes that this book grew from",
        ),
        Mistake(
            "nan-for-nobody",
            "only the empty history is wrong: 0 divided by 0 is NaN. The mean of no "
            "click is defined as zeros here.",
            _nan,
        ),
    ),
)
