"""Many small trainings at once: seeds and settings of one architecture."""

import math
from collections.abc import Callable, Iterable, Sequence
from numbers import Real
from types import NoneType
from typing import Any

import torch
from torch import nn

from seqviz.arguments import require_number, require_whole
from seqviz.data import Batch
from seqviz.experiments.bars import tqdm
from seqviz.experiments.counted import CountedStack
from seqviz.experiments.train import SWEEP, Training, Watch, sweep_denormals
from seqviz.models import Retriever
from seqviz.start import best_device

VARIES = ("temperature",)  # the settings of a module that may differ


def fit_many(
    models: Sequence[Retriever],
    train: Sequence[Iterable[Batch]],
    validate: Callable[[nn.Module], float] | None = None,
    *,
    epochs: int = 20,
    learning_rate: float | Sequence[float] = 1e-3,
    patience: int = 3,
    device: torch.device | str | None = None,
    progress: bool = True,
) -> list[Training]:
    """``fit`` of S models that read a history as counts, a step of all at a time.

    Each model takes the steps that ``fit`` with its own batches and learning rate would
    take; a model whose training stops early leaves the stack. ``CountedStack`` says why
    that is faster (`make bench`, case "many"). With ``nearest`` two interests may score
    an item alike but for the last digit, and each of the two ways take another one;
    from there on their trainings part.

    Args:
        models: S one-vector models, or S ComiRec-SA without positions, with weights of
            the same shapes, trained on the full softmax. Their ``temperature`` may
            differ.
        train: batches for each model, all of the same sizes. If all S are the same
            object, it is gone through once and every model sees the same batches.
        validate: model to a number, larger is better; called after every epoch.
        learning_rate: one for all, or one for each.
        epochs, patience, device, progress: as in ``fit``.

    Returns:
        What ``fit`` would have returned for each model, which has its best weights.

    Raises:
        TypeError, ValueError: an argument out of range, models that differ, or that
            read more of a history than its counts.
        FloatingPointError: a loss or a metric is not finite, or the logits of an
            interest lie so far apart that counts cannot tell them: use ``fit``.

    Example:
        >>> from seqviz.data import batches, load_shop, split_by_user
        >>> from seqviz.models import MeanPooling
        >>> train = split_by_user(load_shop(num_users=60).interactions).train
        >>> models = [MeanPooling(num_items=240, embedding_dim=8) for seed in range(2)]
        >>> rows = [batches(train, 64, 20) for seed in range(2)]
        >>> len(fit_many(models, rows, epochs=1, progress=False))
        2
    """
    rates = _checked(models, train, learning_rate, epochs, patience)
    device = torch.device(device) if device is not None else best_device()
    for model in models:
        model.to(device)
    of_rate: dict[float, list[nn.Parameter]] = {}  # one step for all of a rate
    for model, rate in zip(models, rates, strict=True):
        of_rate.setdefault(rate, []).extend(model.parameters())
    optimizer = torch.optim.Adam(
        [{"params": own, "lr": rate} for rate, own in of_rate.items()], fused=True
    )
    running = list(range(len(models)))
    stack = None
    watches = [
        Watch(model, validate, patience, f" for model {i}")
        for i, model in enumerate(models)
    ]
    hidden = {} if progress else {"disable": True}
    bar = tqdm(range(1, epochs + 1), unit="epoch", leave=False, **hidden)
    try:
        for epoch in bar:
            if stack is None or len(stack.models) > len(running):
                stack = CountedStack([models[i] for i in running])
            losses = _one_epoch(stack, [train[i] for i in running], optimizer, device)
            for i, loss in zip(list(running), losses, strict=True):
                if watches[i].ends(epoch, loss):
                    running.remove(i)
            bar.set_postfix(models=len(running))
            if not running:
                break
    except KeyboardInterrupt:
        for i in running:
            watches[i].best.interrupted = True
    finally:
        bar.close()
        for watch in watches:
            _separate(watch.model)
            watch.restore()
    return [watch.training() for watch in watches]


def _one_epoch(
    stack: CountedStack,
    train: Sequence[Iterable[Batch]],
    optimizer: torch.optim.Optimizer,
    device: torch.device,
) -> list[float]:
    """The mean loss of each model over the epoch."""
    total = torch.zeros(len(train), device=device)
    steps = 0
    shared = all(own is train[0] for own in train)
    for batches in zip(*(train[:1] if shared else train), strict=True):
        item_ids = torch.stack([batch.item_ids for batch in batches]).to(device)
        target_ids = torch.stack([batch.target_ids for batch in batches]).to(device)
        total += stack.step(item_ids, target_ids, optimizer)
        steps += 1
        if steps % SWEEP == 0 and device.type == "cpu":
            sweep_denormals(optimizer)
    if steps == 0:
        raise ValueError("train must hold at least one batch, got none")
    means = (total / steps).tolist()
    for number, mean in enumerate(means):
        if not math.isfinite(mean):
            raise FloatingPointError(
                f"the mean loss is {mean} for model {number} of those that train; "
                "lower its learning_rate or look for NaN in the data"
            )
    return means


def _separate(model: nn.Module) -> None:
    """Give a model its own memory again."""
    for parameter in model.parameters():
        parameter.data = parameter.data.clone()
        parameter.grad = None


def _checked(
    models: Sequence[nn.Module],
    train: Sequence[Iterable[Batch]],
    learning_rate: float | Sequence[float],
    epochs: int,
    patience: int,
) -> list[float]:
    """The learning rate of each model, after the arguments are found to fit."""
    require_whole(epochs=epochs, patience=patience)
    if not models:
        raise ValueError("models must hold at least one, got none")
    rates = learning_rate
    if isinstance(learning_rate, Real):
        rates = [learning_rate] * len(models)
    for rate in rates:
        require_number(low=0, ends=False, learning_rate=rate)
    others = {"train": train, "learning_rate": rates}
    for name, values in others.items():
        if len(values) != len(models):
            raise ValueError(
                f"{name} must hold one for each of {len(models)} models, got "
                f"{len(values)}"
            )
    _settings(models)
    return list(rates)


def _settings(models: Sequence[nn.Module]) -> dict[str, list[float]]:
    """The settings in which the models differ, by their path; raises for others."""
    differ = {}
    described = [_description(model) for model in models]
    for name, first in described[0].items():
        values = [own.get(name) for own in described]
        if all(value == first for value in values):
            continue
        if name.rpartition(".")[2] not in VARIES or None in values:
            raise ValueError(
                f"models must have the same {name} (only {', '.join(VARIES)} may "
                f"differ), got {values}"
            )
        differ[name] = values
    if any(own.keys() != described[0].keys() for own in described):
        raise ValueError("models must have the same parts, got different ones")
    return differ


def _description(model: nn.Module) -> dict[str, Any]:
    """The class and the plain settings of each part, the shape of each tensor."""
    found: dict[str, Any] = {
        name: list(value.shape) for name, value in model.state_dict().items()
    }
    for path, module in model.named_modules():
        start = f"{path}." if path else ""
        found[f"{start}class"] = type(module).__name__
        for name, value in vars(module).items():
            if name != "training" and isinstance(value, int | float | str | NoneType):
                found[start + name] = value
    return found
