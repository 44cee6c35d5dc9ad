"""From examples to tensors on a device, one batch at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import torch

from seqviz.data.examples import Examples
from seqviz.data.passes import PaddedPasses
from seqviz.data.session_examples import SessionExamples


class Batch(NamedTuple):
    """B examples as tensors on one device.

    Example:
        >>> shop = load_shop(num_users=40)
        >>> batch = next(iter(batches(split_by_user(shop.interactions).train, 8, 20)))
        >>> list(batch.item_ids.shape), bool(batch.mask.any(1).all())
        ([8, 20], True)
    """

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
    """B examples that know the current session: a ``Batch`` and two columns more.

    Example:
        >>> rows = batches(planted_sessions(10).examples, 4, 20)
        >>> batch = next(iter(rows))
        >>> list(batch.long_ids.shape)  # [B, F, L]
        [4, 3, 12]
    """

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


class Batches(PaddedPasses):
    """The batches of one pass over the examples; iterate again for the next pass.

    Made by :func:`batches`.

    Example:
        >>> shop = load_shop(num_users=40)
        >>> rows = batches(split_by_user(shop.interactions).train, 64, 20)
        >>> sum(len(batch.users) for batch in rows) == len(rows.examples)  # each once
        True
    """

    def __init__(self, examples: Examples, *sizes: int, **settings: Any) -> None:
        super().__init__(len(examples), *sizes, **settings)
        if not len(examples):
            raise ValueError(
                "examples must hold at least one row, got none; take more users or "
                "loosen the split's fractions and min_history"
            )
        self.examples = examples

    def __iter__(self) -> Iterator[Batch | SessionBatch]:
        truths = self.examples.truths
        small = len(truths) < 2**31
        rows = np.arange(len(truths), dtype=np.int32 if small else np.int64)
        picks = None
        if rng := self.next_pass():
            rng.shuffle(rows)
            if truths.lengths.max() > 1:  # else there is nothing to choose from
                picks = rng.random(len(rows))
        for start in range(0, len(rows), self.batch_size):
            part = slice(start, start + self.batch_size)
            yield as_batch(
                self.examples.select(rows[part]),
                None if picks is None else picks[part],
                self.length,
                self.side,
                self.device,
            )


def as_batch(
    examples: Examples,
    picks: np.ndarray | None,
    length: int,
    side: str,
    device: torch.device,
) -> Batch | SessionBatch:
    """B examples, padded, as tensors.

    Args:
        examples: the rows of the batch, in order.
        picks: ``[B]`` in [0, 1): which truth of a row is its target; None: the first.
        length: T.
        side: where a short history is padded.
        device: where the tensors go.
    """
    item_ids, mask = examples.histories.pad(length, side)
    truths = examples.truths
    places = truths.starts
    if picks is not None:
        places = places + (picks * truths.lengths).astype(np.int64)
    targets, most = truths.values[places], int(truths.lengths.max())
    columns = (
        item_ids,
        mask,
        targets,
        targets[:, None].copy() if most == 1 else truths.pad(most, "right")[0],
        examples.users,
        examples.times,
    )
    kind = Batch
    if isinstance(examples, SessionExamples):
        kind = SessionBatch
        columns = (*columns, *_of_sessions(examples, length, side))
    return kind(*(torch.from_numpy(c).to(device) for c in columns))


def _of_sessions(
    examples: SessionExamples, length: int, side: str
) -> tuple[np.ndarray, np.ndarray]:
    """Their items ``[B, T']`` and what came before them ``[B, F, L]``."""
    longest = int(examples.sessions.lengths.max())
    session_ids, _ = examples.sessions.pad(max(1, min(longest, length)), side)
    most = max(1, *(int(part.lengths.max()) for part in examples.long))
    long = [part.pad(most, side)[0] for part in examples.long]
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

    Example:
        >>> shop = load_shop(num_users=40)
        >>> rows = batches(split_by_user(shop.interactions).train, 64, length=20)
        >>> batch = next(iter(rows))
        >>> list(batch.item_ids.shape), list(batch.target_ids.shape)  # [B, T], [B]
        ([64, 20], [64])
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
