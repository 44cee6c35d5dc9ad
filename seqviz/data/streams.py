"""Batches of examples that do not fit into memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch

from seqviz.arguments import require_whole
from seqviz.data.batches import Batch, as_batch
from seqviz.data.examples import Examples
from seqviz.data.passes import PaddedPasses
from seqviz.data.ragged import Ragged
from seqviz.data.stored_examples import StoredExamples

BUFFER = 65_536  # rows


class Stream(PaddedPasses):
    """The batches of one pass over stored examples; iterate again for the next pass.

    Made by :func:`stream`.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> train = split_by_user(load_shop(num_users=40).interactions).train
        >>> with TemporaryDirectory() as folder:
        ...     rows = stream(save_examples(train, folder + "/a"), 64, 20)
        ...     print(sum(len(batch.users) for batch in rows) == len(train))
        True
    """

    def __init__(
        self, source: StoredExamples, *sizes: int, buffer: int, **settings: Any
    ) -> None:
        super().__init__(sum(source.sizes), *sizes, **settings)
        require_whole(buffer=buffer)
        if not self.num_rows:
            raise ValueError("source must hold at least one example, got none")
        if max(source.sizes) > buffer:
            raise ValueError(
                f"buffer must hold the largest chunk, {max(source.sizes)} rows, got "
                f"{buffer}"
            )
        self.source = source
        self.buffer = buffer

    def __iter__(self) -> Iterator[Batch]:
        chunks = np.arange(len(self.source.sizes))
        if rng := self.next_pass():
            rng.shuffle(chunks)
        held: Examples | None = None  # under a batch of rows that are left over
        picks = np.zeros(0)
        for group in _groups(chunks, self.source.sizes, self.buffer):
            rows = self._read(group)
            if rng is not None:
                rows = rows.select(rng.permutation(len(rows)))
            picks = np.append(picks, rng.random(len(rows)) if rng else [])
            held = rows if held is None else _joined([held, rows])
            whole = len(held) - len(held) % self.batch_size
            for start in range(0, whole, self.batch_size):
                yield self._batch(held, picks, slice(start, start + self.batch_size))
            # a copy, so that the rows that went out can be forgotten
            held, picks = _joined([held.select(slice(whole, None))]), picks[whole:]
        if len(held):
            yield self._batch(held, picks, slice(None))

    def _read(self, chunks: Sequence[int]) -> Examples:
        parts = []
        for chunk in chunks:
            part = self.source.read(chunk)
            if len(part) != self.source.sizes[chunk]:
                raise ValueError(
                    f"source must give the {self.source.sizes[chunk]} rows of chunk "
                    f"{chunk}, got {len(part)}"
                )
            last = part.histories.last(self.length)
            parts.append(Examples(part.users, part.times, last, part.truths))
        return _joined(parts)

    def _batch(self, rows: Examples, picks: np.ndarray, part: slice) -> Batch:
        own = picks[part] if self.shuffle else None
        return as_batch(rows.select(part), own, self.length, self.side, self.device)


def stream(
    source: StoredExamples,
    batch_size: int,
    length: int,
    *,
    shuffle: bool = False,
    seed: int = 0,
    buffer: int = BUFFER,
    device: str | torch.device = "cpu",
    side: str = "left",
) -> Stream:
    """Cuts stored examples into padded batches, as ``batches`` does.

    Shuffled, the chunks are drawn in a new order in every pass; as many as fit into
    ``buffer`` are held at a time and their rows mixed. So a batch holds rows of
    ``buffer / chunk`` places of the file: with one chunk in the buffer the neighbors of
    the file stay together, with all of them the order is that of a full shuffle. Each
    pass has every example once; pass number n depends on the seed and n alone. At most
    ``buffer + batch_size`` rows are held.

    Args:
        source: ``MappedExamples``, ``ParquetExamples``, or anything with ``sizes`` and
            ``read``.
        batch_size: B; the last batch of a pass may be smaller.
        length: T; longer histories keep their last T items.
        shuffle: see above, and as target a random one of the row's truths; else the
            order of the source and the first truth.
        seed: of the order and the random targets.
        buffer: rows to mix, at least the largest chunk.
        device: where the tensors go.
        side: ``"left"`` or ``"right"``, where a short history is padded.

    Raises:
        TypeError, ValueError: there is no example, a chunk is larger than ``buffer``,
            or another argument is out of range.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> train = split_by_user(load_shop(num_users=40).interactions).train
        >>> with TemporaryDirectory() as folder:
        ...     batch = next(iter(stream(save_examples(train, folder + "/a"), 64, 20)))
        >>> list(batch.item_ids.shape)  # [B, T]
        [64, 20]
    """
    return Stream(
        source,
        batch_size,
        length,
        shuffle=shuffle,
        seed=seed,
        buffer=buffer,
        device=device,
        side=side,
    )


def _groups(
    chunks: np.ndarray, sizes: Sequence[int], buffer: int
) -> Iterator[list[int]]:
    """The chunks in order, as many at a time as the buffer holds."""
    group: list[int] = []
    for chunk in chunks.tolist():
        if group and sum(sizes[c] for c in group) + sizes[chunk] > buffer:
            yield group
            group = []
        group.append(chunk)
    yield group


def _joined(parts: Sequence[Examples]) -> Examples:
    """The rows of all parts, over values of their own."""
    return Examples(
        np.concatenate([part.users for part in parts]),
        np.concatenate([part.times for part in parts]),
        Ragged.join([part.histories for part in parts]),
        Ragged.join([part.truths for part in parts]),
    )
