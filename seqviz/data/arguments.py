"""Checks of arguments, so that an error names the argument and what it should be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def whole_numbers(values: object, name: str) -> np.ndarray:
    """``values`` as int64 ``[V]``; TypeError or ValueError that names ``name``."""
    array = np.asarray(values)
    if array.ndim != 1:
        raise ValueError(f"{name} has shape {array.shape}: expected one dimension")
    if array.size and array.dtype.kind not in "iu":
        raise TypeError(f"{name} holds {array.dtype}: expected whole numbers (int64)")
    return array.astype(np.int64, copy=False)


def require_whole(name: str, value: int, low: int, high: int | None = None) -> None:
    """Raises unless ``value`` is a whole number from ``low`` to ``high``."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name} is {value!r}: expected a whole number")
    require_between(name, value, low, high)


def require_between(
    name: str, value: float, low: float, high: float | None = None
) -> None:
    """Raises ValueError unless ``low <= value <= high``; NaN is never between."""
    if not (value >= low and (high is None or value <= high)):
        limits = f"{low} or more" if high is None else f"{low} to {high}"
        raise ValueError(f"{name} is {value!r}: expected {limits}")


def require_padding(length: int, side: str) -> None:
    """Raises unless rows can be padded to ``length`` on ``side``."""
    require_whole("length", length, 1)
    if side not in ("left", "right"):
        raise ValueError(f'side is {side!r}: expected "left" or "right"')


def require_fractions(fractions: Sequence[float]) -> np.ndarray:
    """``fractions`` as an array; ValueError unless three shares that sum to 1."""
    shares = np.asarray(fractions, dtype=float)
    good = shares.shape == (3,) and (shares >= 0).all()
    if not (good and abs(shares.sum() - 1) < 1e-6):
        raise ValueError(
            f"fractions is {fractions!r}: expected three shares, train, validation and "
            "test, none negative, that sum to 1"
        )
    return shares
