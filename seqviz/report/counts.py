"""What is counted beside the mechanisms, where the log allows it."""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from seqviz.experiments.baselines import COUNTS, Found
from seqviz.experiments.tasks import Task
from seqviz.models.counting import SequentialRules
from seqviz.report.reading import Log

MOST_EASE = 5_000  # items: its matrix is inverted for each setting
MOST_KNN = 50_000  # items
MOST_TIFU = 50_000  # users: each is compared with all
NO_SESSIONS = "no user has more than one session (--session, --gap)"


def _what_followed(task: Task) -> Found:
    rules = partial(SequentialRules, task.split.train, task.catalog.num_items)
    return Found({f"reach {reach}": partial(rules, reach) for reach in (1, 3, 10)})


def has_sessions(log: Log) -> bool:
    """Whether some user has more than one."""
    table = log.task.interactions.table
    users, sessions = (table[c].to_numpy() for c in ("user", "session"))
    return len(np.unique(users)) < len(np.unique(sessions))


def allowed(
    log: Log,
) -> tuple[dict[str, Callable[[Task], Mapping]], dict[str, str]]:
    """The counts that fit the log, and why the others do not."""
    catalog, interactions = log.task.catalog, log.task.interactions
    reasons = {}
    if len(catalog.category_names) < 2:
        reasons["share of categories"] = "the log names no categories (--category)"
    if catalog.num_items > MOST_EASE:
        reasons["EASE"] = f"more than {MOST_EASE:,} items"
    if catalog.num_items > MOST_KNN:
        for name in ("item-kNN", "item-kNN, with itself"):
            reasons[name] = f"more than {MOST_KNN:,} items"
    if not has_sessions(log):
        reasons["TIFU-kNN"] = NO_SESSIONS
    elif interactions.num_users > MOST_TIFU:
        reasons["TIFU-kNN"] = f"more than {MOST_TIFU:,} users"
    every = {**COUNTS, "what followed": _what_followed}
    return {n: make for n, make in every.items() if n not in reasons}, reasons
