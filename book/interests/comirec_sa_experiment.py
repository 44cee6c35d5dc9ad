"""The long runs behind the ComiRec-SA chapter: `make experiments`.

Trains every model of the chapter with several seeds on the shop and, where it lies at
hand, on Online Retail, and writes one row per run to comirec_sa_results.csv. A seed
changes the initial weights and the order of the batches; the split stays.
"""

import argparse
import datetime
import functools
import platform
from pathlib import Path

import pandas as pd
import torch
from tqdm import tqdm

from seqviz.baselines import ItemKNN, MostPopular, RecentPopularity
from seqviz.data import (
    DataNotFound,
    batches,
    load_online_retail,
    load_shop,
    split_by_user,
    split_next_session,
)
from seqviz.evaluate import evaluate, recall_by_category
from seqviz.models import ComiRecSA, MeanPooling, StrengthWeighted
from seqviz.train import fit

RESULTS = Path(__file__).with_name("comirec_sa_results.csv")
SETTINGS = {
    "shop": {
        "embedding_dim": 16,
        "length": 30,
        "batch_size": 512,
        "epochs": 20,
        "patience": 5,
        "learning_rate": 5e-3,
    },
    "Online Retail": {
        "embedding_dim": 64,
        "length": 50,
        "batch_size": 256,
        "epochs": 60,
        "patience": 10,  # the plain inner product starts on a plateau
        "learning_rate": 3e-3,
    },
}


def shop():
    """Paper's protocol: users apart, first 80% of the clicks, then the last 20%."""
    world = load_shop()
    return world.catalog, split_by_user(world.interactions.of_kind("click"))


def online_retail():
    """Users apart, the last invoice to be foretold from the earlier ones."""
    retail = load_online_retail()
    return retail.catalog, split_next_session(retail.interactions)


def counting_baselines(train, num_items):
    return {
        "most popular": MostPopular(train, num_items),
        "popular in the last 14 days": RecentPopularity(train, num_items, days=14),
        "item-kNN": ItemKNN(train, num_items),
    }


def trained_models(num_items, embedding_dim):
    """Name to a function that makes an untrained model."""
    make = functools.partial
    models = {
        "one vector, dot": make(MeanPooling, num_items, embedding_dim),
        "one vector, cosine / 0.1": make(
            MeanPooling, num_items, embedding_dim, temperature=0.1
        ),
    }
    for k in (1, 2, 4, 8):
        models[f"ComiRec-SA, K = {k}, dot"] = make(
            ComiRecSA, num_items, embedding_dim, k
        )
    models["ComiRec-SA, K = 4, cosine / 0.1"] = make(
        ComiRecSA, num_items, embedding_dim, 4, temperature=0.1
    )
    return models


def measure(recommender, split, categories, length):
    """Accuracy at 20 and 50, diversity, and recall of main and minor categories."""
    row = evaluate(recommender, split.test, length=length, categories=categories)
    groups = recall_by_category(
        recommender, split.test, categories, n=20, length=length
    )
    return row | {f"recall@20 {name}": value for name, value in groups.items()}


def run(dataset, load, seeds):
    """One row per model and seed."""
    catalog, split = load()
    settings, num_items = SETTINGS[dataset], catalog.num_items
    length = settings["length"]
    score = functools.partial(
        measure, split=split, categories=catalog.category_ids, length=length
    )
    for name, baseline in counting_baselines(split.train, num_items).items():
        yield {"model": name, "seed": 0, **score(baseline)}

    def validate(model):
        return evaluate(model, split.validation, at=[20], length=length)["recall@20"]

    models = trained_models(num_items, settings["embedding_dim"])
    jobs = [(name, make, seed) for seed in seeds for name, make in models.items()]
    for name, make, seed in tqdm(jobs, desc=dataset):
        torch.manual_seed(seed)
        model = make()
        training = fit(
            model,
            batches(
                split.train, settings["batch_size"], length, shuffle=True, seed=seed
            ),
            validate,
            epochs=settings["epochs"],
            learning_rate=settings["learning_rate"],
            patience=settings["patience"],
            seed=seed,
            progress=False,
        )
        row = {"model": name, "seed": seed, "best_epoch": training.best_epoch}
        yield row | score(model)
        if "K = 4" in name:
            yield (
                row | {"model": f"{name}, by strength"} | score(StrengthWeighted(model))
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    seeds = range(parser.parse_args().seeds)
    rows = []
    for dataset, load in [("shop", shop), ("Online Retail", online_retail)]:
        try:
            rows += [{"dataset": dataset, **row} for row in run(dataset, load, seeds)]
        except DataNotFound as missing:
            raise SystemExit(f"{dataset} is needed for the table. {missing}") from None
    header = (
        f"# command: make experiments (seeds {seeds.start} to {seeds.stop - 1}); "
        f"date: {datetime.date.today()}; torch {torch.__version__}, "
        f"Python {platform.python_version()}, CPU\n"
    )
    table = pd.DataFrame(rows).round(5).to_csv(index=False, lineterminator="\n")
    RESULTS.write_text(header + table)
    print(f"wrote {len(rows)} runs to {RESULTS}")


if __name__ == "__main__":
    main()
