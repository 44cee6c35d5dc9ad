"""Predict the rest of a session from its beginning: the protocol of SDM."""

from __future__ import annotations

import numpy as np

from seqviz.arguments import require_number, require_whole
from seqviz.data.cleaning import known_before
from seqviz.data.examples import Split
from seqviz.data.ragged import Ragged
from seqviz.data.session_examples import DAY, session_examples
from seqviz.data.sessions import split_sessions
from seqviz.data.splits import distinct
from seqviz.data.tables import Dataset, Interactions


def split_session_rest(
    interactions: Interactions,
    attributes: np.ndarray,
    first: int,
    second: int,
    end: int | None = None,
    *,
    start: int | None = None,
    gap: int = 600,
    longest: int = 50,
    shown: float = 0.25,
    min_session: int = 2,
    per_session: int | None = None,
    long_days: float | None = 7,
    most: int = 20,
) -> Split:
    """One clock for everybody; what comes next in a session, and what is left of it.

    Sessions are those of ``split_sessions``, with the table's ``session`` as ids. A
    session that ends before ``first`` gives a training row for each event but its
    first. A user's first session that lies between ``first`` and ``second`` gives a
    validation row: its first quarter is read, at least one event, the distinct items of
    the rest are the truth. A test row is the same between ``second`` and ``end``. What
    leaks: nothing.

    Args:
        interactions: all events.
        attributes: int64 ``[N + 1, F]``, see ``item_attributes``.
        first: unix seconds, where validation begins.
        second: where the test begins.
        end: where it ends; the end of the table if not given.
        start: sessions that begin before are read, not trained on.
        gap: seconds that end a session.
        longest: of a session, its latest events.
        shown: the share of a held-out session that is read.
        min_session: events of a session that gives rows.
        per_session: most training rows of a session, evenly spaced; None: all.
        long_days: how far the long-term history reaches back; None: all the way.
        most: values of each attribute.

    Returns:
        ``SessionExamples`` three times.

    Raises:
        ValueError: the moments are not in order, or a number is out of range.

    Source: Lv et al. 2019 (arXiv 1909.00385), sections 3.1 and 4.1.

    Example:
        >>> events = load_shop(num_users=40).interactions
        >>> items = np.arange(events.num_items + 1)[:, None]  # no other attribute
        >>> first, second = np.quantile(events.table["time"], [0.8, 0.9]).astype(int)
        >>> split = split_session_rest(events, items, first, second)
        >>> bool(split.test.sessions.lengths.min() > 0)
        True
    """
    times = interactions.table["time"].to_numpy()
    end = int(times.max()) + 1 if end is None else end
    start = int(times.min()) if start is None else start
    if not start < first < second < end:
        raise ValueError(
            "start, first, second and end must grow, got "
            f"{start}, {first}, {second} and {end}"
        )
    require_whole(low=2, min_session=min_session)
    require_number(low=0, high=1, shown=shown)
    if per_session is not None:
        require_whole(per_session=per_session)
    begins, stops = _sessions(interactions, gap)
    enough = stops - begins >= min_session
    options = {"longest": longest, "long_days": long_days, "most": most}
    learned = enough & (times[begins] >= start) & (times[stops - 1] < first)
    row, cuts = _next_events(begins[learned], stops[learned], per_session)
    items = interactions.table["item"].to_numpy()
    train = session_examples(
        interactions,
        attributes,
        begins[learned][row],
        cuts,
        Ragged(items, cuts, cuts + 1),
        **options,
    )
    parts = []
    for low, high in ((first, second), (second, end)):
        inside = enough & (times[begins] >= low) & (times[stops - 1] < high)
        rows = _beginnings(interactions, begins[inside], stops[inside], shown)
        parts.append(session_examples(interactions, attributes, *rows, **options))
    return Split(train, *parts)


def sdm_filters(
    dataset: Dataset,
    *,
    end: int | None = None,
    train_days: int = 7,
    test_days: int = 1,
    behaviors: tuple[int, int] = (41, 999),
    min_item_events: int = 5,
) -> tuple[Dataset, int, int, int]:
    """The published filters of the Taobao log: who and what stays.

    Of the days before ``end``, users stay with more than 40 and fewer than 1,000
    behaviors in them, and items with at least 5 events before the test days. The paper
    counts items over all days; here what happens in the test decides nothing about the
    catalog. It still decides about users, as published.

    Sessions of at least two, at most 50 events and the latest 20 values of each
    attribute from seven days are the defaults of ``split_session_rest``::

        kept, start, test, end = sdm_filters(dataset)
        split = split_session_rest(
            kept.interactions, item_attributes(kept.catalog),
            test - DAY, test, end, start=start,
        )

    The day before the test validates, which the paper does not say.

    Args:
        dataset: events and catalog.
        end: unix seconds; the end of the table if not given.
        train_days, test_days: whole days before ``end``.
        behaviors: fewest and most of a user.
        min_item_events: fewest of an item.

    Returns:
        The data set, numbered anew, and where training begins, testing begins and all
        ends.

    Raises:
        ValueError: a number is out of range, or nothing is left.

    Source: Lv et al. 2019 (arXiv 1909.00385), section 4.1.

    Example:
        >>> shop = load_shop(num_users=80)
        >>> clicks = Dataset("shop", shop.interactions.of_kind("click"), shop.catalog)
        >>> limits = {"train_days": 70, "test_days": 10, "behaviors": (5, 999)}
        >>> kept, start, test, end = sdm_filters(clicks, **limits)
        >>> (test - start) // 86_400, (end - test) // 86_400  # days
        (70, 10)
    """
    require_whole(train_days=train_days, test_days=test_days)
    table = dataset.interactions.table
    times, users = table["time"].to_numpy(), table["user"].to_numpy()
    end = int(times.max()) + 1 if end is None else end
    test = end - test_days * DAY
    start = test - train_days * DAY
    inside = (times >= start) & (times < end)
    counts = np.bincount(users[inside], minlength=dataset.interactions.num_users)
    active = (counts >= behaviors[0]) & (counts <= behaviors[1])
    kept = table[active[users] & (times < end)]
    if not len(kept):
        raise ValueError(
            f"behaviors must leave a user, got {behaviors} and a largest count of "
            f"{counts.max(initial=0)} in {train_days + test_days} days"
        )
    events = Interactions(
        kept, dataset.interactions.num_items, dataset.interactions.num_users
    )
    filtered, _ = known_before(
        Dataset(dataset.name, events, dataset.catalog), test, min_item_events
    )
    return filtered, start, test, end


def _sessions(interactions: Interactions, gap: int) -> tuple[np.ndarray, np.ndarray]:
    """Where each session begins and ends in the table, however long: two of [S]."""
    columns = (
        interactions.table[name].to_numpy() for name in ("user", "time", "session")
    )
    numbers = split_sessions(*columns, gap=gap, longest=len(interactions))
    begins = np.flatnonzero(np.diff(numbers, prepend=-1))
    return begins, np.append(begins[1:], len(numbers))


def _next_events(
    begins: np.ndarray, stops: np.ndarray, per_session: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """The session and the row of each event to predict: two of [B]."""
    number = stops - begins - 1
    if per_session is not None:
        number = np.minimum(number, per_session)
    row = np.repeat(np.arange(len(begins)), number)
    place = np.arange(len(row)) - np.repeat(np.cumsum(number) - number, number)
    # evenly over the events but the first, the last one always
    step = ((place + 1) * (stops - begins - 1)[row]) // number[row]
    return row, begins[row] + step


def _beginnings(
    interactions: Interactions, begins: np.ndarray, stops: np.ndarray, shown: float
) -> tuple[np.ndarray, np.ndarray, Ragged]:
    """Each user's first of these sessions: its begin, where to cut it, its rest."""
    users = interactions.table["user"].to_numpy()[begins]
    first = np.diff(users, prepend=-1) != 0
    begins, stops = begins[first], stops[first]
    length = stops - begins
    read = np.clip(np.floor(length * shown + 1e-9).astype(np.int64), 1, length - 1)
    cuts = begins + read
    return begins, cuts, distinct(interactions.table["item"].to_numpy(), cuts, stops)
