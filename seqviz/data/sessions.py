"""Where a session ends: by its number in the log, by the clock, by its length."""

from __future__ import annotations

import numpy as np

from seqviz.arguments import (
    require_one_length,
    require_seconds,
    require_whole,
    whole_numbers,
)


def split_sessions(
    users: np.ndarray,
    times: np.ndarray,
    session_ids: np.ndarray | None = None,
    *,
    gap: int = 600,
    longest: int = 50,
) -> np.ndarray:
    """A session number for each event, by the published rules of SDM.

    1. Events of a user with the same session id belong together, and so does what
       happened between them.
    2. Events less than ``gap`` seconds apart belong together, whatever their ids: a gap
       of exactly ``gap`` parts them.
    3. A session has at most ``longest`` events, counted from its end: its latest 50 are
       one session, the rest belongs to the session before, again at most 50.

    The events may come in any order: they are looked at by user and time, and events of
    one second in the order in which they came. A clock that runs backwards is put right
    by that. Rule 3 depends on what came last, so the numbers are those of a closed log;
    at an earlier moment its latest 50 are others (see ``session_examples``).

    Args:
        users: int64 ``[V]``.
        times: int64 ``[V]``, unix seconds.
        session_ids: int64 ``[V]``, as the log has them; two users may share one. None:
            the clock alone decides.
        gap: seconds.
        longest: most events of a session.

    Returns:
        int64 ``[V]``, in the order of the events: 0, 1, ... by user and then by time,
        so that no number is used twice and none falls within a user.

    Raises:
        TypeError, ValueError: the columns differ in length, hold something else than
            whole numbers, the times are in another unit, or a number is under 1.

    Source: Lv et al. 2019 (arXiv 1909.00385), section 3.1.

    Example:
        >>> users, times = np.array([0, 0, 0, 1]), np.array([0, 60, 9000, 9000])
        >>> split_sessions(users, times, gap=600)  # a pause begins a session
        array([0, 0, 1, 2])
    """
    users, times = whole_numbers("users", users), whole_numbers("times", times)
    require_one_length(users=users, times=times)
    require_seconds("times", times)
    require_whole(gap=gap, longest=longest)
    if session_ids is not None:
        session_ids = whole_numbers("session_ids", session_ids)
        require_one_length(users=users, session_ids=session_ids)
    if not len(users):
        return np.zeros(0, np.int64)
    order = np.lexsort((times, users))  # stable
    user, time = users[order], times[order]
    first = np.append(True, user[1:] != user[:-1])
    begins = first | (np.diff(time, prepend=time[0]) >= gap)
    if session_ids is not None:
        begins &= first | ~_within_an_id(user, session_ids[order])
    begins |= _too_far_from_the_end(begins, longest)
    numbers = np.empty(len(users), np.int64)
    numbers[order] = np.cumsum(begins) - 1
    return numbers


def _within_an_id(user: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """Whether the id of an earlier event comes again, here or later: bool ``[V]``."""
    _, pair = np.unique(np.stack([user, ids]), axis=1, return_inverse=True)
    pair, place = pair.ravel(), np.arange(len(ids))
    last = np.zeros(pair.max() + 1, np.int64)
    np.maximum.at(last, pair, place)
    # of all that came before, the latest return
    returns = np.maximum.accumulate(last[pair])
    return np.append(False, returns[:-1] >= place[1:])


def _too_far_from_the_end(begins: np.ndarray, longest: int) -> np.ndarray:
    """Whether a whole number of full sessions follows: bool ``[V]``."""
    starts = np.flatnonzero(begins)
    stops = np.append(starts[1:], len(begins))
    left = np.repeat(stops, stops - starts) - np.arange(len(begins))
    return left % longest == 0
