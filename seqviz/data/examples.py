"""Rows of "after this history came these items", and the three parts of a split."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from seqviz.arguments import require_one_length, require_seconds, whole_numbers
from seqviz.data.ragged import Ragged


@dataclass(frozen=True, eq=False)
class Examples:
    """B rows of "after this history came these true items".

    Args:
        users: int64 ``[B]``.
        times: int64 ``[B]``, unix seconds of the first true event.
        histories: B rows of item ids, oldest first. In every split they are slices of
            the table's ``item`` column, so ``histories.over(column)`` reads another
            column at the same events.
        truths: B rows of at least one item id, each id once, in order of appearance.

    Raises:
        ValueError: the four differ in length, a row has no true item, or the times are
            in another unit than seconds.

    Example:
        >>> histories = Ragged.from_rows([[5, 3], [9]])
        >>> truths = Ragged.from_rows([[7], [2, 4]])
        >>> Examples(np.array([0, 1]), np.array([10, 20]), histories, truths)
        Examples(2 rows, 2 users)
    """

    users: np.ndarray
    times: np.ndarray
    histories: Ragged
    truths: Ragged

    def __post_init__(self) -> None:
        for name in ("users", "times"):
            array = whole_numbers(name, getattr(self, name))
            object.__setattr__(self, name, array)
        require_seconds("times", self.times)
        require_one_length(
            users=self.users,
            times=self.times,
            histories=self.histories,
            truths=self.truths,
        )
        empty = self.truths.lengths == 0
        if empty.any():
            raise ValueError(
                "truths must hold at least one item in every row, got none in row "
                f"{empty.argmax()}"
            )

    def __len__(self) -> int:
        return len(self.users)

    def __repr__(self) -> str:
        return f"Examples({len(self)} rows, {len(np.unique(self.users))} users)"

    def select(self, rows: np.ndarray | slice) -> Examples:
        """The chosen rows (indices, a bool mask or a slice)."""
        # rows that were found to be right stay so: a batch need not check them again
        chosen = object.__new__(Examples)
        object.__setattr__(chosen, "users", self.users[rows])
        object.__setattr__(chosen, "times", self.times[rows])
        object.__setattr__(chosen, "histories", self.histories.select(rows))
        object.__setattr__(chosen, "truths", self.truths.select(rows))
        return chosen


def repeated_share(examples: Examples) -> np.ndarray:
    """How much of each row's true items its history holds: ``[B]``, from 0 to 1.

    Example:
        >>> histories = Ragged.from_rows([[5, 3], [9]])
        >>> truths = Ragged.from_rows([[3, 7], [2, 4]])
        >>> users, times = np.array([0, 1]), np.array([10, 20])
        >>> repeated_share(Examples(users, times, histories, truths))
        array([0.5, 0. ])
    """
    truths, histories = examples.truths, examples.histories
    size = 1 + max(truths.flat().max(initial=0), histories.flat().max(initial=0))

    def pairs(lists: Ragged) -> tuple[np.ndarray, np.ndarray]:
        rows = np.repeat(np.arange(len(lists)), lists.lengths)
        return rows, rows * size + lists.flat()  # row and item as one number

    rows, wanted = pairs(truths)
    return np.bincount(rows, np.isin(wanted, pairs(histories)[1])) / truths.lengths


class Split(NamedTuple):
    """Examples to learn from, to choose a model by, and to report.

    Example:
        >>> split = split_by_user(load_shop(num_users=40).interactions)
        >>> {name: len(np.unique(part.users)) for name, part in split._asdict().items()}
        {'train': 32, 'validation': 4, 'test': 4}
    """

    train: Examples
    validation: Examples
    test: Examples


def longest_histories(examples: Examples) -> Examples:
    """The row with the longest history of each user, in order of the users.

    From rows "prefix, then next item" it keeps the last: a history that holds all the
    others. A batch cuts it to its last T items.

    Example:
        >>> train = split_by_user(load_shop(num_users=40).interactions).train
        >>> longest = longest_histories(train)
        >>> len(longest) == len(np.unique(train.users))
        True
    """
    order = np.lexsort((examples.histories.lengths, examples.users))
    users = examples.users[order]
    last = np.append(users[1:] != users[:-1], True)[: len(users)]
    return examples.select(order[last])
