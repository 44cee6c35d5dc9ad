"""The long runs behind the SDM chapter: `make experiments`.

SDM with one part changed at a time, and one vector, beside what counts, on
three worlds of the shop. Every family tries as many settings; validation
chooses; the values of every test user are stored in sdm_runs.npz.
"""

import sys

import torch

from seqviz.data import batches
from seqviz.experiments import Study, baselines, run_study
from seqviz.experiments.tasks import shop_sessions
from seqviz.experiments.trial import count_and_measure, train_and_measure
from seqviz.models import SDM, MeanPooling

MODELS = {
    "one vector": None,
    "SDM": {},
    "concatenation": {"fusion": "concat"},
    "sum": {"fusion": "sum"},
    "session alone": {"fusion": "short"},
    "past alone": {"fusion": "long"},
    "1 head": {"num_heads": 1},
    "without LSTM": {"recurrent": False},
    "without the user's attention": {"user_attention": False},
    "without attributes": {"attributes": None},
}
FRESH = 3  # the worlds before it were looked at while SDM was written


class OfSession:
    """A count that reads the current session instead of the whole history."""

    def __init__(self, inner):
        self.inner = inner

    def scores(self, batch):
        own = batch.session_ids
        return self.inner.scores(batch._replace(item_ids=own, mask=own != 0))


def of_session(task):
    """Item-kNN with itself, asked with the clicks of the session alone."""
    found = baselines.COUNTS["item-kNN, with itself"](task)
    return {setting: OfSession(count) for setting, count in found.items()}


# What is counted, each with a few settings of which validation chooses.
SHARED = ("popular lately", "own counts", "share of categories")
COUNTS = {**baselines.COUNTS, "item-kNN of the session": of_session}
STUDY = Study(
    chapter="systems/sdm",
    date="2026-11-28",
    data={
        "shop": {
            "embedding_dim": 16,
            "length": 30,
            "batch_size": 256,
        },
    },
    levels={"shop": "worlds"},
    splits={"shop": 3},
    seeds=3,
    trials=4,
    epochs=20,
    patience=2,
    grid={
        "learning_rate": (3e-3, 1e-2, 3e-2),
        "temperature": (0.05, 0.1, 0.2),
    },
    families={name: {} for name in MODELS},
    counts=(*SHARED, "item-kNN of the session"),
)


def model_of(task, own):
    """Number of items, length and setting to an untrained model."""
    if own is None:
        return lambda num_items, length, **rest: MeanPooling(num_items, **rest)
    options = {
        "attributes": torch.from_numpy(task.attributes),
        "num_users": task.interactions.num_users,
        **own,
    }
    return lambda num_items, length, **rest: SDM(
        num_items, **{**options, **rest}
    )


@torch.no_grad()
def gate_of(model, task, length):
    """How open the gate is: mean over test users and entries."""
    if getattr(model, "fusion", "") != "gate":
        return {}
    model.eval()
    test = task.split.test
    gates = [
        model.read(batch).gate.mean(1) for batch in batches(test, 256, length)
    ]
    return {"gate": torch.cat(gates).mean().item()}


def run_of(name, task):
    """Make the run of a name on a task."""
    if name["model"] in COUNTS:
        return count_and_measure(name, task, COUNTS[name["model"]])
    make = model_of(task, MODELS[name["model"]])
    return train_and_measure(name, task, make, gate_of)


def world_of(name):
    """The task of a run, in a world that no setting was chosen in."""
    return shop_sessions(FRESH + name["split"])


def do(name):
    """Make the run of a name."""
    return run_of(name, world_of(name))


if __name__ == "__main__":
    run_study(STUDY, do, progress="--quiet" not in sys.argv)
