"""Many small trainings at once: seeds and settings of one architecture."""

import copy
import math
from collections.abc import Callable, Iterable, Sequence
from numbers import Real
from types import NoneType
from typing import Any

import pandas as pd
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state
from tqdm.auto import tqdm

from seqviz.arguments import require_number, require_whole
from seqviz.data import Batch
from seqviz.experiments.train import SWEEP, Training, sweep_denormals
from seqviz.layers.precision import exact_device
from seqviz.start import best_device

VARIES = ("temperature",)  # the settings of a module that may differ


def fit_many(
    models: Sequence[nn.Module],
    train: Sequence[Iterable[Batch]],
    validate: Callable[[nn.Module], float] | None = None,
    *,
    epochs: int = 20,
    learning_rate: float | Sequence[float] = 1e-3,
    patience: int = 3,
    seeds: Sequence[int] | None = None,
    device: torch.device | str | None = None,
    progress: bool = True,
) -> list[Training]:
    """``fit`` of S models of one architecture, a step of all of them at a time.

    Each model takes the steps that ``fit`` with its own batches, learning rate and seed
    would take; a model whose training stops early leaves the stack. One step of all
    has fewer and larger operations. On a CPU that gains little or nothing (`make
    bench`, case "many"): a step of the shop's size is work, not overhead.

    Args:
        models: S modules of one class, with weights of the same shapes and a
            ``loss(batch)`` without dropout. Their ``temperature`` may differ.
        train: batches for each model, all of the same sizes. If all S are the same
            object, it is gone through once and every model sees the same batches.
        validate: model to a number, larger is better; called after every epoch.
        learning_rate: one for all, or one for each.
        seeds: of each model's sampled negatives.
        epochs, patience, device, progress: as in ``fit``.

    Returns:
        What ``fit`` would have returned for each model, which has its best weights.

    Raises:
        TypeError, ValueError: an argument out of range, or models that differ.
        FloatingPointError: a loss or a metric is not finite.
    """
    rates = _checked(models, train, learning_rate, seeds, epochs, patience)
    device = torch.device(device) if device is not None else best_device()
    for model in models:
        model.to(device)
    draws = _generators(seeds, len(models), device)
    optimizer = torch.optim.Adam(
        [
            {"params": list(model.parameters()), "lr": rate}
            for model, rate in zip(models, rates, strict=True)
        ],
        fused=True,
    )
    running = list(range(len(models)))
    stack = None
    rows: list[list[dict[str, float]]] = [[] for _ in models]
    best = [Training(pd.DataFrame(), 0, -math.inf) for _ in models]
    weights: list[dict[str, Tensor] | None] = [None] * len(models)
    hidden = {} if progress else {"disable": True}
    bar = tqdm(range(1, epochs + 1), unit="epoch", leave=False, **hidden)
    try:
        for epoch in bar:
            if stack is None or len(stack.models) > len(running):
                stack = _Stack([models[i] for i in running])
            losses = _one_epoch(
                stack,
                [train[i] for i in running],
                [draws[i] for i in running],
                optimizer,
                device,
            )
            for i, loss in zip(list(running), losses, strict=True):
                metric = float(validate(models[i])) if validate else -loss
                if not math.isfinite(metric):
                    raise FloatingPointError(
                        f"validate returned {metric} for model {i} in epoch {epoch}"
                    )
                rows[i].append({"epoch": epoch, "loss": loss, "metric": metric})
                if metric > best[i].best_metric or validate is None:
                    best[i].best_epoch, best[i].best_metric = epoch, metric
                    weights[i] = {
                        name: value.clone()  # a deepcopy would copy the whole stack
                        for name, value in models[i].state_dict().items()
                    }
                elif epoch - best[i].best_epoch >= patience:
                    running.remove(i)
            bar.set_postfix(models=len(running))
            if not running:
                break
    except KeyboardInterrupt:
        for i in running:
            best[i].interrupted = True
    finally:
        bar.close()
        for model, kept in zip(models, weights, strict=True):
            _separate(model)
            if kept is not None:
                model.load_state_dict(kept)
    for training, row in zip(best, rows, strict=True):
        training.log = pd.DataFrame(row, columns=["epoch", "loss", "metric"])
    return best


class _Stack:
    """Models side by side: the weights of each are a slice of one tensor ``[S, ...]``.

    So an optimizer of the models' own parameters moves the stack, and a model can be
    asked as it is.
    """

    def __init__(self, models: Sequence[nn.Module]) -> None:
        self.models = models
        self.weights, self.buffers = stack_module_state(models)
        for name, whole in self.weights.items():
            for model, own in zip(models, whole.detach(), strict=True):
                model.get_parameter(name).data = own
        self.settings = {
            name: torch.tensor(values, device=whole.device)
            for name, values in _settings(models).items()
        }
        self.loss = _Loss(copy.deepcopy(models[0]).train().to("meta"))

    def step(
        self,
        batch: Batch,
        negatives: Tensor | None,
        shared: bool,
        optimizer: torch.optim.Optimizer,
    ) -> Tensor:
        """One step of all: the batches ``[S, B, ...]`` to the losses ``[S]``."""
        one_each = (0, 0, 0, None if shared else 0, None if negatives is None else 0)
        losses = torch.vmap(self._one, one_each, randomness="error")(
            self.weights, self.buffers, self.settings, batch, negatives
        )
        gradients = torch.autograd.grad(losses.sum(), list(self.weights.values()))
        for name, whole in zip(self.weights, gradients, strict=True):
            # fused Adam wants a gradient to lie in memory as its weights do
            for model, own in zip(self.models, whole.contiguous(), strict=True):
                model.get_parameter(name).grad = own
        optimizer.step()
        return losses.detach()

    def _one(
        self,
        weights: dict[str, Tensor],
        buffers: dict[str, Tensor],
        settings: dict[str, Tensor],
        batch: Batch,
        negatives: Tensor | None,
    ) -> Tensor:
        for name, value in settings.items():
            place, _, attribute = name.rpartition(".")
            setattr(self.loss.model.get_submodule(place), attribute, value)
        state = {f"model.{name}": x for name, x in {**weights, **buffers}.items()}
        return functional_call(self.loss, state, (batch, negatives))


class _Loss(nn.Module):
    """``functional_call`` calls a module's forward: here it is the loss."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, batch: Batch, negatives: Tensor | None) -> Tensor:
        if negatives is None:
            return self.model.loss(batch)
        return self.model.loss(batch, negatives)


def _one_epoch(
    stack: _Stack,
    train: Sequence[Iterable[Batch]],
    draws: Sequence[torch.Generator | None],
    optimizer: torch.optim.Optimizer,
    device: torch.device,
) -> list[float]:
    """The mean loss of each model over the epoch."""
    total = torch.zeros(len(train), device=device)
    steps = 0
    shared = all(own is train[0] for own in train)
    for batches in zip(*(train[:1] if shared else train), strict=True):
        batch = batches[0] if shared else _side_by_side(batches)
        batch = batch._make(tensor.to(device, non_blocking=True) for tensor in batch)
        negatives = _negatives(stack.models, draws)
        total += stack.step(batch, negatives, shared, optimizer)
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


def _side_by_side(batches: Sequence[Batch]) -> Batch:
    """S batches as one of ``[S, B, ...]``; shorter rows of truths are padded."""
    columns = []
    for column in zip(*batches, strict=True):
        if column[0].dim() == 2:
            width = max(tensor.shape[1] for tensor in column)
            column = [F.pad(tensor, (0, width - tensor.shape[1])) for tensor in column]
        columns.append(torch.stack(column))
    return Batch._make(columns)


def _negatives(
    models: Sequence[nn.Module], draws: Sequence[torch.Generator | None]
) -> Tensor | None:
    """Each model's negatives ``[S, ...]``, None where none are drawn."""
    if not hasattr(models[0], "draw"):
        return None
    drawn = [model.draw(own) for model, own in zip(models, draws, strict=True)]
    return None if drawn[0] is None else torch.stack(drawn)


def _generators(
    seeds: Sequence[int] | None, count: int, device: torch.device
) -> list[torch.Generator | None]:
    if seeds is None:
        return [None] * count
    place = exact_device(device)
    return [torch.Generator(place).manual_seed(seed) for seed in seeds]


def _separate(model: nn.Module) -> None:
    """Give a model its own memory again."""
    for parameter in model.parameters():
        parameter.data = parameter.data.clone()
        parameter.grad = None


def _checked(
    models: Sequence[nn.Module],
    train: Sequence[Iterable[Batch]],
    learning_rate: float | Sequence[float],
    seeds: Sequence[int] | None,
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
    others = {"train": train, "learning_rate": rates, "seeds": seeds}
    for name, values in others.items():
        if values is not None and len(values) != len(models):
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
