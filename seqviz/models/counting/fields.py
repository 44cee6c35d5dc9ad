"""Rates of clicks by what stands in a few fields, added up."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from seqviz.arguments import require_number, require_whole
from seqviz.data.planted_fields import FieldBatch, PlantedFields

Group = tuple[int, ...]


class FieldRates:
    """Log-odds of the common rate, plus what each group of fields adds to it.

    A group is one field or several: it has a rate for each combination of their values.
    With p the rate over all rows, (clicks + smoothing p) / (shown + smoothing); what
    was never shown adds nothing. After the fields of the rows comes one more: how many
    clicks ago she last clicked the shown category, 0 to T - 1, or T for never.

    With one field a group it is naive Bayes.

    Args:
        rows: what to count in, of the training part.
        groups: places of fields, ``[(0, 2), (1,)]``.
        label: which label is counted.
        smoothing: shown rows of the common rate that each combination starts with.

    Raises:
        TypeError, ValueError: a place out of range, no group, or rows without a click
            or without a miss.

    Example:
        >>> from seqviz.data.planted_fields import planted_fields
        >>> rows = planted_fields(500)
        >>> list(FieldRates(rows, [(0,), (1, 2)]).logits(rows.batch()).shape)  # [B]
        [500]
    """

    def __init__(
        self,
        rows: PlantedFields,
        groups: Sequence[Group],
        label: int = 0,
        smoothing: float = 10.0,
    ) -> None:
        require_number(low=0, ends=False, smoothing=smoothing)
        self.length = rows.item_ids.shape[1]
        self.sizes = (*rows.sizes, self.length + 1)
        if not groups or not all(groups):
            raise ValueError(f"groups must hold places of fields, got {groups!r}")
        for place in (place for group in groups for place in group):
            require_whole(low=0, high=len(self.sizes) - 1, groups=place)
        clicked = rows.labels[:, label].astype(np.float64)
        rate = clicked.mean() if len(clicked) else 0.0
        if not 0 < rate < 1:
            raise ValueError(f"rows must hold a click and a miss, got a rate of {rate}")
        self.groups = tuple(tuple(group) for group in groups)
        self.common = float(np.log(rate / (1 - rate)))
        fields = self._fields(rows.batch())
        self.added = []
        for group in self.groups:
            values, size = self._values(fields, group)
            shown = np.bincount(values, minlength=size)
            chosen = np.bincount(values, clicked, minlength=size)
            share = (chosen + smoothing * rate) / (shown + smoothing)
            self.added.append(np.log(share / (1 - share)) - self.common)

    def logits(self, batch: FieldBatch) -> Tensor:
        """``[B]``, float64: the log-odds of a click."""
        fields = self._fields(batch)
        total = np.full(len(fields), self.common)
        for group, added in zip(self.groups, self.added, strict=True):
            total += added[self._values(fields, group)[0]]
        return torch.from_numpy(total)

    def _fields(self, batch: FieldBatch) -> np.ndarray:
        """``[B, F + 1]``: the fields, and how long ago the category was clicked."""
        category = batch.fields[:, 1:2]
        same = (batch.item_categories == category) & batch.mask  # [B, T]
        ago = same.flip(1).long().argmax(1)
        ago = ago.where(same.any(1), self.length)
        return torch.cat([batch.fields, ago[:, None]], 1).cpu().numpy()

    def _values(self, fields: np.ndarray, group: Group) -> tuple[np.ndarray, int]:
        """One number for the combination in each row, and how many there are."""
        sizes = [self.sizes[place] for place in group]
        columns = [fields[:, place] for place in group]
        return np.ravel_multi_index(columns, sizes), int(np.prod(sizes))
