"""The long runs behind the self-attention chapter: `make experiments`.

SASRec, with and without positions, and mean pooling beside all that counts, on
three worlds of the shop. Every model tries as many learning rates; validation
chooses; the values of every test user are stored in self_attention_runs.npz.
"""

import sys

import torch

from seqviz.data import longest_histories
from seqviz.experiments import Study, run_study
from seqviz.experiments.baselines import COUNTS
from seqviz.experiments.tasks import shop_world
from seqviz.experiments.trial import count_and_measure, train_and_measure
from seqviz.models import MeanPooling, SASRec

TASKS = {"shop": shop_world}


def mean_pooling(num_items, length, **own):
    return MeanPooling(num_items, **own)


def sasrec(num_items, length, **own):
    return SASRec(
        num_items, num_heads=1, num_blocks=1, max_length=length, **own
    )


def without_positions(num_items, length, **own):
    """SASRec whose positions are zero and stay so."""
    model = sasrec(num_items, length, **own)
    torch.nn.init.zeros_(model.positions.weight)
    model.positions.weight.requires_grad_(False)
    return model


MODELS = {
    "mean pooling": mean_pooling,
    "SASRec": sasrec,
    "SASRec without positions": without_positions,
}
# A row of mean pooling is one prediction, a row of SASRec up to T of them.
ROWS = {"batch_size": (64,)}
STUDY = Study(
    chapter="attention/self_attention",
    date="2026-11-28",
    data={"shop": {"embedding_dim": 16, "length": 30}},
    levels={"shop": "worlds"},
    splits={"shop": 3},
    seeds=1,
    trials=2,
    epochs=40,
    patience=3,
    grid={"learning_rate": (3e-3, 1e-2)},
    families={
        "mean pooling": {"batch_size": (512,), "temperature": (0.1,)},
        "SASRec": ROWS,
        "SASRec without positions": ROWS,
    },
    counts=tuple(COUNTS),
)


def do(name, tasks=TASKS, counts=COUNTS, also=None):
    """Make the run of a name."""
    task, model = tasks[name["data"]](name["split"]), name["model"]
    if model in counts:
        return count_and_measure(name, task, counts[model], also)
    if model != "mean pooling":  # one row for each user
        rows = longest_histories(task.split.train)
        task = task._replace(split=task.split._replace(train=rows))
    return train_and_measure(name, task, MODELS[model], also)


if __name__ == "__main__":
    run_study(STUDY, do, progress="--quiet" not in sys.argv)
