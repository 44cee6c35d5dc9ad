"""One run of a study of click models: train with a setting, or count, then measure."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from scipy.special import logit

from seqviz.data import ClickRows, click_batches
from seqviz.experiments.predict import ClickPredictor, predict
from seqviz.experiments.runs import Run
from seqviz.experiments.tasks import ClickTask
from seqviz.experiments.train import TRAINING, fit_setting
from seqviz.metrics import auc_by_row, click_metrics, gauc
from seqviz.models import ClickModel

WEIGHTS = (0.25, 0.5, 1.0, 2.0)  # of a count's log-odds beside a model's

Counts = Callable[[ClickTask], Mapping[str, ClickPredictor]]


def train_and_rank(
    name: Mapping[str, Any],
    task: ClickTask,
    make: Callable[..., ClickModel],
    beside: Counts | None = None,
) -> Run:
    """Train one click model and measure it on every test user.

    Args:
        name: of the run; its setting has ``learning_rate``, ``batch_size``, ``epochs``,
            ``patience`` and ``length``, and what ``make`` takes.
        task: what to train and judge it on.
        make: the catalog and the setting to an untrained model.
        beside: the task to counts, by their setting. The log-odds of one, times a
            weight, are added to those of the trained model: ``"GAUC, with the count"``.
            Validation chooses count and weight.
    """
    setting, seed, split = name["setting"], name["seed"], task.split
    own = {key: value for key, value in setting.items() if key not in TRAINING}
    torch.manual_seed(seed)
    model = make(task.catalog, **own)
    train = click_batches(
        split.train, setting["batch_size"], setting["length"], shuffle=True, seed=seed
    )
    checked, tested = (
        list(click_batches(rows, 1024, setting["length"])) for rows in split[1:]
    )

    def validate(model: ClickPredictor) -> float:
        chances = predict(model, checked)
        return gauc(chances, *_labels(split.validation))

    row = fit_setting(model, train, validate, setting, seed)
    chances = predict(model, tested)
    run = _ranked(name, row, chances, split.test)
    if beside is None:
        return run
    before, after = logit(predict(model, checked)), logit(chances)
    best = -np.inf
    for counted, count in beside(task).items():
        known, asked = (logit(predict(count, rows)) for rows in (checked, tested))
        for weight in WEIGHTS:
            found = gauc(before + weight * known, *_labels(split.validation))
            if found > best:
                best, chosen = found, f"{counted}, times {weight:g}"
                both, _ = auc_by_row(after + weight * asked, *_labels(split.test))
    users = {**run.users, "GAUC, with the count": both.astype(np.float32)}
    return Run(name, {**run.row, "count": chosen}, users)


def count_and_rank(name: Mapping[str, Any], task: ClickTask, make: Counts) -> Run:
    """Measure what is counted; validation chooses among its settings."""
    length, rows = name["setting"]["length"], task.split.validation
    checked = list(click_batches(rows, 1024, length))
    tried = {
        setting: (gauc(predict(count, checked), *_labels(rows)), count)
        for setting, count in make(task).items()
    }
    chosen = max(tried, key=lambda setting: tried[setting][0])
    row = {"validation": tried[chosen][0], "chosen": chosen}
    tested = click_batches(task.split.test, 1024, length)
    return _ranked(name, row, predict(tried[chosen][1], tested), task.split.test)


def _ranked(
    name: Mapping[str, Any],
    row: Mapping[str, Any],
    chances: np.ndarray,
    test: ClickRows,
) -> Run:
    """Store, for every row, the AUC of its user: their mean over the rows is GAUC.

    Sorted by user: equal neighbors take little room.
    """
    found = click_metrics(chances, *_labels(test))
    whole = {key: float(found[key]) for key in ("AUC", "log loss", "calibration")}
    values, people = auc_by_row(chances, *_labels(test))
    users = {"user": people.astype(np.int32), "GAUC": values.astype(np.float32)}
    return Run(name, {**row, **whole}, users)


def _labels(rows: ClickRows) -> tuple[np.ndarray, np.ndarray]:
    return rows.clicked, rows.users
