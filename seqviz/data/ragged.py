"""Rows of different length, kept flat: no padding until a batch needs it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import as_strided

from seqviz.arguments import require_one_length, require_padding, whole_numbers


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

    Example:
        >>> rows = Ragged.from_rows([[5, 3, 8], [9]])
        >>> rows.lengths
        array([3, 1])
        >>> rows.pad(2)[0]  # the latest two, padded at the left
        array([[3, 8],
               [0, 9]])
    """

    values: np.ndarray
    starts: np.ndarray
    stops: np.ndarray

    def __post_init__(self) -> None:
        for name in ("values", "starts", "stops"):
            array = whole_numbers(name, getattr(self, name))
            object.__setattr__(self, name, array)
        require_one_length(starts=self.starts, stops=self.stops)
        bad = (self.starts < 0) | (self.stops < self.starts)
        bad |= self.stops > len(self.values)
        if bad.any():
            row = int(bad.argmax())
            raise ValueError(
                f"starts and stops must keep 0 <= start <= stop <= {len(self.values)}, "
                f"the number of values, got {self.starts[row]} and {self.stops[row]} "
                f"in row {row}"
            )

    @classmethod
    def from_rows(cls, rows: Iterable[Sequence[int]]) -> Ragged:
        """Builds it from sequences: ``Ragged.from_rows([[3, 1], [], [2]])``."""
        arrays = [
            whole_numbers(f"rows[{number}]", row) for number, row in enumerate(rows)
        ]
        stops = np.cumsum([len(row) for row in arrays], dtype=np.int64)
        starts = np.concatenate([np.zeros(1, np.int64), stops])[: len(arrays)]
        values = np.concatenate([np.zeros(0, np.int64), *arrays])
        return cls(values, starts, stops)

    @classmethod
    def join(cls, parts: Sequence[Ragged]) -> Ragged:
        """The rows of all parts one after the other, over values of their own."""
        stops = np.cumsum(np.concatenate([part.lengths for part in parts]))
        starts = np.concatenate([np.zeros(1, np.int64), stops])[: len(stops)]
        return cls(np.concatenate([part.flat() for part in parts]), starts, stops)

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

    def flat(self) -> np.ndarray:
        """The entries of all rows one after the other, int64 ``[sum of lengths]``."""
        ends = np.cumsum(self.lengths)
        shifts = np.repeat(self.stops - ends, self.lengths)
        return self.values[np.arange(len(shifts)) + shifts]

    def select(self, rows: np.ndarray | slice) -> Ragged:
        """The chosen rows (indices, a bool mask or a slice), over the same values."""
        # slices that were found to be right stay so: a batch need not check them again
        chosen = object.__new__(Ragged)
        object.__setattr__(chosen, "values", self.values)
        object.__setattr__(chosen, "starts", self.starts[rows])
        object.__setattr__(chosen, "stops", self.stops[rows])
        return chosen

    def last(self, length: int) -> Ragged:
        """The last ``length`` entries of every row, over the same values."""
        return Ragged(
            self.values, np.maximum(self.starts, self.stops - length), self.stops
        )

    def over(self, values: np.ndarray) -> Ragged:
        """The same slices of another array of the same length.

        The histories of a split are slices of the table's ``item`` column, so
        ``histories.over(table["interest"].to_numpy())`` says which interest caused
        each behavior.
        """
        if len(values) != len(self.values):
            raise ValueError(
                "values must be a column of the table that the rows are slices of, "
                f"with {len(self.values)} entries, got {len(values)}"
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
        if side == "left" and len(self) and self.stops.min() >= length:
            return self._latest(length)
        if side == "left":
            places = (self.stops - length)[:, None] + np.arange(length)  # [B, T]
            mask = places >= self.starts[:, None]
        else:
            first = np.maximum(self.starts, self.stops - length)
            places = first[:, None] + np.arange(length)  # [B, T]
            mask = places < self.stops[:, None]
        if not len(self.values):  # nothing to read from: every row is empty
            return np.zeros(mask.shape, np.int64), mask
        ids = self.values.take(places, mode="clip")
        return np.multiply(ids, mask, out=ids), mask

    def _latest(self, length: int) -> tuple[np.ndarray, np.ndarray]:
        """Every row padded at the left, where ``length`` values stand before its end.

        Those values are copied as they lie, a row at a time.
        """
        shape = (len(self.values) - length + 1, length)
        windows = as_strided(self.values, shape, self.values.strides * 2)
        ids = windows[self.stops - length]  # [B, T], a copy
        mask = np.arange(length) >= (length - self.lengths)[:, None]
        return np.multiply(ids, mask.view(np.int8), out=ids), mask
