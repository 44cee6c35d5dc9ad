"""Session-parallel mini-batches: a lane for each session, a click at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch

from seqviz.arguments import require_whole
from seqviz.data.passes import Passes
from seqviz.data.ragged import Ragged


class Step(NamedTuple):
    """One click of each of the L lanes that are left.

    Example:
        >>> sessions = Ragged.from_rows([[5, 3, 8], [9, 4]])
        >>> step = next(iter(session_parallel(sessions, lanes=2)))
        >>> step.item_ids, step.target_ids
        (tensor([5, 9]), tensor([3, 4]))
    """

    item_ids: torch.Tensor
    """int64 ``[L]``, what was clicked."""
    target_ids: torch.Tensor
    """int64 ``[L]``, what was clicked next in the same session."""
    first: torch.Tensor
    """bool ``[L]``, True where a session begins: forget the lane's state **before**
    this step."""
    rows: torch.Tensor
    """int64 ``[L]``, the session's row."""
    lanes: torch.Tensor
    """int64 ``[L]``, the lanes; one that finds no further session is gone."""


class SessionParallel(Passes):
    """The steps of one pass over the sessions; iterate again for the next pass.

    Made by :func:`session_parallel`.

    Example:
        >>> sessions = Ragged.from_rows([[5, 3, 8], [9, 4], [1, 2]])
        >>> [step.first.tolist() for step in session_parallel(sessions, lanes=2)]
        [[True, True], [False, True]]
    """

    def __init__(
        self, sessions: Ragged, lanes: int, *, shuffle: bool, seed: int
    ) -> None:
        require_whole(lanes=lanes)
        super().__init__(shuffle=shuffle, seed=seed)
        self.rows = np.flatnonzero(sessions.lengths >= 2)
        if not len(self.rows):
            raise ValueError(
                "sessions must hold one of at least two clicks, got "
                f"{len(sessions)} without any"
            )
        self.sessions = sessions
        self.lanes = lanes

    def __iter__(self) -> Iterator[Step]:
        rows = self.rows
        if rng := self.next_pass():
            rows = rng.permutation(rows)
        values = self.sessions.values
        starts, stops = self.sessions.starts[rows], self.sessions.stops[rows]
        lanes = np.arange(min(self.lanes, len(rows)))
        session = lanes.copy()  # which of the rows a lane is at
        place = starts[session]
        waiting = len(lanes)  # the first row that no lane has had
        while len(lanes):
            columns = (
                values[place],
                values[place + 1],
                place == starts[session],
                rows[session],
                lanes,
            )
            yield Step(*(torch.from_numpy(column.copy()) for column in columns))
            place += 1
            ended = place + 1 == stops[session]
            # the lanes that ended take the next rows, in order, while there are any
            turn = waiting + np.cumsum(ended) - 1
            waiting = min(waiting + int(ended.sum()), len(rows))
            left = ~ended | (turn < len(rows))
            session[ended] = np.minimum(turn[ended], len(rows) - 1)
            place[ended] = starts[session[ended]]
            lanes, session, place = lanes[left], session[left], place[left]


def session_parallel(
    sessions: Ragged, lanes: int, *, shuffle: bool = False, seed: int = 0
) -> SessionParallel:
    """Cuts sessions into steps: each lane goes through one and takes the next.

    Every click but the last of each session is an input exactly once, and no padding
    is there. A session of one click has nothing to predict and is left out.

    Args:
        sessions: the items of each session, in order of time.
        lanes: L, how many go side by side, in the end fewer.
        shuffle: a new order of the sessions in every pass.
        seed: of that order.

    Raises:
        ValueError: no session has two clicks, ``lanes`` is under 1.

    Source: Hidasi et al. 2016 (arXiv 1511.06939), section 3.1.1.

    Example:
        >>> sessions = Ragged.from_rows([[5, 3, 8], [9, 4], [1, 2]])
        >>> [step.item_ids.tolist() for step in session_parallel(sessions, lanes=2)]
        [[5, 9], [3, 1]]
    """
    return SessionParallel(sessions, lanes, shuffle=shuffle, seed=seed)
