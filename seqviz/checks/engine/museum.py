"""What the museums share: when two outputs are the same, and wrong ways to say it."""

from collections.abc import Iterable, Mapping

from torch import Tensor, stack

SAME = 0.01  # two outputs are the same if they differ by less, everywhere


def close(one: Tensor, other: Tensor) -> Tensor:
    """``[V]``: which of V outputs are the same; NaN is not."""
    return ((one - other).abs() < SAME).flatten(1).all(1)


def to_the_bit(one: Tensor, other: Tensor) -> Tensor:
    """Wrong: two sums in another order differ in the last digits."""
    return (one == other).flatten(1).all(1)


def somewhere(one: Tensor, other: Tensor) -> Tensor:
    """Wrong: one number that agrees is enough."""
    return ((one - other).abs() < SAME).flatten(1).any(1)


def never_apart(one: Tensor, other: Tensor) -> Tensor:
    """Wrong: it lets NaN through, which is not apart from anything."""
    return ~((one - other).abs() >= SAME).flatten(1).any(1)


def holding(properties: Mapping[str, Tensor], needs: Iterable[str]) -> Tensor:
    """``[V]`` in float64: 1 for whoever has all the properties that are asked for."""
    return stack([properties[name] for name in needs]).all(0).double()
