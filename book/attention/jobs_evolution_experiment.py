"""The long runs behind DIEN and DSIN in the jobs chapter: `make experiments`.

DIEN with its auxiliary loss and without, its three ways to use the attention,
and DSIN beside DIN and four counts, on what three worlds of the shop showed,
with the sessions of each history. Every model tries as many learning rates;
validation chooses; the AUC of every test user is stored in
jobs_evolution_runs.npz.
"""

import sys

from din_experiment import COUNTS as SHOWN
from din_experiment import UNIT, options

from seqviz.experiments import Study, run_study
from seqviz.experiments.click_trial import count_and_rank, train_and_rank
from seqviz.experiments.tasks import shown_sessions
from seqviz.models import DIEN, DIN, DSIN, counting

TASKS = {"shop": shown_sessions}

COUNTS = {
    "popular lately": SHOWN["popular lately"],
    "item's click rate": SHOWN["item's click rate"],
    "category, clicks ago": lambda task: {
        "": counting.CategoryRecency(
            task.split.train, task.catalog.category_ids, FIXED["length"]
        )
    },
    "user's click rate": SHOWN["user's click rate"],
}


def din(catalog, embedding_dim):
    known = {"attention_units": UNIT} | options(catalog)
    return DIN(catalog.num_items, embedding_dim, **known)


def dien(catalog, embedding_dim, **own):
    own |= options(catalog)
    return DIEN(catalog.num_items, embedding_dim, **own)


def dsin(catalog, embedding_dim):
    own = {"num_sessions": 3, "session_length": 6, "num_heads": 2}
    return DSIN(catalog.num_items, embedding_dim, **own, **options(catalog))


MODELS = {
    "DIN": din,
    "DIEN": dien,
    "DIEN, no auxiliary": lambda *own, **more: dien(
        *own, auxiliary=0.0, **more
    ),
    "DIEN, AGRU": lambda *own, **more: dien(*own, kind="agru", **more),
    "DIEN, AIGRU": lambda *own, **more: dien(*own, kind="aigru", **more),
    "DSIN": dsin,
}
FIXED = {"embedding_dim": 8, "length": 12, "batch_size": 2048}
STUDY = Study(
    chapter="attention/jobs_evolution",
    date="2026-11-28",
    data=dict.fromkeys(TASKS, FIXED),
    levels={"shop": "worlds"},
    splits={"shop": 3},
    seeds=1,
    trials=2,
    epochs=20,
    patience=2,
    grid={"learning_rate": (1e-2, 3e-2)},
    families={model: {} for model in MODELS},
    counts=tuple(COUNTS),
)


def do(name):
    """Make the run of a name."""
    task = TASKS[name["data"]](name["split"])
    if name["model"] in COUNTS:
        return count_and_rank(name, task, COUNTS[name["model"]])
    return train_and_rank(name, task, MODELS[name["model"]])


if __name__ == "__main__":
    run_study(STUDY, do, progress="--quiet" not in sys.argv)
