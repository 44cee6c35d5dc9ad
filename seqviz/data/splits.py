"""Six ways to cut a table of events into "this history, then these items".

They take every event as it stands: choose the kinds first, such as
``shop.interactions.of_kind("click")``, or a model learns from what was only shown.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seqviz.arguments import (
    require_fractions,
    require_number,
    require_whole,
)
from seqviz.data.examples import Examples, Split
from seqviz.data.ragged import Ragged
from seqviz.data.tables import Interactions


def split_by_user(
    interactions: Interactions,
    fractions: Sequence[float] = (0.8, 0.1, 0.1),
    history_fraction: float = 0.8,
    min_history: int = 1,
    seed: int = 0,
) -> Split:
    """Users apart: the model is judged on people whom it has never seen.

    The protocol of ComiRec (arXiv 2005.09347, section 4.1). A training user with n
    events gives n - 1 examples, "the first p events, then event p + 1". A held-out
    user gives one: her first 80% of events, rounded down, then the distinct items of
    the rest. What leaks: nothing of a person, but the clock; training users' events may
    lie after a test user's truth.

    A user with one event, or fewer than ``min_history`` before the cut, gives no
    example. With few users a held-out part may be empty.

    Args:
        fractions: the shares of users in train, validation and test; they sum to 1.
        history_fraction: the share of a held-out user's events that is her history.
        min_history: the shortest history an example may have.
        seed: decides who goes where.

    Raises:
        ValueError: an argument is out of range.

    Example:
        >>> split = split_by_user(load_shop(num_users=40).interactions)
        >>> np.intersect1d(split.train.users, split.test.users)
        array([], dtype=int64)
    """
    require_number(low=0, high=1, ends=False, history_fraction=history_fraction)
    require_whole(low=0, min_history=min_history)
    train, validation, test = _split_users(interactions, fractions, seed)
    return Split(
        _prefixes(interactions, train, min_history),
        _cut(interactions, validation, history_fraction, min_history),
        _cut(interactions, test, history_fraction, min_history),
    )


def leave_one_out(interactions: Interactions, min_history: int = 1) -> Split:
    """Every user in every part: her last item is the test, the one before validates.

    The protocol of SASRec. Of n events the test row is "the first n - 1, then the
    n-th", the validation row "the first n - 2, then the (n-1)-th"; each shorter
    prefix is a training row. What leaks: the model has trained on this very user, and
    on other users' events from after her test event.

    A user with one event gives no example, one with two only a test row, one with
    three a test and a validation row (for ``min_history=1``).

    Example:
        >>> split = leave_one_out(load_shop(num_users=40).interactions)
        >>> set(split.test.truths.lengths.tolist())
        {1}
    """
    require_whole(low=0, min_history=min_history)
    begins, ends = interactions.offsets[:-1], interactions.offsets[1:]
    parts = []
    for back in (1, 2):
        cuts = ends - back
        users = np.flatnonzero((cuts - begins >= min_history) & (cuts >= begins))
        parts.append(_rows(interactions, begins[users], cuts[users], cuts[users] + 1))
    test, validation = parts
    users = np.arange(interactions.num_users)
    return Split(
        _prefixes(interactions, users, min_history, held_back=2), validation, test
    )


def split_by_time(
    interactions: Interactions,
    fractions: Sequence[float] = (0.8, 0.1, 0.1),
    min_history: int = 1,
) -> Split:
    """One clock for everybody: ``split_at`` two moments.

    They cut the events into shares of about ``fractions``; events of one second stay
    together.

    Example:
        >>> split = split_by_time(load_shop(num_users=40).interactions)
        >>> bool(split.train.times.max() <= split.test.times.min())
        True
    """
    moments = clock_cuts(interactions.table["time"].to_numpy(), fractions)
    return split_at(interactions, *moments, min_history=min_history)


def split_at(
    interactions: Interactions,
    first: int,
    second: int,
    *,
    min_history: int = 1,
    latest: bool = False,
) -> Split:
    """One clock for everybody: nothing from after a cut is known before it.

    Training rows are "prefix, then next event" with that event before the first moment.
    Each user who acts between the two and has ``min_history`` events before the first
    gives one validation row: all her events before that moment, then the distinct items
    between the two. A test row is the same at the second moment. What leaks: nothing;
    but newcomers, who have no history before the cut, are left out, so a user with one
    event gives no example.

    Args:
        first, second: unix seconds.
        min_history: the shortest history an example may have.
        latest: the truth is the user's latest event of the time, and her history all
            events before it: for logs whose users do not come back, such as visits
            without a name. What is learned lies before the cut all the same.

    Raises:
        ValueError: the moments are not in order, or a number is out of range.

    Example:
        >>> events = load_shop(num_users=40).interactions
        >>> first, second = np.quantile(events.table["time"], [0.8, 0.9]).astype(int)
        >>> split = split_at(events, first, second)
        >>> bool(split.train.times.max() < first <= split.validation.times.min())
        True
    """
    if not first <= second:
        raise ValueError(f"first must not lie after second, got {first} and {second}")
    require_whole(low=0, min_history=min_history)
    times = interactions.table["time"].to_numpy()
    begins = interactions.offsets[:-1]
    before_first = begins + _count_before(interactions, first)
    before_second = begins + _count_before(interactions, second)
    ends = interactions.offsets[1:]
    parts = []
    for lows, stops in ((before_first, before_second), (before_second, ends)):
        cuts = stops - 1 if latest else lows
        users = np.flatnonzero((stops > lows) & (cuts - begins >= min_history))
        parts.append(_rows(interactions, begins[users], cuts[users], stops[users]))
    rows = np.flatnonzero(
        (times < first)
        & (np.arange(len(times)) - _user_begins(interactions) >= min_history)
    )
    train = _rows(interactions, _user_begins(interactions)[rows], rows, rows + 1)
    return Split(train, *parts)


def clock_cuts(times: np.ndarray, fractions: Sequence[float]) -> tuple[int, int]:
    """The two moments that cut ``times`` into about these shares.

    Raises:
        ValueError: ``fractions`` are not three shares, or there is no time.
    """
    shares = require_fractions(fractions)
    if not len(times):
        raise ValueError("times must hold at least one row, got none to split")
    ordered = np.append(np.sort(times), np.max(times) + 1)
    places = np.floor(np.cumsum(shares)[:2] * len(times) + 1e-9).astype(int)
    return tuple(int(moment) for moment in ordered[places])


def split_next_session(
    interactions: Interactions,
    fractions: Sequence[float] = (0.8, 0.1, 0.1),
    seed: int = 0,
) -> Split:
    """Users apart, and a whole session to be predicted.

    Every session of a training user but her first is an example: all events of the
    earlier sessions, then the distinct items of this one. A held-out user gives only
    her last session. The order of events within the true session plays no part. What
    leaks: the clock, as in ``split_by_user``; ``split_next_session_by_time`` is the cut
    without that.

    A user with one session (so also one with one event) gives no example.

    Example:
        >>> split = split_next_session(load_shop(num_users=40).interactions)
        >>> bool(split.test.truths.lengths.min() > 0)
        True
    """
    train, validation, test = _split_users(interactions, fractions, seed)
    begins, cuts, stops = _later_sessions(interactions)
    owner = interactions.table["user"].to_numpy()[cuts]
    last = stops == interactions.offsets[owner + 1]
    parts = []
    for group, wanted in (
        (train, np.ones_like(last)),
        (validation, last),
        (test, last),
    ):
        member = np.zeros(interactions.num_users, bool)
        member[group] = True
        chosen = wanted & member[owner]
        parts.append(_rows(interactions, begins[chosen], cuts[chosen], stops[chosen]))
    return Split(*parts)


def split_next_session_by_time(
    interactions: Interactions, first: int, second: int, end: int | None = None
) -> Split:
    """One clock for everybody, and a whole session to be predicted: no row leaks.

    A training row is a session that ends before ``first``, after all events of the
    user's earlier sessions. A validation row is each user's first session between
    ``first`` and ``second``, a test row her first one between ``second`` and ``end``.
    So all that a model learns from, and all of every history, lies before the moment
    from which it is judged. Filter the items by what came before ``first``, too
    (``known_before``). A user's first session of all gives no row, nor does a session
    that a moment cuts.

    Args:
        first: unix seconds, where validation begins.
        second: where the test begins.
        end: where it ends; the end of the table if not given.

    Raises:
        ValueError: the moments are not in order.

    Example:
        >>> events = load_shop(num_users=40).interactions
        >>> first, second = np.quantile(events.table["time"], [0.8, 0.9]).astype(int)
        >>> split = split_next_session_by_time(events, first, second)
        >>> bool((split.test.times >= second).all())
        True
    """
    times = interactions.table["time"].to_numpy()
    end = int(times.max()) + 1 if end is None else end
    if not first < second < end:
        raise ValueError(
            f"first, second and end must grow, got {first}, {second} and {end}"
        )
    begins, cuts, stops = _later_sessions(interactions)
    starts, known = times[cuts], times[cuts - 1]  # the last that her history holds
    parts = [times[stops - 1] < first]
    for low, high in ((first, second), (second, end)):
        inside = (low <= starts) & (times[stops - 1] < high)
        parts.append((known < low) & inside)
    return Split(*(_rows(interactions, begins[p], cuts[p], stops[p]) for p in parts))


def _later_sessions(
    interactions: Interactions,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each session but a user's first: where she begins, where it does, its end."""
    sessions = interactions.table["session"].to_numpy()
    cuts = np.flatnonzero(np.diff(sessions, prepend=sessions[0] - 1) != 0)
    stops = np.append(cuts[1:], len(sessions))
    begins = _user_begins(interactions)[cuts]
    later = cuts > begins
    return begins[later], cuts[later], stops[later]


def _rows(
    interactions: Interactions, begins: np.ndarray, cuts: np.ndarray, stops: np.ndarray
) -> Examples:
    """Rows begin:cut are the history, the distinct items of rows cut:stop the truth."""
    table = interactions.table
    items = table["item"].to_numpy()
    if len(cuts) and (stops - cuts).max() > 1:
        truths = distinct(items, cuts, stops)
    else:
        truths = Ragged(items, cuts, stops)
    return Examples(
        table["user"].to_numpy()[cuts],
        table["time"].to_numpy()[cuts],
        Ragged(items, begins, cuts),
        truths,
    )


def distinct(items: np.ndarray, starts: np.ndarray, stops: np.ndarray) -> Ragged:
    """Each item of a slice once, in order of first appearance."""
    lengths = stops - starts
    row = np.repeat(np.arange(len(starts)), lengths)
    begins = np.cumsum(lengths) - lengths
    places = np.arange(lengths.sum()) - begins[row] + starts[row]
    keys = row * (int(items.max()) + 1) + items[places]
    first = np.sort(np.unique(keys, return_index=True)[1])
    ends = np.cumsum(np.bincount(row[first], minlength=len(starts)))
    return Ragged(items[places[first]], np.append(0, ends)[:-1], ends)


def _prefixes(
    interactions: Interactions,
    users: np.ndarray,
    min_history: int,
    held_back: int = 0,
) -> Examples:
    """Every "first p events, then the next" of these users but the last few events."""
    begins, ends = interactions.offsets[users], interactions.offsets[users + 1]
    first, stop = begins + min_history, ends - held_back
    some = first < stop
    begins, first, stop = begins[some], first[some], stop[some]
    # +1 where the rows of a user begin, -1 behind their end: a byte for each event
    steps = np.zeros(len(interactions) + 1, np.int8)
    steps[first] += 1
    steps[stop] -= 1
    rows = np.flatnonzero(np.cumsum(steps, dtype=np.int8))
    order = np.argsort(begins)
    starts = np.repeat(begins[order], (stop - first)[order])
    return _rows(interactions, starts, rows, rows + 1)


def _cut(
    interactions: Interactions, users: np.ndarray, share: float, min_history: int
) -> Examples:
    """One row for each user: the first ``share`` of her events, then the rest."""
    begins, ends = interactions.offsets[users], interactions.offsets[users + 1]
    history = np.floor((ends - begins) * share + 1e-9).astype(np.int64)
    kept = (history >= min_history) & (begins + history < ends)
    cuts = begins + history
    return _rows(interactions, begins[kept], cuts[kept], ends[kept])


def _user_begins(interactions: Interactions) -> np.ndarray:
    """The first row of the user of each row, int64 [rows]."""
    return interactions.offsets[interactions.table["user"].to_numpy()]


def _count_before(interactions: Interactions, moment: int) -> np.ndarray:
    """How many events each user has before a moment, int64 [U]."""
    early = interactions.table["time"].to_numpy() < moment
    users = interactions.table["user"].to_numpy()[early]
    return np.bincount(users, minlength=interactions.num_users).astype(np.int64)


def _split_users(
    interactions: Interactions, fractions: Sequence[float], seed: int
) -> list[np.ndarray]:
    """The users who have events, dealt out at random into three disjoint arrays."""
    shares = require_fractions(fractions)
    require_whole(low=0, seed=seed)
    users = np.flatnonzero(np.diff(interactions.offsets))
    users = np.random.default_rng(seed).permutation(users)
    places = np.round(np.cumsum(shares)[:2] * len(users)).astype(int)
    return [np.sort(part) for part in np.split(users, places)]
