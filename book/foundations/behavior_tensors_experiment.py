"""The runs on real data behind "Behavior as tensors": `make experiments`.

One question on MovieTweetings: what do the same recommenders score when only
the split changes? Writes one row per split, recommender and seed to
behavior_tensors_results.csv. A seed deals the users anew where the split deals
users, and starts the trained model.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from tqdm import tqdm

from seqviz.data import (
    Examples,
    Ragged,
    Split,
    batches,
    leave_one_out,
    load_movietweetings,
    split_by_time,
    split_by_user,
    split_next_session,
)
from seqviz.experiments import evaluate, fit, write_results
from seqviz.models import MeanPooling
from seqviz.models.counting import (
    DAY,
    ItemKNN,
    MostPopular,
    RecentPopularity,
)
from seqviz.start import best_device

RESULTS = Path(__file__).with_name("behavior_tensors_results.csv")
SETTINGS = {
    "n": 10,
    "length": 50,
    "embedding_dim": 32,
    "temperature": 0.1,
    "batch_size": 512,
    "epochs": 6,
    "patience": 2,
    "learning_rate": 5e-3,
}
SPLITS = {
    "rows at random": lambda events, seed: rows_at_random(events, seed),
    "leave one out": lambda events, seed: leave_one_out(events),
    "by user": lambda events, seed: split_by_user(events, seed=seed),
    "next session": lambda events, seed: split_next_session(events, seed=seed),
    "by time": lambda events, seed: split_by_time(events),
}


def rows_at_random(events, seed):
    """The split that nobody should use: prefix rows dealt 8:1:1 by chance."""
    items, users = (events.table[c].to_numpy() for c in ("item", "user"))
    first = events.offsets[users]
    rows = np.flatnonzero(np.arange(len(items)) > first)
    rows = np.random.default_rng(seed).permutation(rows)
    parts = np.split(rows, [len(rows) * 8 // 10, len(rows) * 9 // 10])
    return Split(
        *(
            Examples(
                users[part],
                events.table["time"].to_numpy()[part],
                Ragged(items, first[part], part),
                Ragged(items, part, part + 1),
            )
            for part in parts
        )
    )


def later(examples, days):
    """The same rows, the clock put forward: a window that knows the future."""
    return Examples(
        examples.users,
        examples.times + days * DAY,
        examples.histories,
        examples.truths,
    )


def mean_pooling(num_items, split, score, seed):
    torch.manual_seed(seed)
    model = MeanPooling(
        num_items,
        SETTINGS["embedding_dim"],
        temperature=SETTINGS["temperature"],
    )
    some = np.random.default_rng(0).permutation(len(split.validation))[:1000]
    validation = split.validation.select(some)
    fit(
        model,
        batches(
            split.train,
            SETTINGS["batch_size"],
            SETTINGS["length"],
            shuffle=True,
            seed=seed,
        ),
        lambda model: score(model, validation),
        epochs=SETTINGS["epochs"],
        learning_rate=SETTINGS["learning_rate"],
        patience=SETTINGS["patience"],
        seed=seed,
        progress=False,
    )
    return model


def score(recommender, examples):
    n = SETTINGS["n"]
    found = evaluate(recommender, examples, at=[n], length=SETTINGS["length"])
    return found[f"recall@{n}"]


def run(name, events, seed):
    """One row per recommender."""
    split, num_items = SPLITS[name](events, seed), events.num_items
    everything = RecentPopularity(events, days=10_000)
    week = RecentPopularity(events, days=7)
    popular = MostPopular(split.train, num_items)
    test = split.test
    recalls = {
        "most popular": score(popular, test),
        "popular until that day": score(everything, test),
        "popular in the 7 days before": score(week, test),
        "popular in the 7 days after": score(week, later(test, 7)),
        "item-kNN": score(ItemKNN(split.train, num_items), test),
        "mean pooling": score(
            mean_pooling(num_items, split, score, seed), test
        ),
    }
    for recommender, recall in recalls.items():
        yield {
            "split": name,
            "recommender": recommender,
            "seed": seed,
            "recall@10": recall,
            "train rows": len(split.train),
            "test rows": len(test),
            "test users": len(np.unique(test.users)),
        }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    events = load_movietweetings().interactions
    jobs = [(name, seed) for name in SPLITS for seed in range(arguments.seeds)]
    rows = pd.DataFrame(
        row for name, seed in tqdm(jobs) for row in run(name, events, seed)
    )
    write_results(
        RESULTS,
        rows,
        command=f"make experiments ({arguments.seeds} seeds)",
        settings=SETTINGS,
        device=best_device().type,
    )


if __name__ == "__main__":
    main()
