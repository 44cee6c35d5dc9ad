"""From click rows to tensors, one batch at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import torch

from seqviz.data.clicks import ClickRows
from seqviz.data.passes import PaddedPasses


class ClickBatch(NamedTuple):
    """B rows as tensors on one device.

    Example:
        >>> rows = shown_clicks(load_shop(num_users=40).interactions)
        >>> batch = next(iter(click_batches(rows, 64, length=20)))
        >>> batch._fields[:3]
        ('item_ids', 'mask', 'target_ids')
    """

    item_ids: torch.Tensor
    """int64 ``[B, T]``, the history, 0 = padding."""
    mask: torch.Tensor
    """bool ``[B, T]``, True where the history is real."""
    target_ids: torch.Tensor
    """int64 ``[B]``, the shown item."""
    users: torch.Tensor
    """int64 ``[B]``."""
    times: torch.Tensor
    """int64 ``[B]``, unix seconds at which the item was shown."""
    clicked: torch.Tensor
    """float32 ``[B]``, 1 or 0."""


class SessionClickBatch(NamedTuple):
    """A ``ClickBatch`` that knows the sessions: a column more.

    Example:
        >>> events = load_shop(num_users=40).interactions
        >>> rows = shown_clicks(events, session_gap=1800)
        >>> batch = next(iter(click_batches(rows, 64, length=20)))
        >>> list(batch.sessions.shape)
        [64, 20]
    """

    item_ids: torch.Tensor
    """int64 ``[B, T]``, the history, 0 = padding."""
    mask: torch.Tensor
    """bool ``[B, T]``, True where the history is real."""
    target_ids: torch.Tensor
    """int64 ``[B]``, the shown item."""
    users: torch.Tensor
    """int64 ``[B]``."""
    times: torch.Tensor
    """int64 ``[B]``, unix seconds at which the item was shown."""
    clicked: torch.Tensor
    """float32 ``[B]``, 1 or 0."""
    sessions: torch.Tensor
    """int64 ``[B, T]``, 1 in the session of the latest behavior, 2 in the one before;
    0 = padding."""


class ClickBatches(PaddedPasses):
    """The batches of one pass over the rows; iterate again for the next pass.

    Made by :func:`click_batches`. Both labels stand mixed in one batch, as in the data.

    Example:
        >>> rows = shown_clicks(load_shop(num_users=40).interactions)
        >>> passes = click_batches(rows, 64, length=20, shuffle=True)
        >>> sum(len(batch.users) for batch in passes) == len(rows)
        True
    """

    def __init__(self, rows: ClickRows, *sizes: int, **settings: Any) -> None:
        super().__init__(len(rows), *sizes, **settings)
        if not len(rows):
            raise ValueError("rows must hold at least one row, got none")
        self.rows = rows

    def __iter__(self) -> Iterator[ClickBatch | SessionClickBatch]:
        order = np.arange(len(self.rows))
        if rng := self.next_pass():
            rng.shuffle(order)
        for start in range(0, len(order), self.batch_size):
            rows = self.rows.select(order[start : start + self.batch_size])
            columns = [
                *rows.histories.pad(self.length, self.side),
                rows.items,
                rows.users,
                rows.times,
                rows.clicked.astype(np.float32),
            ]
            kind = ClickBatch
            if rows.sessions is not None:
                kind = SessionClickBatch
                columns.append(_sessions(*rows.sessions.pad(self.length, self.side)))
            yield kind(*(torch.from_numpy(column) for column in columns))


def _sessions(numbers: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Any numbers of sessions ``[B, T]`` to 1, 2, ... back from the latest."""
    begins = (numbers[:, 1:] != numbers[:, :-1]) & mask[:, 1:] & mask[:, :-1]
    after = np.cumsum(begins[:, ::-1], 1)[:, ::-1]  # sessions that begin later
    return np.pad(after + 1, ((0, 0), (0, 1)), constant_values=1) * mask


def click_batches(
    rows: ClickRows,
    batch_size: int,
    length: int,
    *,
    shuffle: bool = False,
    seed: int = 0,
    side: str = "left",
) -> ClickBatches:
    """Cuts rows into padded batches on the CPU (``fit`` moves them).

    Args:
        rows: what to go through. Rows that know sessions give ``SessionClickBatch``.
        batch_size: B; the last batch of a pass may be smaller.
        length: T; longer histories keep their last T items.
        shuffle: a new order in every pass, else the given one.
        seed: of the order.
        side: ``"left"`` or ``"right"``, where a short history is padded.

    Raises:
        ValueError: there is no row, or an argument is out of range.

    Example:
        >>> rows = shown_clicks(load_shop(num_users=40).interactions)
        >>> batch = next(iter(click_batches(rows, 64, length=20)))
        >>> list(batch.item_ids.shape), batch.clicked.unique()
        ([64, 20], tensor([0., 1.]))
    """
    return ClickBatches(rows, batch_size, length, shuffle=shuffle, seed=seed, side=side)
