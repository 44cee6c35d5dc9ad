"""From examples to tensors on a device, one batch at a time."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import NamedTuple

import numpy as np
import torch

from seqviz.arguments import require_padding, require_whole
from seqviz.data.examples import Examples
from seqviz.data.session_examples import SessionExamples


class Batch(NamedTuple):
    """B examples as tensors on one device."""

    item_ids: torch.Tensor
    """int64 ``[B, T]``, the history, 0 = padding."""
    mask: torch.Tensor
    """bool ``[B, T]``, True where the history is real."""
    target_ids: torch.Tensor
    """int64 ``[B]``, one of the row's truths."""
    truths: torch.Tensor
    """int64 ``[B, R]``, all true items, 0-padded at the right."""
    users: torch.Tensor
    """int64 ``[B]``."""
    times: torch.Tensor
    """int64 ``[B]``, unix seconds of the first true event."""


class SessionBatch(NamedTuple):
    """B examples that know the current session: a ``Batch`` and two columns more."""

    item_ids: torch.Tensor
    """int64 ``[B, T]``, the whole history, the session included, 0 = padding."""
    mask: torch.Tensor
    """bool ``[B, T]``, True where the history is real."""
    target_ids: torch.Tensor
    """int64 ``[B]``, one of the row's truths."""
    truths: torch.Tensor
    """int64 ``[B, R]``, all true items, 0-padded at the right."""
    users: torch.Tensor
    """int64 ``[B]``."""
    times: torch.Tensor
    """int64 ``[B]``, unix seconds of the first true event."""
    session_ids: torch.Tensor
    """int64 ``[B, T']``, the items of the current session, 0 = padding; T' is the
    longest session of the batch, at most T."""
    long_ids: torch.Tensor
    """int64 ``[B, F, L]``, the values of each attribute before it, 0 = padding."""


class Batches:
    """The batches of one pass over the examples; iterate again for the next pass.

    Made by :func:`batches`. Each pass has every example once. Shuffled, pass number n
    depends on the seed and n alone, so two runs with one seed see the same batches.
    """

    def __init__(
        self,
        examples: Examples,
        batch_size: int,
        length: int,
        *,
        shuffle: bool,
        seed: int,
        device: str | torch.device,
        side: str,
    ) -> None:
        require_padding(length, side)
        require_whole(batch_size=batch_size)
        require_whole(low=0, seed=seed)
        if not len(examples):
            raise ValueError(
                "examples must hold at least one row, got none; take more users or "
                "loosen the split's fractions and min_history"
            )
        self.examples = examples
        self.batch_size = batch_size
        self.length = length
        self.shuffle = shuffle
        self.seed = seed
        self.device = torch.device(device)
        self.side = side
        self._passes = 0

    def __len__(self) -> int:
        """The number of batches in a pass; the last may be smaller."""
        return ceil(len(self.examples) / self.batch_size)

    def __iter__(self) -> Iterator[Batch | SessionBatch]:
        rows = np.arange(len(self.examples))
        picks = None
        if self.shuffle:
            rng = np.random.default_rng([self.seed, self._passes])
            self._passes += 1
            rng.shuffle(rows)
            picks = rng.random(len(rows))
        for start in range(0, len(rows), self.batch_size):
            part = slice(start, start + self.batch_size)
            yield self._batch(rows[part], None if picks is None else picks[part])

    def _batch(
        self, rows: np.ndarray, picks: np.ndarray | None
    ) -> Batch | SessionBatch:
        examples = self.examples.select(rows)
        item_ids, mask = examples.histories.pad(self.length, self.side)
        truths = examples.truths
        places = truths.starts
        if picks is not None:
            places = places + (picks * truths.lengths).astype(np.int64)
        columns = (
            item_ids,
            mask,
            truths.values[places],
            truths.pad(int(truths.lengths.max()), "right")[0],
            examples.users,
            examples.times,
        )
        kind = Batch
        if isinstance(examples, SessionExamples):
            kind = SessionBatch
            columns = (*columns, *self._of_sessions(examples))
        return kind(*(torch.from_numpy(c).to(self.device) for c in columns))

    def _of_sessions(self, examples: SessionExamples) -> tuple[np.ndarray, np.ndarray]:
        """Their items ``[B, T']`` and what came before them ``[B, F, L]``."""
        longest = int(examples.sessions.lengths.max())
        session_ids, _ = examples.sessions.pad(
            max(1, min(longest, self.length)), self.side
        )
        most = max(1, *(int(part.lengths.max()) for part in examples.long))
        long = [part.pad(most, self.side)[0] for part in examples.long]
        return session_ids, np.stack(long, 1)


def batches(
    examples: Examples,
    batch_size: int,
    length: int,
    *,
    shuffle: bool = False,
    seed: int = 0,
    device: str | torch.device = "cpu",
    side: str = "left",
) -> Batches:
    """Cuts examples into padded batches.

    Args:
        examples: what to go through; ``SessionExamples`` come as ``SessionBatch``.
        batch_size: B; the last batch of a pass may be smaller.
        length: T; longer histories keep their last T items.
        shuffle: a new order in every pass, and as target a random one of the row's
            truths; else the given order and the first truth.
        seed: of the order and the random targets.
        device: where the tensors go.
        side: ``"left"`` or ``"right"``, where a short history is padded.

    Raises:
        ValueError: there is no example, or ``batch_size``, ``length`` or ``side`` is
            out of range.
    """
    return Batches(
        examples,
        batch_size,
        length,
        shuffle=shuffle,
        seed=seed,
        device=device,
        side=side,
    )
