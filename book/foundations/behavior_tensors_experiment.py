"""The runs on real data behind "Behavior as tensors": `make experiments`.

One question on MovieTweetings: what do the same recommenders score when only
the split changes? The values of every test row are stored in
behavior_tensors_runs.npz. A seed starts the trained model; the split is the
same for all.
"""

import sys
from functools import cache

import numpy as np
import torch

from seqviz.data import (
    Examples,
    batches,
    leave_one_out,
    load_movietweetings,
    split_by_time,
    split_by_user,
    split_next_session,
)
from seqviz.experiments import Study, evaluate_users, run_study
from seqviz.experiments.runs import Run
from seqviz.experiments.train import fit_setting
from seqviz.models import MeanPooling
from seqviz.models.counting import (
    DAY,
    ItemKNN,
    MostPopular,
    RecentPopularity,
)

METRIC = "recall@10"
JUDGES = 1000  # validation rows that are asked after an epoch
COUNTS = (
    "most popular",
    "popular until that day",
    "popular in the 7 days before",
    "popular in the 7 days after",
    "item-kNN",
)


def later(examples, days):
    """The same rows, the clock put forward: a window that knows the future."""
    return Examples(
        examples.users,
        examples.times + days * DAY,
        examples.histories,
        examples.truths,
    )


SPLITS = {
    "leave one out": leave_one_out,
    "by user": split_by_user,
    "next session": split_next_session,
    "by time": split_by_time,
}
FIXED = {"embedding_dim": 32, "length": 50, "batch_size": 512}
STUDY = Study(
    chapter="foundations/behavior_tensors",
    date="2026-11-28",
    data=dict.fromkeys(SPLITS, FIXED),
    levels=dict.fromkeys(SPLITS, "cuts"),
    splits=dict.fromkeys(SPLITS, 1),
    seeds=3,
    trials=1,
    epochs=12,
    patience=2,
    grid={"learning_rate": (5e-3,), "temperature": (0.1,)},
    families={"mean pooling": {}},
    counts=COUNTS,
)


@cache
def events_of_movies():
    """All ratings."""
    return load_movietweetings().interactions


@cache
def split_of(data):
    """One of the four splits."""
    return SPLITS[data](events_of_movies())


def of_rows(recommender, examples):
    """Recall@10 of every row, with whose row it is."""
    found = evaluate_users(
        recommender, examples, at=[10], length=FIXED["length"]
    )
    users = examples.users.astype(np.int32)
    return {"user": users, METRIC: found[METRIC]}


def count(model, split):
    """What is counted, and the rows that it is asked."""
    events, test = events_of_movies(), split.test
    if model == "most popular":
        return MostPopular(split.train, events.num_items), test
    if model == "item-kNN":
        return ItemKNN(split.train, events.num_items), test
    if model == "popular until that day":
        return RecentPopularity(events, days=10_000), test
    week = RecentPopularity(events, days=7)
    return week, later(test, 7) if model.endswith("after") else test


def do(name):
    """Make the run of a name."""
    split, setting = split_of(name["data"]), name["setting"]
    if name["model"] in COUNTS:
        return Run(name, {}, of_rows(*count(name["model"], split)))
    torch.manual_seed(name["seed"])
    model = MeanPooling(
        events_of_movies().num_items,
        setting["embedding_dim"],
        temperature=setting["temperature"],
    )
    draw = np.random.default_rng(0)
    some = split.validation.select(
        draw.permutation(len(split.validation))[:JUDGES]
    )
    train = batches(
        split.train,
        setting["batch_size"],
        setting["length"],
        shuffle=True,
        seed=name["seed"],
    )

    def validate(model):
        return of_rows(model, some)[METRIC].mean().item()

    row = fit_setting(model, train, validate, setting, name["seed"])
    return Run(name, row, of_rows(model, split.test))


if __name__ == "__main__":
    run_study(STUDY, do, progress="--quiet" not in sys.argv)
