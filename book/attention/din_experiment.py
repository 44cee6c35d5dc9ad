"""The long runs behind the DIN chapter: `make experiments`.

Trains the five click models of the chapter with several seeds on the shop's
shown items and on MovieTweetings (negatives drawn uniformly, and by popularity)
and writes one row per run to din_results.csv. A seed changes the initial
weights and the order of the batches; rows, negatives and split stay. With
--only TEXT the models whose name holds the text, with --dataset NAME the data
of that name run again; the other rows stay.
"""

import argparse
import functools
from pathlib import Path

import pandas as pd
import torch
from tqdm import tqdm

from seqviz.data import (
    click_batches,
    load_movietweetings,
    load_shop,
    sampled_clicks,
    shown_clicks,
    split_clicks,
    split_last_click,
)
from seqviz.experiments import fit, predict, write_results
from seqviz.metrics import click_metrics, gauc_of
from seqviz.models import DIN, BaseModel, ClickModel, TargetPooling

RESULTS = Path(__file__).with_name("din_results.csv")
SETTINGS = {
    "shop": {
        "seeds": 5,
        "learning_rate": 3e-3,
        "epochs": 15,
        "patience": 2,
    },
    "MovieTweetings, uniform": {
        "seeds": 5,
        "learning_rate": 1e-3,
        "epochs": 6,
        "patience": 2,
    },
    "MovieTweetings, by popularity": {
        "seeds": 3,
        "learning_rate": 1e-3,
        "epochs": 6,
        "patience": 2,
    },
}
EMBEDDING_DIM, LENGTH, BATCH = 8, 20, 256
UNIT, HIDDEN = (32, 16), (64, 32)
MODELS = ("Base", "target attention", "DIN, softmax", "DIN", "DIN + Dice")


@functools.cache
def data(dataset):
    """Number of items, their categories, and the split rows."""
    if dataset == "shop":
        world = load_shop()
        split = split_clicks(shown_clicks(world.interactions))
    else:
        world = load_movietweetings()
        popular = dataset.endswith("by popularity")
        rows = sampled_clicks(world.interactions, by_popularity=popular, seed=0)
        split = split_last_click(rows)
    categories = torch.from_numpy(world.catalog.category_ids)[:, None]
    return world.catalog.num_items, categories, split


def build(model, num_items, options):
    """The model of this name, its weights drawn anew."""
    if model == "Base":
        return BaseModel(num_items, EMBEDDING_DIM, **options)
    if model == "target attention":
        pooling = TargetPooling(2 * EMBEDDING_DIM)
        return ClickModel(num_items, pooling, EMBEDDING_DIM, **options)
    kind = "dice" if model == "DIN + Dice" else "prelu"
    return DIN(
        num_items,
        EMBEDDING_DIM,
        attention_units=UNIT,
        attention_activation=kind,
        activation=kind,
        softmax=model == "DIN, softmax",
        **options,
    )


def run(dataset, model, seed):
    """Train one model and measure it on the test rows."""
    torch.set_num_threads(1)
    num_items, categories, (train, validation, test) = data(dataset)
    settings = {k: v for k, v in SETTINGS[dataset].items() if k != "seeds"}
    options = {"item_features": categories, "hidden_units": HIDDEN}
    torch.manual_seed(seed)
    click_model = build(model, num_items, options)
    checked = list(click_batches(validation, 1024, LENGTH))

    def score(click_model):
        predicted = predict(click_model, checked)
        return gauc_of(predicted, validation.clicked, validation.users).value

    done = fit(
        click_model,
        click_batches(train, BATCH, LENGTH, shuffle=True, seed=seed),
        score,
        seed=seed,
        device="cpu",
        progress=False,
        **settings,
    )
    predicted = predict(click_model, click_batches(test, 1024, LENGTH))
    row = {"dataset": dataset, "model": model, "seed": seed}
    row["best_epoch"] = done.best_epoch
    return row | measured(predicted, test)


def measured(predicted, test):
    """The metrics of one list of probabilities, named as in the file."""
    found = click_metrics(predicted, test.clicked, test.users)
    digits = {"calibration": 4, "users": None, "left out": None}
    return {
        name.lower().replace(" ", "_"): round(value, digits.get(name, 5))
        for name, value in found.items()
    }


def ceiling():
    """What the true click probabilities of the shop reach."""
    test = data("shop")[2].test
    row = {"dataset": "shop", "model": "ceiling", "seed": 0, "best_epoch": 0}
    return row | measured(test.click_probability, test)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", metavar="TEXT")
    parser.add_argument("--dataset", choices=[*SETTINGS], action="append")
    arguments = parser.parse_args()
    jobs = [
        (dataset, model, seed)
        for dataset in arguments.dataset or SETTINGS
        for model in MODELS
        for seed in range(SETTINGS[dataset]["seeds"])
        if arguments.only in model
    ]
    rows = pd.DataFrame([ceiling(), *(run(*job) for job in tqdm(jobs))])
    shared = {"embedding_dim": EMBEDDING_DIM, "length": LENGTH, "batch": BATCH}
    shared |= {"unit": UNIT, "network": HIDDEN}
    write_results(
        RESULTS,
        rows,
        settings=SETTINGS | shared,
        key=["dataset", "model", "seed"],
    )


if __name__ == "__main__":
    main()
