"""When several interests pay, world by world: `make experiments`.

One vector and ComiRec-SA, trained by the interest nearest to the target and by
the interest nearest to each item, beside what counts, in worlds that differ in
how people click. A grid of worlds draws the map, worlds drawn at random check
its rule. The values of every test user are stored in when_several_pay_runs.npz.
"""

import sys
from dataclasses import replace
from functools import lru_cache

import numpy as np
import torch

from seqviz.data import batches, load_shop, repeated_share, split_by_user
from seqviz.experiments import Study, evaluate_users, fit_many, run_study
from seqviz.experiments.runs import Run
from seqviz.experiments.tasks import Task
from seqviz.experiments.trial import chosen, validation_recall
from seqviz.models import ComiRecSA, MeanPooling, counting

MODELS = {
    "one vector": lambda n, **own: MeanPooling(n, **own),
    "ComiRec-SA": lambda n, **own: ComiRecSA(n, **own),
    "ComiRec-SA, nearest": lambda n, **own: ComiRecSA(n, nearest=True, **own),
    "eight interests": lambda n, **own: ComiRecSA(n, nearest=True, **own),
}
CLICKS = 44_000  # of all users of a world, so that models learn from as many
MIDDLE = {
    "interests": 4,
    "repeat_rate": 0.25,
    "misclick_rate": 0.05,
    "median_clicks": 22,
    "evenness": 1.5,
    "num_items": 240,
    "embedding_dim": 16,
}
BATCH = {"length": 50, "batch_size": 512}


def drawn(name, number, seed):
    """Worlds at random, within the axes and between them."""
    rng, cells = np.random.default_rng(seed), {}
    for world in range(number):
        cells[f"{name} {world}"] = MIDDLE | {
            "interests": int(rng.integers(1, 9)),
            "repeat_rate": round(float(rng.uniform(0, 0.6)), 2),
            "misclick_rate": round(float(rng.uniform(0, 0.4)), 2),
            "median_clicks": int(rng.integers(8, 50)),
            "evenness": round(float(np.exp(rng.uniform(-1, 2))), 2),
            "num_items": int(240 * rng.integers(1, 4)),
            "embedding_dim": int(rng.choice([4, 8, 16, 32])),
            "world": 100 + 200 * seed + world,
        }
    return cells


def worlds():
    """The worlds: a grid, one axis after the other, and some at random."""
    cells = {}
    grid = [
        (interests, repeats, slips)
        for interests in (1, 2, 4, 8)
        for repeats in (0.0, 0.25, 0.5)
        for slips in (0.05, 0.3)
    ]
    for seed, (interests, repeats, slips) in enumerate(grid):
        for width in (4, 16):
            cells[f"grid {seed}, E = {width}"] = MIDDLE | {
                "interests": interests,
                "repeat_rate": repeats,
                "misclick_rate": slips,
                "embedding_dim": width,
                "world": seed,
            }
    cells |= drawn("drawn", 16, seed=0)
    cells |= drawn("fresh", 12, seed=1)  # after the rule was fixed
    axes = {
        "median_clicks": (8, 60),
        "evenness": (0.3, 10.0),
        "embedding_dim": (8, 32),
        "num_items": (720,),
    }
    for name, values in axes.items():
        for value in values:
            cells[f"{name} {value}"] = MIDDLE | {name: value, "world": 200}
    for seed in (201, 202, 203):  # how much one world differs from another
        cells[f"again {seed}"] = MIDDLE | {"world": seed}
    return cells


STUDY = Study(
    chapter="interests/when_several_pay",
    date="2026-11-28",
    data={name: cell | BATCH for name, cell in worlds().items()},
    levels=dict.fromkeys(worlds(), "worlds"),
    splits=dict.fromkeys(worlds(), 1),
    seeds=1,
    trials=4,
    epochs=100,
    patience=5,
    grid={"learning_rate": (5e-3, 1.5e-2), "temperature": (0.05, 0.1, 0.2)},
    families={
        "one vector": {},
        "ComiRec-SA": {"num_interests": (2, 4)},
        "ComiRec-SA, nearest": {"num_interests": (2, 4)},
    },
    counts=(
        "most popular",
        "own counts",
        "share of categories",
        "own counts, then categories",
        "item-kNN",
        "nearest clicks",
        "EASE",
    ),
)


def beside(chapter, data, families, counts=()):
    """Return a study of other worlds or models, with the map's trials."""
    return replace(
        STUDY,
        chapter=chapter,
        data=data,
        levels=dict.fromkeys(data, "worlds"),
        splits=dict.fromkeys(data, 1),
        families=families,
        counts=counts,
    )


def counted(name, task):
    """What is counted, each with a few settings of which validation chooses."""
    train, n = task.split.train, task.catalog.num_items
    popular = counting.MostPopular(train, n)
    share = counting.CategoryShare(train, task.catalog.category_ids, n)
    return {
        "most popular": lambda: [popular],
        "own counts": lambda: [counting.PersonalFrequency(n, fallback=popular)],
        "share of categories": lambda: [share],
        "own counts, then categories": lambda: [
            counting.PersonalFrequency(n, fallback=share)
        ],
        "item-kNN": lambda: [
            counting.ItemKNN(train, n, n, include_self=itself)
            for itself in (False, True)
        ],
        "nearest clicks": lambda: [
            counting.ItemKNN(train, n, n, include_self=True, strongest=votes)
            for votes in (1, 3)
        ],
        "EASE": lambda: [
            counting.EASE(train, n, weight) for weight in (5, 50, 500)
        ],
    }[name]()


@lru_cache(maxsize=2)
def world_of(cell):
    """Half of the users are the test; the others click as often everywhere."""
    cell = dict(cell)
    world = {
        k: v for k, v in cell.items() if k in MIDDLE and k != "embedding_dim"
    }
    interests = world.pop("interests")
    shop = load_shop(
        round(CLICKS / cell["median_clicks"]),
        cell["world"],
        impressions=0,
        num_interests=interests,
        **world,
    )
    clicks = shop.interactions.of_kind("click")
    split = split_by_user(clicks, (0.4, 0.1, 0.5), seed=cell["world"])
    return Task(shop.catalog, clicks, split)


def task_of(study, data):
    """The world of a data set of the study."""
    return world_of(tuple(study.data[data].items()))


def measured(name, row, recommender, task):
    """The values of the test users; and what the lists of one vector miss."""
    test = task.split.test
    found = evaluate_users(recommender, test, at=[20], length=50)
    if name["model"] == "one vector":
        had = repeated_share(test)
        missed = 1 - found["recall@20"]
        again = had * (1 - np.nan_to_num(found["recall@20 repeat"], nan=1.0))
        row |= {
            "repeats": float(had.mean()),
            "missed repeats": float(again.mean()),
            "missed new": float((missed - again).mean()),
        }
    return Run(name, row, {"recall@20": found["recall@20"]})


def doing(study):
    """Return what makes the run of a name of the study."""

    @lru_cache(maxsize=8)
    def trained(data, family):
        """All settings of a family, those of one K side by side."""
        task, cell = task_of(study, data), study.data[data]
        settings = study.settings(family)
        runs = {}
        for K in {setting.get("num_interests") for setting in settings}:
            some = [s for s in settings if s.get("num_interests") == K]
            models = []
            for setting in some:
                torch.manual_seed(0)
                own = {k: v for k, v in setting.items() if k != "learning_rate"}
                width = cell["embedding_dim"]
                models.append(
                    MODELS[family](
                        task.catalog.num_items, embedding_dim=width, **own
                    )
                )
            train = batches(task.split.train, 512, 50, shuffle=True, seed=0)
            results = fit_many(
                models,
                [train] * len(models),
                lambda model: validation_recall(model, task, 50),
                epochs=study.epochs,
                patience=study.patience,
                learning_rate=[setting["learning_rate"] for setting in some],
                progress=False,
            )
            for setting, model, result in zip(
                some, models, results, strict=True
            ):
                row = {
                    "best_epoch": result.best_epoch,
                    "validation": result.best_metric,
                }
                runs[str(setting)] = row, model
        return runs

    def do(name):
        task = task_of(study, name["data"])
        if name["model"] in study.counts:
            tried = dict(enumerate(counted(name["model"], task)))
            best, _, recommender = chosen(tried, task, 50)
            return measured(name, {"validation": best}, recommender, task)
        known = study.data[name["data"]]
        setting = {
            k: v
            for k, v in name["setting"].items()
            if k not in known and k not in ("epochs", "patience")
        }
        row, model = trained(name["data"], name["model"])[str(setting)]
        return measured(name, dict(row), model, task)

    return do


if __name__ == "__main__":
    run_study(STUDY, doing(STUDY), progress="--quiet" not in sys.argv)
