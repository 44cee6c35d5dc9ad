"""What all batches share: they come in passes, in an order that a seed decides."""

from __future__ import annotations

from math import ceil

import numpy as np
import torch

from seqviz.arguments import require_padding, require_whole


class Passes:
    """Iterate for a pass over the rows, and again for the next one.

    Each pass has every row once. Shuffled, pass number n depends on the seed and n
    alone, so two runs with one seed see the same.
    """

    def __init__(self, *, shuffle: bool, seed: int) -> None:
        require_whole(low=0, seed=seed)
        self.shuffle = shuffle
        self.seed = seed
        self._passes = 0

    def next_pass(self) -> np.random.Generator | None:
        """The generator of the pass that begins; None where the order is kept."""
        if not self.shuffle:
            return None
        self._passes += 1
        return np.random.default_rng([self.seed, self._passes - 1])


class PaddedPasses(Passes):
    """Passes over ``num_rows`` rows, B at a time, with histories padded to T.

    Args:
        num_rows: in a pass.
        batch_size: B; the last batch of a pass may be smaller.
        length: T; longer histories keep their last T items.
        shuffle: a new order in every pass; else the given one.
        seed: of the order.
        side: ``"left"`` or ``"right"``, where a short history is padded.
        device: where the tensors go.
    """

    def __init__(
        self,
        num_rows: int,
        batch_size: int,
        length: int,
        *,
        shuffle: bool,
        seed: int,
        side: str,
        device: str | torch.device = "cpu",
    ) -> None:
        require_padding(length, side)
        require_whole(batch_size=batch_size)
        super().__init__(shuffle=shuffle, seed=seed)
        self.num_rows = num_rows
        self.batch_size = batch_size
        self.length = length
        self.side = side
        self.device = torch.device(device)

    def __len__(self) -> int:
        """The number of batches in a pass; the last may be smaller."""
        return ceil(self.num_rows / self.batch_size)
