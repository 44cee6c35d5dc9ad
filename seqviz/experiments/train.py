"""One plain training loop for every model of the book."""

import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import torch
from torch import nn

from seqviz.arguments import require_choice, require_number, require_whole
from seqviz.data import Batch, ClickBatch
from seqviz.experiments.bars import tqdm
from seqviz.experiments.model_adam import ModelAdam
from seqviz.start import best_device

#: What a run's setting says of its training; all else is the model's.
TRAINING = ("learning_rate", "batch_size", "epochs", "patience", "length")
TRAINING += ("table_optimizer",)
SWEEP = 256  # steps: 1e-25 takes more than that to become denormal
TABLES = ("dense", "rows")


@dataclass
class Training:
    """What ``fit`` did.

    ``log`` holds a row per epoch (epoch, loss, metric); ``best_epoch`` and
    ``best_metric`` belong to the weights that the model now has. ``interrupted`` and
    ``out_of_time`` say what ended it before its epochs and its patience did;
    ``by_rows`` names the tables of which a step computed only the rows that it read.

    Example:
        >>> from seqviz.data import batches, load_shop, split_by_user
        >>> from seqviz.models import MeanPooling
        >>> train = split_by_user(load_shop(num_users=40).interactions).train
        >>> rows = batches(train, 64, 20)
        >>> done = fit(MeanPooling(240, 8), rows, epochs=2, progress=False)
        >>> isinstance(done, Training), list(done.log)
        (True, ['epoch', 'loss', 'metric'])
    """

    log: pd.DataFrame
    best_epoch: int
    best_metric: float
    interrupted: bool = field(default=False)
    by_rows: tuple[str, ...] = field(default=())
    out_of_time: bool = field(default=False)


class Watch:
    """The epochs of one training: the log, the best weights, when to stop.

    Args:
        model: what is trained.
        validate: model to a number, larger is better; without it the latest is best.
        patience: epochs without a better metric before it should stop.
        named: what an error calls the model, " for model 3", where there are several.
    """

    def __init__(
        self,
        model: nn.Module,
        validate: Callable[[nn.Module], float] | None,
        patience: int,
        named: str = "",
    ) -> None:
        self.model = model
        self.validate = validate
        self.patience = patience
        self.named = named
        self.best = Training(pd.DataFrame(), best_epoch=0, best_metric=-math.inf)
        self.rows: list[dict[str, float]] = []
        self._weights: dict[str, torch.Tensor] | None = None

    def ends(self, epoch: int, loss: float) -> bool:
        """Write down an epoch and say whether it was the last."""
        metric = float(self.validate(self.model)) if self.validate else -loss
        if not math.isfinite(metric):
            raise FloatingPointError(
                f"validate returned {metric}{self.named} in epoch {epoch}"
            )
        self.rows.append({"epoch": epoch, "loss": loss, "metric": metric})
        if metric > self.best.best_metric or self.validate is None:
            self.best.best_epoch, self.best.best_metric = epoch, metric
            # a deepcopy of a model in a stack would copy the whole stack
            state = self.model.state_dict()
            self._weights = {name: value.clone() for name, value in state.items()}
            return False
        return epoch - self.best.best_epoch >= self.patience

    def restore(self) -> None:
        """Give the model its best weights, if an epoch was finished."""
        if self._weights is not None:
            self.model.load_state_dict(self._weights)

    def training(self) -> Training:
        """Return what was done."""
        self.best.log = pd.DataFrame(self.rows, columns=["epoch", "loss", "metric"])
        return self.best


def fit(
    model: nn.Module,
    train: Iterable[Batch | ClickBatch],
    validate: Callable[[nn.Module], float] | None = None,
    *,
    epochs: int = 20,
    learning_rate: float = 1e-3,
    patience: int = 3,
    seconds: float | None = None,
    seed: int | None = None,
    device: torch.device | str | None = None,
    bf16: bool = False,
    table_optimizer: str | None = None,
    progress: bool = True,
) -> Training:
    """Train ``model`` in place with Adam and keep the best weights.

    Each call starts anew but for the weights: Adam has forgotten its means, the batches
    of ``train`` go on with their next pass, and only the epochs of this call compete
    for the best. Two calls of 5 epochs are not one of 10.

    Args:
        model: any module with ``loss(batch) -> scalar``.
        train: batches, iterated once per epoch: named tuples of tensors.
        validate: model to a number, larger is better; called after every epoch. Without
            it the last epoch counts as the best.
        patience: epochs without a better metric before training stops.
        seconds: after which no further epoch begins.
        seed: of torch's generators, set before the first batch.
        device: where to train; ``best_device()`` if not given.
        bf16: run the loss under bfloat16 autocast.
        table_optimizer: "rows" computes only the rows of an ``EmbeddingTable`` that a
            step reads and brings the others up when they are read, see ``RowAdam``: the
            weights are those of "dense", but for rounding. If not given, "rows" for
            tables of at least ``ROWS_FROM`` rows that the loss does not read whole (as
            the full softmax does).
        progress: show a bar with the loss and the metric.

    An interrupt (Ctrl-C, the stop button) ends the training and keeps the best so far;
    so does an error.

    Raises:
        TypeError, ValueError: ``epochs``, ``patience`` or ``learning_rate`` out of
            range, no batch in ``train``, or "rows" where no table is read by rows.
        FloatingPointError: the loss or the metric is not finite.

    Example:
        >>> from seqviz.data import batches, load_shop, split_by_user
        >>> from seqviz.models import MeanPooling
        >>> train = split_by_user(load_shop(num_users=60).interactions).train
        >>> model = MeanPooling(num_items=240, embedding_dim=8)
        >>> done = fit(model, batches(train, 64, 20), epochs=2, progress=False)
        >>> done.log["loss"].is_monotonic_decreasing
        True
    """
    require_whole(epochs=epochs, patience=patience)
    require_number(low=0, ends=False, learning_rate=learning_rate)
    if table_optimizer is not None:
        require_choice(TABLES, table_optimizer=table_optimizer)
    if seconds is not None:
        require_number(low=0, seconds=seconds)
    if seed is not None:
        torch.manual_seed(seed)
    device = torch.device(device) if device is not None else best_device()
    model.to(device)
    optimizer = ModelAdam(model, learning_rate, table_optimizer)
    watch = Watch(model, validate, patience)
    began = time.monotonic()
    # without the argument tqdm heeds TQDM_DISABLE, which the book sets
    hidden = {} if progress else {"disable": True}
    bar = tqdm(range(1, epochs + 1), unit="epoch", leave=False, **hidden)
    try:
        for epoch in bar:
            loss = _one_epoch(model, train, optimizer, device, bf16)
            watch.best.by_rows = optimizer.by_rows
            last = watch.ends(epoch, loss)
            metric = watch.rows[-1]["metric"]
            bar.set_postfix(loss=f"{loss:.3f}", metric=f"{metric:.4f}")
            if last:
                break
            if seconds is not None and time.monotonic() - began > seconds:
                watch.best.out_of_time = epoch < epochs
                break
    except KeyboardInterrupt:
        watch.best.interrupted = True
    finally:
        bar.close()
        optimizer.close()
        watch.restore()
    return watch.training()


def fit_setting(
    model: nn.Module,
    train: Iterable[Batch | ClickBatch],
    validate: Callable[[nn.Module], float],
    setting: Mapping[str, Any],
    seed: int,
) -> dict[str, Any]:
    """``fit`` by the setting of a run, and what its row says of the training.

    Args:
        setting: has ``epochs``, ``learning_rate`` and ``patience``, and may have
            ``table_optimizer``.
    """
    training = fit(
        model,
        train,
        validate,
        epochs=setting["epochs"],
        learning_rate=setting["learning_rate"],
        patience=setting["patience"],
        seed=seed,
        table_optimizer=setting.get("table_optimizer"),
        progress=False,
    )
    return {"best_epoch": training.best_epoch, "validation": training.best_metric}


def _one_epoch(
    model: nn.Module,
    train: Iterable[Batch | ClickBatch],
    optimizer: ModelAdam,
    device: torch.device,
    bf16: bool,
) -> float:
    """Mean loss over the epoch."""
    model.train()
    optimizer.open()
    total = torch.zeros((), device=device)  # stays there: reading it would wait
    steps = 0
    for batch in train:
        batch = batch._make(tensor.to(device, non_blocking=True) for tensor in batch)
        model.zero_grad(set_to_none=True)
        with torch.autocast(device.type, torch.bfloat16, enabled=bf16):
            loss = model.loss(batch)
        loss.backward()
        optimizer.step()
        total += loss.detach()
        steps += 1
        if steps % SWEEP == 0 and device.type == "cpu" and optimizer.others:
            sweep_denormals(optimizer.others)
    optimizer.close()
    if steps == 0:
        raise ValueError("train must hold at least one batch, got none")
    mean = float(total) / steps
    if not math.isfinite(mean):
        raise FloatingPointError(
            f"the mean loss is {mean}; lower learning_rate or look for NaN in the data"
        )
    return mean


def sweep_denormals(optimizer: torch.optim.Optimizer) -> None:
    """Set to 0 what Adam's means have forgotten.

    The mean of an item's gradients shrinks by a tenth in every step that does not touch
    the item. After some 700 steps it is under 1e-38, and the CPU is over ten times
    slower at such numbers; 0 it never becomes (findings/torch-adam-denormals.sh).
    """
    for state in optimizer.state.values():
        mean = state["exp_avg"]
        mean.masked_fill_(mean.abs() < 1e-25, 0)
