"""From a log to a task: what is known before a moment, and what came after it."""

from typing import NamedTuple

import numpy as np

from seqviz.data import Dataset, Examples, Split, known_before, split_at
from seqviz.data.splits import clock_cuts
from seqviz.experiments.tasks import Task

FRACTIONS = (0.8, 0.1, 0.1)
LISTED = 20  # items of a list
FEW = 100  # test users, under which another cut is tried
MOST = {"validation": 2000, "test": 4000}  # users that are asked


class Log(NamedTuple):
    """A log that is cut in time.

    Attributes:
        name: of the data set.
        whole: all that was read.
        task: the items that were frequent enough before the first cut; the examples.
        moments: unix seconds: where validation and the test begin, and the last event.
        latest: whether the truth is a user's latest event of a time, not all of them.
        asked: users of the validation and the test part, before some are drawn.
        user_ids: the log's own ids of the users.
        item_ids: the log's own ids of the task's items ``[N + 1]``, "" for padding.
        told: what ``read_log`` reports.
        columns: for each role the column that was taken.
    """

    name: str
    whole: Dataset
    task: Task
    moments: tuple[int, int, int]
    latest: bool
    asked: dict[str, int]
    user_ids: np.ndarray
    item_ids: np.ndarray
    told: str
    columns: dict[str, str]


class TooSmall(ValueError):
    """The log has too little of something to compare; the message says what."""


def cut(
    dataset: Dataset,
    user_ids: np.ndarray,
    item_ids: np.ndarray,
    *,
    told: str = "",
    columns: dict[str, str] | None = None,
    min_item_events: int = 5,
    seed: int = 0,
) -> Log:
    """Cut a data set by one clock: the first 80% of the events train, 10%, 10%.

    Each user who acts before a cut and after it is asked what came after it. Where
    hardly anybody comes back, a user's latest event is asked instead, after all events
    before it. Items with fewer than ``min_item_events`` before the first cut are left
    out, so the choice of the items does not look ahead.

    Args:
        dataset, user_ids, item_ids, told, columns: see ``Log``; ``item_ids`` are those
            of the data set.
        min_item_events: fewest events of an item before the first cut.
        seed: decides who is asked where there are very many users.

    Raises:
        TooSmall: one user, one item, or nobody to ask.
    """
    interactions = dataset.interactions
    people = len(np.unique(interactions.table["user"]))
    if people < 2:
        raise TooSmall(
            f"the log must have 2 users or more to compare methods over, got {people}; "
            "say user=... if another column tells people apart"
        )
    times = interactions.table["time"].to_numpy()
    first, second = clock_cuts(times, FRACTIONS)
    end = int(times.max())
    if not times.min() < first < second <= end:
        raise TooSmall(
            "the log must have events at different times to be cut into what was known "
            f"and what came later, got all of {len(times):,} events between "
            f"{times.min()} and {end} (unix seconds); say time=... if another column "
            "holds the time"
        )
    try:
        known, old = known_before(dataset, first, min_item_events)
    except ValueError as error:
        raise TooSmall(
            "min_item_events must leave an item in the first 80% of the log, got "
            f"{min_item_events}; give a smaller number, such as 1, or a longer log"
        ) from error
    if known.catalog.num_items <= LISTED:
        raise TooSmall(
            f"the log must have more than {LISTED} items with min_item_events = "
            f"{min_item_events} events in its first 80%, since a list has so many, got "
            f"{known.catalog.num_items}; give a smaller min_item_events, or a longer "
            "log"
        )
    split, latest = _split(known, first, second)
    asked = {part: len(getattr(split, part)) for part in MOST}
    split = Split(split.train, *(_some(getattr(split, p), MOST[p], seed) for p in MOST))
    return Log(
        dataset.name,
        dataset,
        Task(known.catalog, known.interactions, split),
        (first, second, end),
        latest,
        asked,
        user_ids,
        np.asarray(item_ids, object)[old],
        told,
        columns or {},
    )


def _split(known: Dataset, first: int, second: int) -> tuple[Split, bool]:
    """The examples, and whether the latest event is the truth."""
    split = split_at(known.interactions, first, second)
    latest = False
    if len(split.test) < FEW:
        other = split_at(known.interactions, first, second, latest=True)
        if len(other.test) >= 2 * len(split.test) and len(other.validation):
            split, latest = other, True
    if not len(split.train):
        raise TooSmall(
            "the log must have a user with 2 events in its first 80% to learn from, "
            "got none; say user=... if another column tells people apart"
        )
    for part, fewest in (("validation", 1), ("test", 2)):
        if len(getattr(split, part)) < fewest:
            raise TooSmall(
                f"the log must have {fewest} users or more who act before and after "
                f"the moment when the {part} begins, got {len(getattr(split, part))}; "
                "a longer log has more of them"
            )
    return split, latest


def _some(examples: Examples, most: int, seed: int) -> Examples:
    if len(examples) <= most:
        return examples
    rows = np.random.default_rng(seed).permutation(len(examples))[:most]
    return examples.select(np.sort(rows))
