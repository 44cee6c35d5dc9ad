"""The long runs behind the chapter on session graphs: `make experiments`.

SR-GNN, its edges counted once, and itself without the graph, beside GRU4Rec,
one vector and what counts, on three worlds of the shop: the last click of a
session from all before it. The models read the session alone. Every family
tries as many settings; validation chooses; the values of every test session
are stored in graphs_runs.npz.
"""

import sys

import numpy as np

from seqviz.data import Examples, Split
from seqviz.experiments import Study, baselines, run_study
from seqviz.experiments.tasks import Task, shop_sessions
from seqviz.experiments.trial import count_and_measure, train_and_measure
from seqviz.models import SRGNN, GRU4Rec, MeanPooling
from seqviz.models.counting import SequentialRules

MODELS = {
    "SR-GNN": SRGNN,
    "edges count once": lambda n, **rest: SRGNN(n, count_repeats=False, **rest),
    "without the graph": lambda n, **rest: SRGNN(n, num_steps=0, **rest),
    "GRU4Rec": lambda n, **rest: GRU4Rec(n, all_positions=False, **rest),
    "one vector": MeanPooling,
}
OF_SESSION = ("item-kNN of the session", "what followed before")
STUDY = Study(
    chapter="systems/graphs",
    date="2026-11-28",
    data={
        "shop": {
            "embedding_dim": 16,
            "length": 50,
            "batch_size": 256,
            "temperature": 0.1,
        },
    },
    levels={"shop": "worlds"},
    splits={"shop": 3},
    seeds=1,
    trials=2,
    epochs=25,
    patience=2,
    grid={"learning_rate": (1e-2, 3e-3)},
    families={name: {} for name in MODELS},
    counts=(*baselines.COUNTS, *OF_SESSION),
)


def session_alone(examples):
    """Make the session the whole history."""
    return Examples(
        examples.users, examples.times, examples.sessions, examples.truths
    )


def of_session(task, *, train=True):
    """Cut a task to the sessions; ``train`` too, or its rows as they are."""
    first, *held = task.split
    parts = [session_alone(first) if train else first]
    parts += [session_alone(part) for part in held]
    return Task(task.catalog, task.interactions, Split(*parts))


def rules(task):
    """What followed the latest click in other sessions."""
    return {
        f"reach {reach}": SequentialRules(
            task.split.train, task.catalog.num_items, reach
        )
        for reach in (1, 3, 10)
    }


def about_sessions(model, task, length):
    """Clicks of each test session that are of an item clicked before."""
    sessions = task.split.test.histories
    ids, mask = sessions.pad(length, "right")
    ids = np.where(mask, ids, -1 - np.arange(length))
    ids = np.sort(ids, 1)
    again = (ids[:, 1:] == ids[:, :-1]).sum(1)
    return {"returns": again.astype(np.float32)}


def run_of(name, task):
    """Make the run of a name on a task."""
    model = name["model"]
    if model == "what followed before":
        return count_and_measure(name, of_session(task), rules)
    if model == "item-kNN of the session":
        count = baselines.COUNTS["item-kNN, with itself"]
        return count_and_measure(name, of_session(task, train=False), count)
    if model in baselines.COUNTS:
        return count_and_measure(name, task, baselines.COUNTS[model])

    def make(num_items, length, **rest):
        return MODELS[model](num_items, **rest)

    return train_and_measure(name, of_session(task), make, about_sessions)


def do(name):
    """Make the run of a name."""
    return run_of(name, shop_sessions(name["split"], shown=1.0))


if __name__ == "__main__":
    run_study(STUDY, do, progress="--quiet" not in sys.argv)
