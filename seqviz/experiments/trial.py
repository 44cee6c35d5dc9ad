"""One run of a retrieval study: train with a setting, or count, then measure."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import torch

from seqviz.data import Batches, batches
from seqviz.experiments.by_category import recall_by_category
from seqviz.experiments.evaluate import evaluate, evaluate_users
from seqviz.experiments.recommend import Recommender
from seqviz.experiments.runs import Run
from seqviz.experiments.tasks import Task
from seqviz.experiments.train import TRAINING, fit_setting
from seqviz.models import ComiRecSA, Retriever, StrengthWeighted

Also = Callable[[Any, Task, int], Mapping[str, float | np.ndarray]]

_STORED = (
    "recall@20",
    "recall@50",
    "ndcg@20",
    "recall@20 repeat",
    "recall@20 explore",
    "diversity@20",
)


def train_and_measure(
    name: Mapping[str, Any],
    task: Task,
    make: Callable[..., Retriever],
    also: Also | None = None,
    *,
    by_strength: bool = True,
) -> Run:
    """Train one model and measure it on every test user.

    ComiRec-SA is read out by the largest score or by strength: validation chooses.

    Args:
        name: of the run; its setting has ``learning_rate``, ``batch_size``, ``epochs``,
            ``patience`` and ``length``, and what ``make`` takes.
        task: what to train and judge it on.
        make: number of items, length and setting to an untrained model.
        also: trained model, task and length to what is stored beside: numbers, and
            arrays with a value for each test user.
        by_strength: whether validation may choose the read-out by strength.
    """
    setting, seed = name["setting"], name["seed"]
    model, train = prepared(name, task, make)
    validate = partial(validation_recall, task=task, length=setting["length"])
    row = fit_setting(model, train, validate, setting, seed)
    row["parameters"] = sum(p.numel() for p in model.parameters())
    recommender = model
    if by_strength and isinstance(model, ComiRecSA):  # two read-outs of one training
        mixture = StrengthWeighted(model)
        found = validate(mixture)
        row |= {"read_out": "largest", "validation by strength": found}
        if found > row["validation"]:
            recommender = mixture
            row |= {"read_out": "strength", "validation": found}
    run = _measured(name, row, recommender, task, setting["length"])
    return _with(run, also(model, task, setting["length"])) if also else run


def prepared(
    name: Mapping[str, Any], task: Task, make: Callable[..., Retriever]
) -> tuple[Retriever, Batches]:
    """The untrained model of a run and what it is trained on, from the run's seed."""
    setting, seed = name["setting"], name["seed"]
    own = {key: value for key, value in setting.items() if key not in TRAINING}
    torch.manual_seed(seed)
    model = make(task.catalog.num_items, setting["length"], **own)
    train = batches(
        task.split.train,
        setting["batch_size"],
        setting["length"],
        shuffle=True,
        seed=seed,
    )
    return model, train


def validation_recall(recommender: Recommender, task: Task, length: int) -> float:
    """Recall@20 on the validation part, by which everything is chosen."""
    found = evaluate(recommender, task.split.validation, at=[20], length=length)
    return found["recall@20"]


def chosen(
    tried: Mapping[Any, Recommender], task: Task, length: int
) -> tuple[float, Any, Recommender]:
    """Whom validation chooses: the recall there, the setting, the recommender."""
    # one by one: a count may be as large as all pairs of items
    found = ((validation_recall(r, task, length), s, r) for s, r in tried.items())
    return max(found, key=lambda one: one[0])


def count_and_measure(
    name: Mapping[str, Any],
    task: Task,
    make: Callable[[Task], Mapping[str, Recommender]],
    also: Also | None = None,
) -> Run:
    """Measure what is counted; it reads the whole history, however long.

    Args:
        name: of the run.
        task: what to count and judge it on.
        make: the task to what may be counted, by its setting; validation chooses.
        also: as in ``train_and_measure``.
    """
    parts = task.split.validation, task.split.test
    longest = max(int(part.histories.lengths.max()) for part in parts)
    found, setting, recommender = chosen(make(task), task, longest)
    row = {"validation": found, "chosen": setting}
    run = _measured(name, row, recommender, task, longest)
    return _with(run, also(recommender, task, longest)) if also else run


def _with(run: Run, more: Mapping[str, float | np.ndarray]) -> Run:
    """A run with more numbers in its row, and more arrays among its users' values."""
    users = {k: v for k, v in more.items() if isinstance(v, np.ndarray) and v.ndim}
    row = {k: v for k, v in more.items() if k not in users}
    return Run(run.name, {**run.row, **row}, {**run.users, **users})


def _measured(
    name: Mapping[str, Any],
    row: Mapping[str, float],
    recommender: Recommender,
    task: Task,
    length: int,
) -> Run:
    test, categories = task.split.test, task.catalog.category_ids
    found = evaluate_users(recommender, test, length=length, categories=categories)
    fresh = evaluate_users(recommender, test, at=[20], length=length, exclude_seen=True)
    users = {
        "user": test.users.astype(np.int32),
        **{metric: found[metric] for metric in _STORED},
        "recall@20, seen left out": fresh["recall@20"],
    }
    of_category = recall_by_category(recommender, test, categories, length=length)
    known = {f"recall@20 {kind}": float(x) for kind, x in of_category.items()}
    return Run(name, {**row, **known}, users)
