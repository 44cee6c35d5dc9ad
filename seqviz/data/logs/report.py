"""What became of a log: how it was understood, each cause with its count."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass
class Report:
    """What was read, how, what was left out and why; ``print(report)`` says it all.

    Attributes:
        source: where the log came from.
        layout: the known layout that it has, or "columns by name" where none is known.
        columns: for each role (user, item, time ...) the column that was taken.
        remarks: what was decided on the reader's behalf, in sentences.
        read: events in the source, broken ones included.
        dropped: for each cause, in the order in which they were looked at, how many
            events were left out. Together with those kept they make ``read``.
        noted: what was kept though it may surprise, with its count.
        kept: events of the data set.
        user_ids: text ``[U]``: the log's own id of each user.
        item_ids: text ``[N + 1]``: the log's own id of each item, "" for padding.

    Example:
        >>> import pandas as pd
        >>> days = ["2026-01-01", "2026-01-02", "2026-01-03"]
        >>> log = pd.DataFrame({"user": [*"aab"], "item": [*"xyx"], "time": days})
        >>> _, report = read_log(log, aloud=False)
        >>> report.read, report.kept, report.dropped
        (3, 3, {})
    """

    source: str = ""
    layout: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    read: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    noted: dict[str, int] = field(default_factory=dict)
    kept: int = 0
    user_ids: np.ndarray = field(default_factory=lambda: np.array([], object))
    item_ids: np.ndarray = field(default_factory=lambda: np.array([], object))

    def say(self, remark: str) -> None:
        """Add a sentence about a decision."""
        self.remarks.append(remark)

    def drop(self, cause: str, count: int) -> None:
        """Count events that are left out; nothing where there are none."""
        if count:
            self.dropped[cause] = self.dropped.get(cause, 0) + int(count)

    def note(self, what: str, count: int) -> None:
        """Count what is kept and may surprise; nothing where there is none."""
        if count:
            self.noted[what] = int(count)

    def __str__(self) -> str:
        taken = ", ".join(f"{role} = {name}" for role, name in self.columns.items())
        lines = [f"{self.source}: {self.layout} ({taken})"]
        lines += [f"  {remark}" for remark in self.remarks]
        rows = [("events read", self.read)]
        rows += [(f"- {cause}", count) for cause, count in self.dropped.items()]
        rows += [("events kept", self.kept)]
        rows += [("users", len(self.user_ids)), ("items", len(self.item_ids) - 1)]
        rows += [(f"noted: {what}", count) for what, count in self.noted.items()]
        return "\n".join(lines + [f"{count:>13,}  {what}" for what, count in rows])
