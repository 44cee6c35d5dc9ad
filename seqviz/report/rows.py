"""The rows that each family learns from and is asked, of one log."""

import numpy as np
import torch

from seqviz.data import (
    Examples,
    SessionExamples,
    Split,
    item_attributes,
    longest_histories,
    session_examples,
    split_at,
)
from seqviz.experiments.tasks import Task
from seqviz.report.families import FAMILIES
from seqviz.report.reading import Log


class Rows:
    """The task of a log in the form that a family reads; each form is made once.

    Args:
        log: cut in time.
        length: T, most events of a session.

    Attributes:
        attributes: int64 ``[N + 1, F]``: the item, and its category if the log names
            any.
    """

    def __init__(self, log: Log, length: int) -> None:
        self._log, self._length = log, length
        named = ["category"] * (len(log.task.catalog.category_names) > 1)
        self._attributes = item_attributes(log.task.catalog, named)
        self.attributes = torch.from_numpy(self._attributes)
        self._made: dict[tuple[bool, bool, int | None], Task] = {}

    def task(self, family: str, until: int | None = None) -> Task:
        """What a family learns from and is asked.

        Args:
            family: its name.
            until: learn from all before this moment (unix seconds); as the log was cut,
                if not given.
        """
        whole, sessions = FAMILIES[family].whole, FAMILIES[family].sessions
        key = (whole, sessions, until)
        if key not in self._made:
            split = self._log.task.split
            if until is not None:
                later = split_at(self._log.task.interactions, until, until)
                split = split._replace(train=later.train)
            if whole:
                split = split._replace(train=longest_histories(split.train))
            if sessions:
                split = Split(*map(self._by_session, split))
            self._made[key] = self._log.task._replace(split=split)
        return self._made[key]

    def _by_session(self, examples: Examples) -> SessionExamples:
        """Each question with the latest session before it, and what was before that."""
        table = self._log.task.interactions.table
        users, sessions = (table[c].to_numpy() for c in ("user", "session"))
        new = (np.diff(sessions) != 0) | (np.diff(users) != 0)
        firsts = np.append(0, np.flatnonzero(new) + 1)
        cuts = examples.histories.stops
        return session_examples(
            self._log.task.interactions,
            self._attributes,
            firsts[np.searchsorted(firsts, cuts - 1, side="right") - 1],
            cuts,
            examples.truths,
            longest=self._length,
            long_days=None,
        )
