"""Ask a click model for its chances."""

from collections.abc import Iterable
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn

from seqviz.data import ClickBatch


class ClickPredictor(Protocol):
    """Anything that predicts clicks."""

    def logits(self, batch: ClickBatch) -> Tensor:
        """``[B]``: the log-odds of a click."""


def predict(model: ClickPredictor, batches: Iterable[ClickBatch]) -> np.ndarray:
    """The click probability of every row, float64 ``[B]``, in the batches' order.

    Args:
        model: a model, which is put in eval mode for the time, or a baseline.
        batches: the rows.

    Raises:
        ValueError: there is no batch.

    Example:
        >>> from seqviz.data import click_batches, load_shop, shown_clicks
        >>> from seqviz.models import BaseModel
        >>> rows = shown_clicks(load_shop(num_users=60).interactions)
        >>> chances = predict(BaseModel(num_items=240), click_batches(rows, 256, 20))
        >>> len(chances) == len(rows), bool((0 < chances).all() and (chances < 1).all())
        (True, True)
    """
    module = model if isinstance(model, nn.Module) else None
    device = next(module.parameters()).device if module else torch.device("cpu")
    training = module is not None and module.training
    parts = []
    if module is not None:
        module.eval()
    try:
        with torch.inference_mode():
            for batch in batches:
                moved = batch._make(column.to(device) for column in batch)
                parts.append(model.logits(moved).cpu().double().sigmoid())
    finally:
        if training:
            module.train()
    if not parts:
        raise ValueError("batches must hold at least one batch, got none")
    return torch.cat(parts).numpy()
