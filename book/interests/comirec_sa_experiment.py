"""The long runs behind the ComiRec-SA chapter: `make experiments`.

Trains every model of the chapter with several seeds on the shop and on Online
Retail and writes one row per run to comirec_sa_results.csv. A seed changes the
initial weights and the order of the batches; the split stays. With --only TEXT
the models whose name holds the text run again and the other rows stay.
"""

import argparse
import functools
from pathlib import Path

import pandas as pd
import torch
from tqdm import tqdm

from seqviz.data import (
    batches,
    load_online_retail,
    load_shop,
    split_by_user,
    split_next_session,
)
from seqviz.experiments import evaluate, fit, recall_by_category, write_results
from seqviz.models import ComiRecSA, MeanPooling, StrengthWeighted
from seqviz.models.counting import (
    ItemKNN,
    MostPopular,
    RecentPopularity,
)
from seqviz.start import best_device

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
    """Paper's protocol: users apart, 80% of the clicks, then the last 20%."""
    world = load_shop()
    clicks = world.interactions.of_kind("click")
    return world.catalog, clicks, split_by_user(clicks)


def online_retail():
    """Users apart, the last invoice to be foretold from the earlier ones."""
    retail = load_online_retail()
    return (
        retail.catalog,
        retail.interactions,
        split_next_session(retail.interactions),
    )


def counting_baselines(interactions, train):
    num_items = interactions.num_items
    return {
        "most popular": MostPopular(train, num_items),
        "popular in the last 14 days": RecentPopularity(interactions, days=14),
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
    for k in (1, 4):
        models[f"ComiRec-SA, K = {k}, cosine / 0.1"] = make(
            ComiRecSA, num_items, embedding_dim, k, temperature=0.1
        )
    return models


def measure(recommender, split, categories, length):
    """Accuracy at 20 and 50, diversity, recall of main and minor categories."""
    row = evaluate(
        recommender, split.test, length=length, categories=categories
    )
    groups = recall_by_category(
        recommender, split.test, categories, n=20, length=length
    )
    return row | {f"recall@20 {name}": value for name, value in groups.items()}


def run(dataset, catalog, interactions, split, seeds, only):
    """One row per model and seed."""
    settings = SETTINGS[dataset]
    length = settings["length"]
    score = functools.partial(
        measure, split=split, categories=catalog.category_ids, length=length
    )
    for name, baseline in counting_baselines(interactions, split.train).items():
        if only in name:
            yield {"model": name, "seed": 0, **score(baseline)}

    def validate(model):
        return evaluate(model, split.validation, at=[20], length=length)[
            "recall@20"
        ]

    models = trained_models(catalog.num_items, settings["embedding_dim"])
    jobs = [
        (name, make, seed)
        for seed in seeds
        for name, make in models.items()
        if only in name
    ]
    for name, make, seed in tqdm(jobs, desc=dataset):
        torch.manual_seed(seed)
        model = make()
        training = fit(
            model,
            batches(
                split.train,
                settings["batch_size"],
                length,
                shuffle=True,
                seed=seed,
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
                row
                | {"model": f"{name}, by strength"}
                | score(StrengthWeighted(model))
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--only", default="", metavar="TEXT")
    arguments = parser.parse_args()
    # both first: a missing file must not cost the runs before it
    datasets = {"shop": shop(), "Online Retail": online_retail()}
    rows = pd.DataFrame(
        {"dataset": name, **row}
        for name, data in datasets.items()
        for row in run(name, *data, range(arguments.seeds), arguments.only)
    )
    write_results(
        RESULTS,
        rows,
        command=f"make experiments ({arguments.seeds} seeds)",
        settings=SETTINGS,
        device=best_device().type,
        key=["dataset", "model", "seed"] if arguments.only else [],
    )


if __name__ == "__main__":
    main()
