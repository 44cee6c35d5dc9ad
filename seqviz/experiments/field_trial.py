"""One run of a study of field models: train, measure, freeze the gate, split it."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import nn

from seqviz.data.planted_fields import (
    FIELDS,
    FieldBatches,
    PlantedFields,
    planted_fields,
)
from seqviz.experiments.runs import Run
from seqviz.experiments.train import TRAINING, fit_setting
from seqviz.metrics import auc
from seqviz.models.counting import FieldRates
from seqviz.models.field_models import FieldNetwork

TRAIN, VALIDATE, TEST, PEOPLE = 20_000, 4_000, 12_000, 100
LABELS = ("", ", cart")  # how a label's metric ends
_ROWS = 4096  # of a batch that is only read


def field_world(
    number: int, relation: float
) -> tuple[PlantedFields, PlantedFields, PlantedFields]:
    """Rows to learn from, to choose by and to report, of another world."""
    total = TRAIN + VALIDATE + TEST
    rows = planted_fields(total, PEOPLE, relation=relation, seed=number)
    ends = TRAIN, TRAIN + VALIDATE
    train, validation, test = slice(ends[0]), slice(*ends), slice(ends[1], None)
    return rows.select(train), rows.select(validation), rows.select(test)


def explained(chances: np.ndarray, rows: PlantedFields, label: int = 0) -> np.ndarray:
    """How much of what can be known a model knows, row by row, in %.

    The mean is 100 for the true chances and 0 for their mean: one minus the divergence
    of the model's chances from the true ones, divided by that of their mean.

    Args:
        chances: ``[n]``, those of a model.
        rows: n rows.
        label: 0 for the click, 1 for the cart.
    """
    true = rows.chances[:, label]
    nothing = _divergence(true, true.mean())
    return 100 * (nothing - _divergence(true, chances)) / nothing.mean()


def _divergence(true: np.ndarray, chances: np.ndarray | float) -> np.ndarray:
    """Nats that a bet on ``chances`` loses."""
    other = (1 - true) * np.log((1 - true) / (1 - chances))
    return true * np.log(true / chances) + other


def field_chances(
    model: nn.Module, rows: PlantedFields, frozen: torch.Tensor | None = None
) -> np.ndarray:
    """The chances ``[n, Y]`` of a trained model, its weights frozen or not."""
    more = {} if frozen is None else {"frozen": frozen}
    model.eval()
    with torch.inference_mode():
        parts = [model(batch, **more) for batch in FieldBatches(rows, _ROWS)]
    return torch.cat(parts).double().sigmoid().numpy()


def gates_of(model: nn.Module, rows: PlantedFields) -> torch.Tensor | None:
    """The weights ``[n, ...]`` of a model's job, None if it has none."""
    model.eval()
    with torch.inference_mode():
        parts = [model(b, need_weights=True)[1] for b in FieldBatches(rows, _ROWS)]
    return None if parts[0] is None else torch.cat(parts)


def variance_split(gates: torch.Tensor, fields: np.ndarray) -> dict[str, float]:
    """Where the weights ``[n, G]`` differ: between coefficients or between inputs.

    ``"inputs"`` is the share of their variance that is there within a coefficient,
    over the rows; the rest lies between the means of the coefficients. Of what is
    within, each field's share is what its value alone tells.
    """
    columns = gates.double().flatten(1)
    total = (columns - columns.mean()).square().mean()
    means = columns.mean(0)
    within = (columns - means).square().mean()
    split = {"inputs": float(within / total) if total > 0 else 0.0}
    for place, name in enumerate(FIELDS):
        ids = torch.from_numpy(fields[:, place])
        count = ids.bincount().clamp(min=1)
        of_value = torch.zeros(len(count), columns.shape[1], dtype=torch.double)
        of_value = of_value.index_add(0, ids, columns) / count[:, None]
        told = (of_value[ids] - means).square().mean()
        split[name] = float(told / within) if within > 0 else 0.0
    return split


def train_and_explain(
    name: Mapping[str, Any],
    relation: float,
    make: Callable[..., nn.Module],
    also: Callable[[nn.Module, PlantedFields], Mapping[str, Any]] | None = None,
) -> Run:
    """Train one field model and measure it on every user of the test.

    A model with weights is measured twice more: ``", frozen"``, with each weight at its
    mean over the training rows, and ``", equal"``, with all of them at one number. Both
    weights are taken from rows with a full history.

    Args:
        name: of the run; its setting has ``learning_rate``, ``batch_size``, ``epochs``
            and ``patience``, and what ``make`` takes.
        relation: of the two labels.
        make: the sizes of the fields and the setting to an untrained model.
        also: trained model and test rows to what is stored beside.
    """
    setting, seed = name["setting"], name["seed"]
    own = {key: value for key, value in setting.items() if key not in TRAINING}
    train, validation, test = field_world(name["split"], relation)
    torch.manual_seed(seed)
    model = make(train.sizes, **own)
    batches = FieldBatches(train, setting["batch_size"], shuffle=True, seed=seed)

    def validate(model: nn.Module) -> float:
        chances = field_chances(model, validation)
        losses = [
            _log_loss(own, validation, y)
            for y, own in zip(model.labels, chances.T, strict=True)
        ]
        return -float(np.mean(losses))

    row = fit_setting(model, batches, validate, setting, seed)
    row["parameters"] = sum(p.numel() for p in model.parameters() if p.requires_grad)
    users = {"user": np.unique(test.fields[:, 0]).astype(np.int32)}

    def measure(ending: str, frozen: torch.Tensor | None = None) -> None:
        chances = field_chances(model, test, frozen)
        for y, own in zip(model.labels, chances.T, strict=True):
            users[f"explained{LABELS[y]}{ending}"] = _by_user(own, test, y)
            row[f"AUC{LABELS[y]}{ending}"] = auc(own, test.labels[:, y])

    measure("")
    full = (train.item_ids > 0).all(1)
    gates = None
    if isinstance(model, FieldNetwork):
        gates = gates_of(model, train.select(full))
    if gates is not None:
        mean = gates.mean(0)
        measure(", frozen", mean)
        measure(", equal", mean.mean().expand_as(mean))
        split = variance_split(gates, train.fields[full])
        row |= {f"varies by {key}": value for key, value in split.items()}
        if mean.numel() <= 100:
            row["mean gate"] = mean.flatten().tolist()
            row["spread of gate"] = gates.std(0).flatten().tolist()
    if also is not None:
        row |= also(model, test)
    return Run(name, row, users)


def count_and_explain(
    name: Mapping[str, Any],
    relation: float,
    make: Callable[[PlantedFields], Mapping[str, FieldRates]],
) -> Run:
    """Measure what is counted on every user of the test, the click alone.

    Args:
        name: of the run.
        relation: of the two labels.
        make: the training rows to what may be counted, by its setting; validation
            chooses.
    """
    train, validation, test = field_world(name["split"], relation)
    made = make(train)
    losses = {
        setting: _log_loss(_counted(count, validation), validation)
        for setting, count in made.items()
    }
    chosen = min(losses, key=losses.__getitem__)
    chances = _counted(made[chosen], test)
    row = {"validation": -losses[chosen], "chosen": chosen}
    row["AUC"] = auc(chances, test.labels[:, 0])
    users = {
        "user": np.unique(test.fields[:, 0]).astype(np.int32),
        "explained": _by_user(chances, test),
    }
    return Run(name, row, users)


def _counted(count: FieldRates, rows: PlantedFields) -> np.ndarray:
    return count.logits(rows.batch()).sigmoid().numpy()


def _log_loss(chances: np.ndarray, rows: PlantedFields, label: int = 0) -> float:
    clicked = rows.labels[:, label] > 0
    return float(np.where(clicked, -np.log(chances), -np.log1p(-chances)).mean())


def _by_user(chances: np.ndarray, rows: PlantedFields, label: int = 0) -> np.ndarray:
    """The mean of what is explained over the rows of each user."""
    owner = np.unique(rows.fields[:, 0], return_inverse=True)[1]
    found = np.bincount(owner, explained(chances, rows, label)) / np.bincount(owner)
    return found.astype(np.float32)
