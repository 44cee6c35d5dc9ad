"""What does a graph see that a sequence does not? `make experiments`.

On planted returns (`seqviz.data.planted_returns`) it is known what comes next,
and what a reader of the graph alone can know. SR-GNN beside itself without the
graph, two readers of the sequence and one vector; the rank of the truth of
every test session is stored in graphs_planted_runs.npz.
"""

import sys
from functools import cache

import numpy as np
import torch

from seqviz.data import batches, planted_returns
from seqviz.experiments import Study, run_study
from seqviz.experiments.runs import Run
from seqviz.experiments.train import TRAINING, fit_setting
from seqviz.models import SRGNN, GRU4Rec, MeanPooling, SASRec

N, CLICKS = 240, 7
MODELS = {
    "SR-GNN": SRGNN,
    "without the graph": lambda n, **rest: SRGNN(n, num_steps=0, **rest),
    "GRU4Rec": lambda n, **rest: GRU4Rec(n, all_positions=False, **rest),
    "SASRec": lambda n, **rest: SASRec(
        n, max_length=CLICKS, dropout=0.0, all_positions=False, **rest
    ),
    "one vector": MeanPooling,
}
RULES = ("followed", "latest")
SETTING = {
    "embedding_dim": 32,
    "length": CLICKS,
    "batch_size": 256,
    "temperature": 0.1,
}
STUDY = Study(
    chapter="systems/graphs_planted",
    date="2026-11-29",
    data={rule: {**SETTING, "rule": rule} for rule in RULES},
    levels=dict.fromkeys(RULES, "cuts"),
    splits=dict.fromkeys(RULES, 1),
    seeds=3,
    trials=2,
    epochs=60,
    patience=6,
    grid={"learning_rate": (3e-3, 1e-2)},
    families={name: {} for name in MODELS},
)


@cache
def parts(rule):
    """Draw sessions to learn from, to choose by, to report."""
    return [
        planted_returns(n, rule=rule, num_items=N, seed=seed)
        for n, seed in ((8000, 0), (500, 1), (1000, 2))
    ]


@torch.no_grad()
def first(model, planted):
    """Return each session's first item of the list, and its next item: [B]."""
    model.eval()
    size = len(planted.others)
    batch = next(iter(batches(planted.examples, size, CLICKS)))
    return model.scores(batch).argmax(1).numpy(), batch.target_ids.numpy()


def measured(model, planted):
    """Return what is stored of every test session."""
    found, truth = first(model, planted)
    other = (found[:, None] == planted.others).any(1)
    values = {"right": found == truth, "another of the three": other}
    return {name: column.astype(np.float32) for name, column in values.items()}


def right(model, planted):
    """Return the share of sessions whose next item comes first."""
    found, truth = first(model, planted)
    return float((found == truth).mean())


def do(name):
    """Make the run of a name."""
    setting, seed = dict(name["setting"]), name["seed"]
    train, validation, test = parts(setting.pop("rule"))
    own = {k: v for k, v in setting.items() if k not in TRAINING}
    torch.manual_seed(seed)
    model = MODELS[name["model"]](N, **own)
    shuffled = batches(
        train.examples,
        setting["batch_size"],
        setting["length"],
        shuffle=True,
        seed=seed,
    )
    row = fit_setting(
        model, shuffled, lambda m: right(m, validation), setting, seed
    )
    users = {"user": np.arange(len(test.others), dtype=np.int32)}
    return Run(name, row, {**users, **measured(model, test)})


if __name__ == "__main__":
    run_study(STUDY, do, progress="--quiet" not in sys.argv)
