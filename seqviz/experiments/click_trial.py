"""One run of a study of click models: train with a setting, or count, then measure."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch

from seqviz.data import ClickRows, click_batches
from seqviz.experiments.predict import ClickPredictor, predict
from seqviz.experiments.runs import Run
from seqviz.experiments.tasks import ClickTask
from seqviz.experiments.train import TRAINING, fit_setting
from seqviz.metrics.clicks import auc_by_user, click_metrics, gauc
from seqviz.models import ClickModel


def train_and_rank(
    name: Mapping[str, Any], task: ClickTask, make: Callable[..., ClickModel]
) -> Run:
    """Train one click model and measure it on every test user.

    Args:
        name: of the run; its setting has ``learning_rate``, ``batch_size``, ``epochs``,
            ``patience`` and ``length``, and what ``make`` takes.
        task: what to train and judge it on.
        make: the catalog and the setting to an untrained model.
    """
    setting, seed, split = name["setting"], name["seed"], task.split
    own = {key: value for key, value in setting.items() if key not in TRAINING}
    torch.manual_seed(seed)
    model = make(task.catalog, **own)
    train = click_batches(
        split.train, setting["batch_size"], setting["length"], shuffle=True, seed=seed
    )
    checked = list(click_batches(split.validation, 1024, setting["length"]))

    def validate(model: ClickModel) -> float:
        chances = predict(model, checked)
        return gauc(chances, split.validation.clicked, split.validation.users)

    row = fit_setting(model, train, validate, setting, seed)
    return _ranked(name, row, model, split.test, setting["length"])


def count_and_rank(
    name: Mapping[str, Any],
    task: ClickTask,
    make: Callable[[ClickTask], Mapping[str, ClickPredictor]],
) -> Run:
    """Measure what is counted; validation chooses among its settings."""
    length, rows = name["setting"]["length"], task.split.validation
    checked = list(click_batches(rows, 1024, length))
    tried = {
        setting: (gauc(predict(count, checked), rows.clicked, rows.users), count)
        for setting, count in make(task).items()
    }
    chosen = max(tried, key=lambda setting: tried[setting][0])
    row = {"validation": tried[chosen][0], "chosen": chosen}
    return _ranked(name, row, tried[chosen][1], task.split.test, length)


def _ranked(
    name: Mapping[str, Any],
    row: Mapping[str, Any],
    model: ClickPredictor,
    test: ClickRows,
    length: int,
) -> Run:
    """Store, for every row, the AUC of its user: their mean over the rows is GAUC."""
    chances = predict(model, click_batches(test, 1024, length))
    found = click_metrics(chances, test.clicked, test.users)
    whole = {key: float(found[key]) for key in ("AUC", "log loss", "calibration")}
    values, _ = auc_by_user(chances, test.clicked, test.users)
    person = np.unique(test.users, return_inverse=True)[1]
    users = {
        "user": test.users.astype(np.int32),
        "GAUC": values[person].astype(np.float32),
    }
    return Run(name, {**row, **whole}, users)
