"""The long runs behind the SDM chapter: `make experiments`.

SDM with one part changed at a time, and one vector, beside what counts, on
three worlds of the shop. Every family tries as many settings; validation
chooses; the values of every test user are stored in sdm_runs.npz.
"""

import sys

import torch

from seqviz.data import batches
from seqviz.experiments import Study, run_study
from seqviz.experiments.tasks import shop_sessions
from seqviz.experiments.trial import count_and_measure, train_and_measure
from seqviz.models import SDM, MeanPooling, counting

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


class OfSession:
    """A count that reads the current session instead of the whole history."""

    def __init__(self, inner):
        self.inner = inner

    def scores(self, batch):
        own = batch.session_ids
        return self.inner.scores(batch._replace(item_ids=own, mask=own != 0))


def recently(task):
    return {
        f"{days} days": counting.RecentPopularity(task.interactions, days)
        for days in (7, 14, 28)
    }


def own_counts(task):
    """What she had most often; of equals, what is popular now."""
    now = counting.RecentPopularity(task.interactions, days=14)
    return {
        f"half-life {half_life}": counting.PersonalFrequency(
            task.catalog.num_items, fallback=now, half_life=half_life
        )
        for half_life in (None, 10, 30, 100)
    }


def item_knn(task):
    return {
        f"{k} neighbors": counting.ItemKNN(
            task.split.train, task.catalog.num_items, k, include_self=True
        )
        for k in (5, 20, 100, task.catalog.num_items)
    }


# What is counted, each with a few settings of which validation chooses.
COUNTS = {
    "popular lately": recently,
    "own counts": own_counts,
    "share of categories": lambda t: {
        "": counting.CategoryShare(
            t.split.train, t.catalog.category_ids, t.catalog.num_items
        )
    },
    "item-kNN of the session": lambda t: {
        name: OfSession(count) for name, count in item_knn(t).items()
    },
}
STUDY = Study(
    chapter="systems/sdm",
    date="2026-11-28",
    data={
        "shop": {
            "embedding_dim": 16,
            "length": 30,
            "batch_size": 256,
            "temperature": 0.1,
        },
    },
    levels={"shop": "worlds"},
    splits={"shop": 3},
    seeds=1,
    trials=1,
    epochs=20,
    patience=2,
    grid={"learning_rate": (1e-2,)},
    families={name: {} for name in MODELS},
    counts=tuple(COUNTS),
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


def do(name):
    """Make the run of a name."""
    return run_of(name, shop_sessions(name["split"]))


if __name__ == "__main__":
    run_study(STUDY, do, progress="--quiet" not in sys.argv)
