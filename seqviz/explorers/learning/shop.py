"""The little shop that the page learns: checked, counted and written down."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqviz.arguments import require_whole
from seqviz.explorers.core.codec import encode

#: What one byte holds; a page carries a byte for each click.
MOST_ITEMS = 255


@dataclass(frozen=True, eq=False)
class LearningShop:
    """People to learn from, people held out, and the items by number.

    Args:
        num_items: N, 2 to 255; ids run from 1 to N.
        people: a row of item ids for each person to learn from, oldest first; each
            click but her first is an example.
        held_out: for each person held out her history, of at least one click, and the
            items that came next, of which repeated ones count once.
        most: T, how many clicks of a history are read, the latest.

    Raises:
        TypeError, ValueError: naming the argument, what came and what was expected.

    Example:
        >>> shop = LearningShop(3, [[1, 2, 1], [3]], [([1, 1], [2])], most=2)
        >>> shop.counts
        array([0, 2, 1, 1])
        >>> clicks, mask, targets = shop.examples()
        >>> clicks, targets
        (array([[0, 1],
               [1, 2]]), array([2, 1]))
    """

    num_items: int
    people: Sequence[Sequence[int]]
    held_out: Sequence[tuple[Sequence[int], Sequence[int]]]
    most: int = 20

    def __post_init__(self) -> None:
        require_whole(low=2, high=MOST_ITEMS, num_items=self.num_items)
        require_whole(most=self.most)
        people = self._rows("people", self.people)
        if not any(len(row) > 1 for row in people):
            raise ValueError("people must hold a person with two clicks, got none")
        histories = self._rows("held_out histories", [row for row, _ in self.held_out])
        truths = self._rows("held_out truths", [row for _, row in self.held_out])
        if not histories or min(map(len, [*histories, *truths])) == 0:
            raise ValueError(
                "held_out must hold people with a click and a true item each, got "
                f"{[(len(h), len(t)) for h, t in zip(histories, truths, strict=True)]}"
            )
        truths = [np.unique(row) for row in truths]
        object.__setattr__(self, "people", people)
        object.__setattr__(self, "held_out", [*zip(histories, truths, strict=True)])

    @property
    def counts(self) -> np.ndarray:
        """``[N + 1]``: how often the people clicked each item."""
        return np.bincount(np.concatenate(self.people), minlength=self.num_items + 1)

    def examples(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return clicks ``[B, T]`` (0 left of the oldest), mask and targets ``[B]``."""
        rows = [
            (row[max(0, place - self.most) : place], row[place])
            for row in self.people
            for place in range(1, len(row))
        ]
        clicks = self.padded([history for history, _ in rows])
        return clicks, clicks != 0, np.array([target for _, target in rows])

    def padded(self, rows: Iterable[np.ndarray]) -> np.ndarray:
        """Return the latest T of each row as ``[B, T]``, 0 left of the oldest."""
        rows = [row[-self.most :] for row in rows]
        clicks = np.zeros((len(rows), self.most), dtype=np.int64)
        for place, row in enumerate(rows):
            clicks[place, self.most - len(row) :] = row
        return clicks

    def encoded(self) -> dict[str, Any]:
        """Return what ``shop.js`` reads."""
        histories = [history for history, _ in self.held_out]
        truths = [row for _, row in self.held_out]
        found: dict[str, Any] = {"items": self.num_items, "most": self.most}
        for name, count, rows in (
            ("clicks", "counts", self.people),
            ("heldOut", "heldOutCounts", histories),
            ("truths", "truthCounts", truths),
        ):
            found[name] = encode(np.concatenate(rows).astype(np.uint8))
            found[count] = encode(np.array([len(row) for row in rows]))
        return found

    def _rows(self, name: str, rows: Iterable[Sequence[int]]) -> list[np.ndarray]:
        found = []
        for number, row in enumerate(rows):
            ids = np.asarray(row)
            if ids.size and ids.dtype.kind not in "iu":
                raise TypeError(
                    f"{name}[{number}] must hold whole numbers, got {ids.dtype}"
                )
            bad = ids[(ids < 1) | (ids > self.num_items)]
            if bad.size:
                raise ValueError(
                    f"{name}[{number}] must lie in 1..{self.num_items}, got {bad[0]}"
                )
            found.append(ids.astype(np.int64))
        return found
