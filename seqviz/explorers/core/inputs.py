"""The checks of what users hand to an explorer: names, arrays, histories, masks."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from seqviz.explorers.core.codec import encode, to_numpy
from seqviz.figures.markup import curly


def check_names(names: Sequence[str], name: str, count: int | None) -> list[str]:
    """Return ``names`` as ``count`` texts (None: two or more), their quotes curly.

    Raises:
        TypeError, ValueError: naming the argument.
    """
    if isinstance(names, str):
        raise TypeError(f"{name} must be a sequence of texts, got one text")
    listed = ["" if text is None else curly(str(text)) for text in names]
    if count is not None and len(listed) != count:
        raise ValueError(f"{name} must hold {count} texts, got {len(listed)}")
    if count is None and len(listed) < 2:
        raise ValueError(
            f"{name} must hold N+1 texts, the first for padding, got {len(listed)}"
        )
    return listed


def check_labels(labels: Sequence[str] | None, name: str, count: int) -> list[str]:
    """Return ``count`` texts, "1", "2", ... where none are given.

    Raises:
        TypeError, ValueError: naming the argument.
    """
    if labels is None:
        return [str(number + 1) for number in range(count)]
    return check_names(labels, name, count)


def check_array(value: Any, name: str, shape: Sequence[int]) -> np.ndarray:
    """Return ``value`` as float32 of a shape.

    Raises:
        TypeError, ValueError: naming the argument, on another shape, NaN or infinity.
    """
    array = to_numpy(value, name).astype(np.float32)
    if array.shape != tuple(shape):
        raise ValueError(
            f"{name} must have shape {list(shape)}, got {list(array.shape)}"
        )
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite, got NaN or infinity")
    return array


def check_parts(value: Any, name: str, shapes: Mapping[str, Sequence[int]]) -> Any:
    """Return a named tuple whose parts in ``shapes`` are float32 of these shapes.

    Raises:
        TypeError, ValueError: naming the part.
    """
    parts = {
        part: check_array(getattr(value, part), f"{name}.{part}", shape)
        for part, shape in shapes.items()
    }
    return value._replace(**parts)


def check_histories(item_ids: Any, length: int, num_items: int) -> np.ndarray:
    """Return the histories as int64 ``[U, T]``, ragged ones padded on the left.

    Raises:
        TypeError, ValueError: on no user, a wrong shape or an id out of range.
    """
    try:
        ids = to_numpy(item_ids, "item_ids")
    except TypeError:
        rows = [to_numpy(row, "item_ids") for row in item_ids]
        longest = max(row.size for row in rows)
        if longest > length:
            raise ValueError(
                f"item_ids must have at most T = {length} clicks a user like the "
                f"logits, got {longest}"
            ) from None
        ids = np.zeros((len(rows), length), dtype=np.int64)
        for row, clicks in zip(ids, rows, strict=True):
            row[length - clicks.size :] = clicks
    if ids.size and ids.dtype.kind not in "iu":
        raise TypeError(f"item_ids must hold whole numbers, got {ids.dtype}")
    if ids.ndim == 2 and ids.shape[1] < length:  # equally short lists
        ids = np.pad(ids, ((0, 0), (length - ids.shape[1], 0)))
    if ids.ndim != 2 or not len(ids):
        raise ValueError(
            f"item_ids must have shape [U, T] with one user or more, got "
            f"{list(ids.shape)}"
        )
    bad = ids[(ids < 0) | (ids > num_items)]
    if bad.size:
        raise ValueError(
            f"item_ids must lie in 0 to {num_items} (the items of titles), got {bad[0]}"
        )
    return ids.astype(np.int64)


def check_mask(mask: Any, shape: tuple[int, ...], like: str) -> np.ndarray:
    """Return the mask as an array; all real when there is none.

    Args:
        like: the argument that has ``shape``, for the error.

    Raises:
        TypeError, ValueError: when it is not bool or has another shape.
    """
    if mask is None:
        return np.ones(shape, dtype=bool)
    array = to_numpy(mask, "mask")
    if array.dtype != bool:
        raise TypeError(f"mask must be bool with True = real, got {array.dtype}")
    if array.shape != shape:
        raise ValueError(
            f"mask must have shape {list(shape)} like {like}, got {list(array.shape)}"
        )
    return array


def check_truth(truth: Any, ids: np.ndarray) -> dict[str, Any] | None:
    """Return the planted causes as places in a list of labels, -1 for none.

    Raises:
        ValueError: when the shape is not that of ``ids``.
    """
    if truth is None:
        return None
    rows = [list(row) for row in truth]
    shape = [len(rows), len(rows[0]) if rows else 0]
    if shape != list(ids.shape) or any(len(row) != shape[1] for row in rows):
        raise ValueError(
            f"truth must have the shape of item_ids {list(ids.shape)}, got {shape}"
        )
    labels = sorted({str(cause) for row in rows for cause in row if cause})
    place = {label: number for number, label in enumerate(labels)}
    of = [[place[str(cause)] if cause else -1 for cause in row] for row in rows]
    return {"labels": labels, "of": encode(np.array(of, dtype=np.int64))}
