"""What the museums share: how versions are hung and told apart, and the wrong ways.

A museum asks which of V versions is right, from what each gave and not from its code.
Its reference says for each property which versions have it and lets ``ask`` decide;
``same`` says when two outputs are the same. Its page imports the mistakes at the end.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from torch import Tensor, cat, stack

from seqviz.checks.engine.page import mistake

SAME = 0.01  # two outputs are the same if they differ by less, everywhere

Held = Mapping[str, Tensor]


def rooms(right: Callable, wrong: Sequence[Sequence[Callable]]) -> Iterator[tuple]:
    """The name of each room and its versions; each has another place for ``right``."""
    names = ("the first room", "the second room", "the third room")
    for name, versions, place in zip(names, wrong, (2, 0, 4), strict=True):
        yield name, hung(right, versions, place)


def hung(right: Callable, wrong: Sequence[Callable], place: int) -> list[Callable]:
    """The versions of a room, the right one at ``place``."""
    return [*wrong[:place], right, *wrong[place:]]


def given(versions: Sequence[Callable], *inputs: Any) -> Tensor:
    """``[V, B, ...]``: what each version gives."""
    return stack([version(*inputs) for version in versions])


def given_alone(
    versions: Sequence[Callable], *rows: Tensor, rest: tuple = ()
) -> Tensor:
    """``[V, B, ...]``: what each version gives for one row at a time."""
    alone = [[row[None] for row in each] for each in zip(*rows, strict=True)]
    return stack([cat([version(*row, *rest) for row in alone]) for version in versions])


def close(one: Tensor, other: Tensor) -> Tensor:
    """``[V]``: which of V outputs are the same; NaN is not."""
    return ((one - other).abs() < SAME).flatten(1).all(1)


def every(held: Held) -> Tensor:
    """``[V]`` in float64: 1 for whoever has all properties."""
    return stack([*held.values()]).all(0).double()


def without(*names: str) -> Callable[[Held], Tensor]:
    """``every``, but these are not asked for."""
    return lambda held: every({n: h for n, h in held.items() if n not in names})


def opposite(name: str) -> Callable[[Held], Tensor]:
    """``every``, but of this one the opposite is asked for."""
    return lambda held: every({**held, name: ~held[name]})


@mistake(
    symptom="marks that depend on the last digits",
    same=lambda one, other: (one == other).flatten(1).all(1),
)
def rounding_counts() -> None:
    """the right one fails: two sums in another order differ in the last digits. The
    same means closer than the tolerance, not bit for bit."""


@mistake(same=lambda one, other: ((one - other).abs() < SAME).flatten(1).any(1))
def one_number_is_enough() -> None:
    """it is enough for you that one number agrees: a property holds if all agree."""


@mistake(same=lambda one, other: ~((one - other).abs() >= SAME).flatten(1).any(1))
def nan_gets_through() -> None:
    """NaN gets through: every comparison with it is false, also the one that looks for
    a difference. Ask for closeness, so that NaN fails."""


@mistake(
    symptom="more than one version that passes",
    ask=lambda held: stack([*held.values()]).any(0).double(),
)
def one_property_is_enough() -> None:
    """it is enough for you that one property holds. The right one has them all."""


@mistake(right=lambda right: 1 - right)
def marks_the_wrong_ones() -> None:
    """you mark those with a fault; 1 stands for the right one."""


@mistake(right=lambda right: 0 * right)
def all_rejected() -> None:
    """none passes your tests, not even the right one."""
