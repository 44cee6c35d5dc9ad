"""The arithmetic that several explorers repeat in the page, on plain arrays."""

from dataclasses import dataclass

import numpy as np


def masked_softmax(logits: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Return the softmax over the last axis where ``kept``, exactly 0 elsewhere.

    A row of which nothing is kept becomes 0. In float64.

    Args:
        logits: ``[..., T]``; where nothing is kept they may hold anything.
        kept: bool, broadcast to the logits.
    """
    logits = np.asarray(logits, dtype=np.float64)
    real = np.where(kept, logits, -np.inf)
    top = real.max(axis=-1, keepdims=True, initial=np.finfo(np.float64).min)
    weights = np.exp(real - top)
    total = weights.sum(axis=-1, keepdims=True)
    return weights / np.where(total > 0, total, 1)


@dataclass(frozen=True)
class Projection:
    """The plane in which vectors differ most.

    A vector's place is ``axes @ (vector - mean)``, with axes ``[2, E]`` and mean
    ``[E]``; ``share`` is the part of the variance that the plane shows.
    """

    axes: np.ndarray
    mean: np.ndarray
    share: float


def project(vectors: np.ndarray) -> Projection:
    """Return the first two principal directions of vectors ``[count, E]``.

    The largest component of each direction is made positive, so that the plane is the
    same on every machine.
    """
    rows = vectors.astype(np.float64)
    mean = rows.mean(axis=0) if len(rows) else np.zeros(rows.shape[1])
    _, spread, directions = np.linalg.svd(rows - mean, full_matrices=False)
    axes = np.zeros((2, rows.shape[1]))
    count = min(2, len(directions))
    axes[:count] = directions[:count]
    axes = upright(axes)
    total = float((spread**2).sum())
    share = float((spread[:2] ** 2).sum()) / total if total else 1.0
    return Projection(axes.astype(np.float32), mean.astype(np.float32), share)


def upright(axes: np.ndarray) -> np.ndarray:
    """Return directions ``[n, E]`` whose largest component each is positive."""
    largest = axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)]
    return axes * np.where(largest < 0, -1.0, 1.0)[:, None]
