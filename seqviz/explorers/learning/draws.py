"""Every random number of a training, by its place: each host draws the same.

``draws.js`` has the same lines. A number is 32 bits of a hash of the seed, of what it
is for (``STREAM``), of the epoch or the step, and of its place.
"""

import math

import numpy as np

STREAM = {"items": 0, "W1": 1, "W2": 2, "order": 3, "negatives": 4}
WORD = 2**32


def bits(seed: int, stream: int, turn: int, count: int) -> np.ndarray:
    """Return 32 random bits for each of the places 0, 1, ...: uint32 ``[count]``."""
    key = np.array([seed], dtype=np.uint32)
    for part in (stream, turn):
        key = _mix(key) + np.uint32(part)
    return _mix(_mix(key) + np.arange(count, dtype=np.uint32))


def uniform(bound: float, shape: tuple[int, ...], seed: int, stream: int) -> np.ndarray:
    """Return float64 numbers between -bound and bound, of this shape."""
    drawn = bits(seed, stream, 0, math.prod(shape)) / (WORD / 2) - 1
    return (bound * drawn).reshape(shape)


def shuffled(count: int, seed: int, epoch: int) -> np.ndarray:
    """Return the order of the examples in an epoch: by their bits, ties by place."""
    drawn = bits(seed, STREAM["order"], epoch, count)
    return np.argsort(drawn, kind="stable")


def draw_items(counts: np.ndarray, size: int, seed: int, step: int) -> np.ndarray:
    """Return items ``[size]`` drawn with chances like ``counts`` ``[N + 1]``."""
    total = np.cumsum(counts)
    drawn = bits(seed, STREAM["negatives"], step, size).astype(np.int64)
    return np.searchsorted(total, drawn * total[-1] // WORD, side="right")


def _mix(x: np.ndarray) -> np.ndarray:
    """Mix 32 bits. Source: Wellons 2018, "lowbias32"."""
    x = (x ^ (x >> np.uint32(16))) * np.uint32(0x7FEB352D)
    x = (x ^ (x >> np.uint32(15))) * np.uint32(0x846CA68B)
    return x ^ (x >> np.uint32(16))
