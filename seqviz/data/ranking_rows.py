"""Rows for a ranker: an item that came next, and others beside it."""

from __future__ import annotations

import numpy as np

from seqviz.arguments import require_whole
from seqviz.data.clicks import ClickRows
from seqviz.data.examples import Examples


def ranking_rows(
    examples: Examples,
    num_items: int,
    *,
    negatives: int = 4,
    retrieved: np.ndarray | None = None,
    missed: bool = True,
    seed: int = 0,
) -> ClickRows:
    """For each example one of its true items, clicked, and drawn ones, not clicked.

    All rows of an example have its history; the clicked one comes first. A negative is
    none of the example's true items; it may stand in the history. Draws are with
    replacement.

    Args:
        examples: histories and what came next.
        num_items: N.
        negatives: drawn for each example.
        retrieved: ids ``[B, C]``, what a first stage found for each example, 0 for
            none: negatives are drawn from them. From the whole catalog, if not given.
            An example for which only true items were found has no negative.
        missed: whether a true item that was not retrieved is learned from. With False
            both labels come from what was retrieved, as they will at serving; an
            example whose true items were all missed gives no row.
        seed: of the draws.

    Raises:
        TypeError, ValueError: no example, ids out of range, ``retrieved`` in another
            shape, no ``retrieved`` where nothing may be missed, a catalog that is all
            true, or no row is left.

    Example:
        >>> train = split_by_user(load_shop(num_users=40).interactions).train
        >>> rows = ranking_rows(train, 240, negatives=4)
        >>> float(rows.clicked.mean())
        0.2
    """
    require_whole(num_items=num_items, negatives=negatives)
    require_whole(low=0, seed=seed)
    B, rng = len(examples), np.random.default_rng(seed)
    if not B:
        raise ValueError("examples must hold at least one row, got none")
    flat, wide = examples.truths.flat(), num_items + 1
    _require_ids("the true items", flat, 1, num_items)
    owner = np.repeat(np.arange(B), examples.truths.lengths)
    if retrieved is None:
        if not missed:
            raise ValueError("retrieved must be given where missed is False, got None")
        drawn = _from_catalog(owner, flat, num_items, B, negatives, rng)
    else:
        retrieved = np.asarray(retrieved)
        if retrieved.ndim != 2 or len(retrieved) != B:
            raise ValueError(
                f"retrieved must be ids [B, C] with B = {B}, got "
                f"{list(retrieved.shape)}"
            )
        _require_ids("retrieved", retrieved, 0, num_items)
        keys = np.arange(B)[:, None] * wide + retrieved
        free = (retrieved > 0) & ~np.isin(keys, owner * wide + flat)
        row, column = np.nonzero(free)
        drawn = _drawn(row, retrieved[row, column], B, negatives, rng)
        if not missed:
            found = np.isin(owner * wide + flat, keys)
            owner, flat = owner[found], flat[found]
    positive = _drawn(owner, flat, B, 1, rng)
    shown = np.concatenate([positive, drawn], 1)  # [B, 1 + negatives]
    rows, column = np.nonzero((shown > 0) & (positive > 0))
    if not len(rows):
        raise ValueError("retrieved must hold a true item of some row, got none")
    return ClickRows(
        examples.users[rows],
        examples.times[rows],
        examples.histories.select(rows),
        shown[rows, column],
        column == 0,
    )


def _drawn(
    owner: np.ndarray,
    items: np.ndarray,
    size: int,
    number: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """``[size, number]`` draws of each owner's items, 0 for one without any.

    Args:
        owner: of each item, ascending.
    """
    count = np.bincount(owner, minlength=size)
    start = np.cumsum(count) - count
    place = (rng.random((size, number)) * count[:, None]).astype(np.int64)
    padded = np.append(items, 0)  # the last owners may have none
    return np.where(count[:, None] > 0, padded[start[:, None] + place], 0)


def _from_catalog(
    owner: np.ndarray,
    true: np.ndarray,
    num_items: int,
    size: int,
    number: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """``[size, number]`` draws of what is not true."""
    most = int(np.bincount(owner).max(initial=0))
    if most >= num_items:
        raise ValueError(
            f"examples must leave an item of {num_items} to draw, got a row with "
            f"{most} true ones"
        )
    wide = num_items + 1
    row = np.repeat(np.arange(size), number)
    drawn, left = np.zeros(len(row), np.int64), np.arange(len(row))
    while len(left):
        drawn[left] = rng.integers(1, wide, len(left))
        left = left[np.isin(row[left] * wide + drawn[left], owner * wide + true)]
    return drawn.reshape(size, number)


def _require_ids(name: str, ids: np.ndarray, low: int, high: int) -> None:
    if ids.dtype.kind not in "iu":
        raise TypeError(f"{name} must be whole numbers, got {ids.dtype}")
    if ids.size and (ids.min() < low or ids.max() > high):
        raise ValueError(
            f"{name} must lie in {low}..{high}, got {ids.min()}..{ids.max()}"
        )
