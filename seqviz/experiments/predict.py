"""Ask a click model for its chances."""

from collections.abc import Iterable

import numpy as np
import torch
from torch import nn

from seqviz.data import ClickBatch


def predict(model: nn.Module, batches: Iterable[ClickBatch]) -> np.ndarray:
    """The click probability of every row, float64 ``[B]``, in the batches' order.

    ``model`` has ``logits(batch) -> [B]``; it is put back into the mode it was in.

    Raises:
        ValueError: there is no batch.
    """
    device = next(model.parameters()).device
    training = model.training
    model.eval()
    parts = []
    try:
        with torch.inference_mode():
            for batch in batches:
                moved = ClickBatch._make(column.to(device) for column in batch)
                parts.append(model.logits(moved).cpu().double().sigmoid())
    finally:
        model.train(training)
    if not parts:
        raise ValueError("batches must hold at least one batch, got none")
    return torch.cat(parts).numpy()
