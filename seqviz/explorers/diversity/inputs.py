"""The checks of what users hand to the diversity explorer; each names its argument."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from seqviz.explorers.core.codec import to_numpy
from seqviz.explorers.core.inputs import check_names
from seqviz.explorers.core.svg import MAX_INTERESTS

#: Beyond it a score would be lost in the sum.
MOST_WEIGHT = 1e6

Names = Sequence[str] | Sequence[Sequence[str]]


def check_number(value: Any, name: str) -> float:
    """Return a number as a float.

    Raises:
        TypeError, ValueError: naming the argument.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise TypeError(f"{name} must be a number, got {value!r}")
    return float(value)


def check_texts(values: Names, name: str, shape: tuple[int, ...]) -> list[list[str]]:
    """Return one list of M texts a user; ``shape`` is that of scores.

    Raises:
        TypeError, ValueError: naming the argument.
    """
    if isinstance(values, str):
        raise TypeError(f"{name} must be a sequence of texts, got one text")
    rows = list(values) if len(shape) == 2 else [values]
    if len(shape) == 2 and len(rows) != shape[0]:
        raise ValueError(
            f"{name} must be {shape[0]} lists of texts like the rows of scores, got "
            f"{len(rows)}"
        )
    return [check_names(row, name, shape[-1]) for row in rows]


def check_flags(
    values: Any, name: str, shape: tuple[int, ...], default: bool
) -> np.ndarray:
    """Return flags as bool ``[U, M]`` or ``[M]``, as scores are; ``default`` for None.

    Raises:
        TypeError, ValueError: naming the argument.
    """
    if values is None:
        return np.full(shape, default)
    array = to_numpy(values, name)
    if array.dtype != bool:
        raise TypeError(f"{name} must be bool, got {array.dtype}")
    if array.shape != shape:
        raise ValueError(
            f"{name} must have the shape of scores {list(shape)}, got "
            f"{list(array.shape)}"
        )
    return array


def check_scores(values: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return scores as float32 ``[U, M]``, 0 where there is no candidate.

    Raises:
        TypeError, ValueError: naming the argument.
    """
    with np.errstate(over="ignore"):
        array = np.where(mask, values, 0).astype(np.float32)
    if not np.isfinite(array).all():
        user, column = np.argwhere(~np.isfinite(array))[0]
        raise ValueError(
            "scores must be finite (in float32) where there is a candidate, got "
            f"{values[user, column]} for user {user}, column {column}"
        )
    return array


def check_interests(
    values: Any, shape: tuple[int, ...], mask: np.ndarray
) -> np.ndarray:
    """Return interests as int64 ``[U, M]``, -1 for none.

    Raises:
        TypeError, ValueError: naming the argument.
    """
    if values is None:
        return np.full(mask.shape, -1)
    array = to_numpy(values, "interests")
    if array.dtype.kind not in "iu":
        raise TypeError(f"interests must be whole numbers, got {array.dtype}")
    if array.shape != shape:
        raise ValueError(
            f"interests must have the shape of scores {list(shape)}, got "
            f"{list(array.shape)}"
        )
    array = np.where(mask, np.atleast_2d(array), -1).astype(np.int64)
    bad = array[(array < -1) | (array >= MAX_INTERESTS)]
    if bad.size:
        raise ValueError(
            f"interests must lie in -1 to {MAX_INTERESTS - 1}, got {bad[0]}"
        )
    return array


def check_lengths(values: Sequence[int], fewest: int) -> list[int]:
    """Return the lengths that a list may have: rising, at most ``fewest``.

    Raises:
        TypeError, ValueError: naming the argument.
    """
    lengths = [int(length) for length in values]
    if not lengths or sorted(set(lengths)) != lengths or lengths != list(values):
        raise ValueError(
            f"lengths must be one rising whole number or more, got {list(values)}"
        )
    if not 1 <= lengths[0] <= lengths[-1] <= fewest:
        raise ValueError(
            f"lengths must lie in 1 to {fewest}, the candidates of the user with the "
            f"fewest, got {lengths}"
        )
    return lengths


def check_curves(
    curves: Mapping[int, Any] | None, lengths: list[int]
) -> Mapping[int, Any]:
    """Return the curves by length, none for None; each length must be offered.

    Raises:
        TypeError, ValueError: naming the argument.
    """
    if curves is None:
        return {}
    if not isinstance(curves, Mapping) or set(curves) - set(lengths):
        raise ValueError(
            f"curves must map lengths of {lengths} to points [P, 3], got "
            f"{list(curves) if isinstance(curves, Mapping) else curves!r}"
        )
    return curves


def check_curve(points: Any, name: str) -> list[list[float]]:
    """Return points ``[P, 3]`` of weight, recall and diversity by rising weight.

    Raises:
        TypeError, ValueError: naming the argument.
    """
    array = to_numpy(points, name).astype(np.float64)
    if array.ndim != 2 or array.shape[1] != 3 or len(array) < 2:
        raise ValueError(
            f"{name} must have shape [P, 3], two points or more of weight, recall and "
            f"diversity, got {list(array.shape)}"
        )
    weights, shares = array[:, 0], array[:, 1:]
    if not (np.isfinite(weights).all() and weights[0] >= 0):
        raise ValueError(f"{name} must have finite weights from 0 up, got {weights}")
    if (np.diff(weights) <= 0).any():
        raise ValueError(f"{name} must come by rising weight, got {weights}")
    if not ((shares >= 0) & (shares <= 1)).all():
        raise ValueError(
            f"{name} must have recall and diversity in 0 to 1, got "
            f"{shares.min()}..{shares.max()}"
        )
    return [[float(f"{x:.6g}") for x in row] for row in array]


def codes(rows: list[list[str]], mask: np.ndarray) -> tuple[list[str], np.ndarray]:
    """Return the texts that occur, and ``[U, M]`` places among them, -1 for none."""
    place: dict[str, int] = {}
    codes = np.full(mask.shape, -1)
    for user, column in np.argwhere(mask):
        codes[user, column] = place.setdefault(rows[user][column], len(place))
    return list(place), codes
