"""What a multi-interest model computed about some users, as plain arrays."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from seqviz.explorers.core.codec import to_numpy
from seqviz.explorers.core.svg import MAX_INTERESTS


@dataclass(frozen=True)
class Reading:
    """How one model with K interests reads the histories of U users.

    Args:
        logits: ``[U, K, T]``, before the softmax; padding may hold anything.
        item_vectors: ``[N+1, E]``, row 0 is padding.

    Example:
        >>> reading = Reading(np.zeros((1, 4, 10)), np.zeros((101, 8)))
        >>> reading.logits.shape  # one user, K = 4, T = 10
        (1, 4, 10)
    """

    logits: Any
    item_vectors: Any


def check_logits(logits: Any, kept: np.ndarray, name: str) -> np.ndarray:
    """Return logits ``[U, K, T]`` as float32, 0 where ``kept`` ``[U, T]`` is False.

    Raises:
        ValueError: on a wrong shape, more than 8 interests, or a NaN or infinite
            logit of a real click.
    """
    array = to_numpy(logits, name)
    users, length = kept.shape
    if array.ndim != 3 or array.shape[0] != users or array.shape[2] != length:
        raise ValueError(
            f"{name} must have shape [U, K, T] = [{users}, K, {length}] "
            f"like item_ids, got {list(array.shape)}"
        )
    if not 1 <= array.shape[1] <= MAX_INTERESTS:
        raise ValueError(
            f"{name} must have 1 to {MAX_INTERESTS} interests "
            f"(there are that many signs), got {array.shape[1]}"
        )
    array = np.where(kept[:, None, :], array, 0).astype(np.float32)
    if not np.isfinite(array).all():
        user, interest, position = np.argwhere(~np.isfinite(array))[0]
        raise ValueError(
            f"{name} must be finite at every click, got "
            f"{array[user, interest, position]} for user {user}, interest "
            f"{interest}, position {position}"
        )
    return array


def check_vectors(item_vectors: Any, num_items: int, name: str) -> np.ndarray:
    """Return item vectors ``[N+1, E]`` as float32, the padding row set to 0.

    Raises:
        ValueError: on a wrong shape or a vector that is not finite.
    """
    array = to_numpy(item_vectors, name).astype(np.float32)
    if array.ndim != 2 or array.shape[0] != num_items + 1 or not array.shape[1]:
        raise ValueError(
            f"{name} must have shape [N+1, E] = [{num_items + 1}, E] "
            f"like titles, got {list(array.shape)}"
        )
    array = array.copy()
    array[0] = 0
    if not np.isfinite(array).all():
        raise ValueError(
            f"{name} must be finite, got NaN or infinity for item "
            f"{np.argwhere(~np.isfinite(array))[0][0]}"
        )
    return array


def retrieve(
    interests: np.ndarray, item_vectors: np.ndarray, count: int, left_out: set[int]
) -> list[list[tuple[int, float]]]:
    """Return for each interest ``[K, E]`` its best items, as (item, score) pairs.

    Ties go to the lower id; padding and ``left_out`` are skipped; a zero interest
    scores every item alike and retrieves nothing.
    """
    scores = interests @ item_vectors.astype(np.float64).T
    found = []
    for interest, row in zip(interests, scores, strict=True):
        order = np.argsort(-row, kind="stable") if interest.any() else []
        best = [int(i) for i in order if i and int(i) not in left_out][:count]
        found.append([(item, float(row[item])) for item in best])
    return found
