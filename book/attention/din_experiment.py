"""The long runs behind the DIN chapter: `make experiments`.

Five click models beside three counts, on what three worlds of the shop showed,
cut by one clock. Every model tries as many learning rates; validation chooses;
the AUC of every test user is stored in din_runs.npz, alone and with a count of
popularity added.
"""

import sys

import torch

from seqviz.experiments import Study, run_study
from seqviz.experiments.click_trial import count_and_rank, train_and_rank
from seqviz.experiments.tasks import shown_world
from seqviz.models import DIN, BaseModel, ClickModel, TargetPooling, counting

UNIT, NETWORK = (32, 16), (64, 32)
TASKS = {"shop": shown_world}


def popular_lately(task):
    return {
        f"{days} days": counting.TargetPopularity(task.interactions, days)
        for days in (7, 30, 90)
    }


COUNTS = {
    "popular lately": popular_lately,
    "item's click rate": lambda task: {
        "": counting.ItemClickRate(task.split.train, task.catalog.num_items)
    },
    "user's click rate": lambda task: {
        "": counting.UserClickRate(task.split.train)
    },
}


def options(catalog):
    """What all models know of an item, and the network behind the pooling."""
    categories = torch.from_numpy(catalog.category_ids)[:, None]
    return {"item_features": categories, "hidden_units": NETWORK}


def base(catalog, embedding_dim):
    return BaseModel(catalog.num_items, embedding_dim, **options(catalog))


def target_attention(catalog, embedding_dim):
    pooling = TargetPooling(2 * embedding_dim)  # an id and a category
    known = options(catalog)
    return ClickModel(catalog.num_items, pooling, embedding_dim, **known)


def din(catalog, embedding_dim, activation="prelu", softmax=False):
    return DIN(
        catalog.num_items,
        embedding_dim,
        attention_units=UNIT,
        attention_activation=activation,
        activation=activation,
        softmax=softmax,
        **options(catalog),
    )


MODELS = {
    "Base": base,
    "target attention": target_attention,
    "DIN, softmax": lambda *own, **more: din(*own, softmax=True, **more),
    "DIN": din,
    "DIN + Dice": lambda *own, **more: din(*own, activation="dice", **more),
}
FIXED = {"embedding_dim": 8, "length": 20, "batch_size": 512}
STUDY = Study(
    chapter="attention/din",
    date="2026-11-28",
    data=dict.fromkeys(TASKS, FIXED),
    levels={"shop": "worlds"},
    splits={"shop": 3},
    seeds=1,
    trials=2,
    epochs=20,
    patience=2,
    grid={"learning_rate": (3e-3, 1e-2)},
    families={model: {} for model in MODELS},
    counts=tuple(COUNTS),
)


def do(name, tasks=TASKS):
    """Make the run of a name."""
    task = tasks[name["data"]](name["split"])
    if name["model"] in COUNTS:
        return count_and_rank(name, task, COUNTS[name["model"]])
    return train_and_rank(name, task, MODELS[name["model"]], popular_lately)


if __name__ == "__main__":
    run_study(STUDY, do, progress="--quiet" not in sys.argv)
