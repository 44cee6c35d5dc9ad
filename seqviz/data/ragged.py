"""Rows of different length, kept flat: no padding until a batch needs it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from seqviz.arguments import require_padding, whole_numbers


@dataclass(frozen=True, eq=False)
class Ragged:
    """B rows, each a slice ``values[starts[b]:stops[b]]`` of one flat array.

    Slices may overlap, so that all prefixes of a long sequence cost two integers each.

    Args:
        values: int64 ``[V]``, what the rows are cut from.
        starts: int64 ``[B]``, where each row begins.
        stops: int64 ``[B]``, where each row ends (exclusive); equal to its start for
            an empty row.

    Raises:
        TypeError: an argument is not made of whole numbers.
        ValueError: an argument is not one-dimensional, the two ends differ in length,
            a row stops before it starts, or a row lies outside ``values``.
    """

    values: np.ndarray
    starts: np.ndarray
    stops: np.ndarray

    def __post_init__(self) -> None:
        for name in ("values", "starts", "stops"):
            array = whole_numbers(getattr(self, name), name)
            object.__setattr__(self, name, array)
        if len(self.starts) != len(self.stops):
            raise ValueError(
                f"starts has {len(self.starts)} rows and stops has "
                f"{len(self.stops)}: give one start and one stop a row"
            )
        bad = (self.starts < 0) | (self.stops < self.starts)
        bad |= self.stops > len(self.values)
        if bad.any():
            row = int(bad.argmax())
            raise ValueError(
                f"row {row} of starts and stops is {self.starts[row]}:"
                f"{self.stops[row]}: expected 0 <= start <= stop <= "
                f"{len(self.values)}, the number of values"
            )

    @classmethod
    def from_rows(cls, rows: Iterable[Sequence[int]]) -> Ragged:
        """Builds it from sequences: ``Ragged.from_rows([[3, 1], [], [2]])``."""
        arrays = [
            whole_numbers(row, f"rows[{number}]") for number, row in enumerate(rows)
        ]
        stops = np.cumsum([len(row) for row in arrays], dtype=np.int64)
        starts = np.concatenate([np.zeros(1, np.int64), stops])[: len(arrays)]
        values = np.concatenate([np.zeros(0, np.int64), *arrays])
        return cls(values, starts, stops)

    def __len__(self) -> int:
        return len(self.starts)

    def __repr__(self) -> str:
        return f"Ragged({len(self)} rows over {len(self.values)} values)"

    def __getitem__(self, row: int) -> np.ndarray:
        """Row ``row`` as a view, int64 ``[length]``."""
        return self.values[self.starts[row] : self.stops[row]]

    @property
    def lengths(self) -> np.ndarray:
        """The length of every row, int64 ``[B]``."""
        return self.stops - self.starts

    def select(self, rows: np.ndarray | slice) -> Ragged:
        """The chosen rows (indices, a bool mask or a slice), over the same values."""
        return Ragged(self.values, self.starts[rows], self.stops[rows])

    def over(self, values: np.ndarray) -> Ragged:
        """The same slices of another array of the same length.

        The histories of a split are slices of the table's ``item`` column, so
        ``histories.over(table["interest"].to_numpy())`` says which interest caused
        each behavior.
        """
        if len(values) != len(self.values):
            raise ValueError(
                f"values has {len(values)} entries, the rows are slices of "
                f"{len(self.values)}: both must be columns of one table"
            )
        return Ragged(values, self.starts, self.stops)

    def pad(self, length: int, side: str = "left") -> tuple[np.ndarray, np.ndarray]:
        """Cuts every row to its last ``length`` entries and fills up with 0.

        Args:
            length: T, the width of the result, at least 1.
            side: where the padding goes. ``"left"`` puts the newest entry last,
                ``"right"`` puts the oldest kept entry first.

        Returns:
            ``ids`` int64 ``[B, T]`` and ``mask`` bool ``[B, T]``, True where real.

        Raises:
            ValueError: ``length`` is under 1, or ``side`` is another word.
        """
        require_padding(length, side)
        if side == "left":
            first = self.stops - length
        else:
            first = np.maximum(self.starts, self.stops - length)
        places = first[:, None] + np.arange(length)  # [B, T]
        mask = (places >= self.starts[:, None]) & (places < self.stops[:, None])
        if not len(self.values):  # nothing to read from: every row is empty
            return np.zeros(mask.shape, np.int64), mask
        ids = self.values[np.where(mask, places, 0)]
        return np.where(mask, ids, 0), mask
