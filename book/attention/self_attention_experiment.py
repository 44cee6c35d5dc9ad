"""The long runs behind the self-attention chapter: `make experiments`.

Trains SASRec (with and without positions) and mean pooling with several seeds,
on the shop and on MovieTweetings under two splits, beside two ways of counting,
and writes one row per run to self_attention_results.csv. A seed changes the
initial weights and the order of the batches; the split stays.
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
    batches,
    leave_one_out,
    load_movietweetings,
    load_shop,
    longest_histories,
    split_by_time,
    split_by_user,
)
from seqviz.experiments import evaluate, fit, write_results
from seqviz.models import MeanPooling, SASRec
from seqviz.models.counting import MostPopular, RecentPopularity
from seqviz.start import best_device

RESULTS = Path(__file__).with_name("self_attention_results.csv")
EPOCHS = 12
SETTINGS = {
    "shop": {"embedding_dim": 16, "length": 30, "batch_size": 64},
    "movies": {"embedding_dim": 32, "length": 50, "batch_size": 128},
}
#: A row of mean pooling is one prediction, a row of SASRec is up to T of them.
PREFIXES_PER_ROW = 8


class Frozen:
    """The popularity of the days before one moment, for ever."""

    def __init__(self, counted, moment):
        self.counted, self.moment = counted, moment

    def scores(self, batch):
        moment = torch.full_like(batch.times, self.moment)
        return self.counted.scores(batch._replace(times=moment))


def without_positions(*arguments, **options):
    """SASRec whose positions are zero and stay so."""
    model = SASRec(*arguments, **options)
    torch.nn.init.zeros_(model.positions.weight)
    model.positions.weight.requires_grad_(False)
    return model


def seen_in(train, num_items):
    """Which items have a training event, bool [N + 1]."""
    seen = np.zeros(num_items + 1, dtype=bool)
    longest = longest_histories(train)
    for rows in (longest.histories, longest.truths):
        for row in rows:
            seen[row] = True
    return seen


def scarce(examples, train, fewest=20):
    """Share of the truths whose item has under ``fewest`` training events."""
    longest = longest_histories(train)
    chosen = np.concatenate([*longest.histories, *longest.truths])
    truths = np.concatenate(list(examples.truths))
    counts = np.bincount(chosen, minlength=truths.max() + 1)
    return (counts[truths] < fewest).mean()


def only_known(examples, seen):
    """The rows with a truth that training saw, cut to such truths."""
    truths = [row[seen[row]] for row in examples.truths]
    kept = np.flatnonzero([len(row) > 0 for row in truths])
    chosen = examples.select(kept)
    return Examples(
        chosen.users,
        chosen.times,
        chosen.histories,
        Ragged.from_rows([truths[row] for row in kept]),
    )


@torch.no_grad()
def among_few(model, examples, length, negatives=100, n=10):
    """Hit rate at n of the truth against sampled items, as in the paper."""
    generator = torch.Generator().manual_seed(0)
    hits = []
    for batch in batches(examples, 256, length):
        scores = model.scores(batch).clone()
        true = scores.gather(1, batch.truths[:, :1])  # [B, 1]
        rows = torch.ones_like(scores)
        rows.scatter_(1, batch.item_ids, 0.0).scatter_(1, batch.truths, 0.0)
        rows[:, 0] = 0.0
        drawn = torch.multinomial(rows, negatives, generator=generator)
        better = (scores.gather(1, drawn) > true).sum(1)
        hits.append(better < n)
    return torch.cat(hits).float().mean().item()


def worlds():
    """Dataset, split, its interactions and number of items."""
    shop = load_shop()
    clicks = shop.interactions.of_kind("click")
    yield "shop", "by user", split_by_user(clicks), clicks
    movies = load_movietweetings().interactions
    yield "movies", "by time", split_by_time(movies), movies
    yield "movies", "leave one out", leave_one_out(movies), movies


def run(dataset, name, split, interactions, seeds):
    """One row per model and seed."""
    settings = SETTINGS[dataset]
    length, num_items = settings["length"], interactions.num_items
    seen = seen_in(split.train, num_items)
    known = only_known(split.test, seen)
    truths = np.concatenate(list(split.test.truths))
    common = {
        "dataset": dataset,
        "split": name,
        "num_items": num_items,
        "test_rows": len(split.test),
        "new_truths": 1 - seen[truths].mean(),
        "scarce_truths": scarce(split.test, split.train),
    }

    def measured(model, label, seed):
        row = evaluate(model, split.test, at=[10, 20], length=length)
        row = {key: row[key] for key in ("recall@20", "ndcg@20", "hit_rate@10")}
        row["recall@20 known"] = evaluate(model, known, at=[20], length=length)[
            "recall@20"
        ]
        if name == "leave one out":
            # like among_few, which draws no item of the history
            unseen = evaluate(
                model, split.test, at=[10], length=length, exclude_seen=True
            )
            row["hit_rate@10 unseen"] = unseen["hit_rate@10"]
            row["hit_rate@10 of 101"] = among_few(model, split.test, length)
        return {**common, "model": label, "seed": seed, **row}

    recent = RecentPopularity(interactions, days=7)
    yield measured(MostPopular(split.train, num_items), "most popular", 0)
    yield measured(recent, "popular in the last 7 days", 0)
    if name == "by time":
        cut = int(split.train.times.max())
        yield measured(
            Frozen(recent, cut), "popular in the 7 days before the cut", 0
        )
    size = {"embedding_dim": settings["embedding_dim"]}
    block = {**size, "num_heads": 1, "num_blocks": 1, "max_length": length}
    models = {
        "mean pooling": lambda: MeanPooling(num_items, **size),
        "SASRec": lambda: SASRec(num_items, **block),
        "SASRec without positions": lambda: without_positions(
            num_items, **block
        ),
    }
    for seed in tqdm(range(seeds), desc=f"{dataset}, {name}"):
        for label, make in models.items():
            torch.manual_seed(seed)
            model = make()
            rows, size_of_batch = split.train, settings["batch_size"]
            if label == "mean pooling":
                size_of_batch *= PREFIXES_PER_ROW
            else:
                rows = longest_histories(rows)
            training = fit(
                model,
                batches(rows, size_of_batch, length, shuffle=True, seed=seed),
                lambda m: evaluate(m, split.validation, at=[20], length=length)[
                    "recall@20"
                ],
                epochs=EPOCHS,
                learning_rate=5e-3,
                patience=4,
                seed=seed,
                device="cpu",
                progress=False,
            )
            found = measured(model, label, seed)
            yield found | {"best_epoch": training.best_epoch}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    rows = pd.DataFrame(
        row for world in list(worlds()) for row in run(*world, arguments.seeds)
    )
    write_results(
        RESULTS,
        rows,
        command=f"make experiments ({arguments.seeds} seeds)",
        settings={"epochs": EPOCHS, **SETTINGS},
        device=best_device().type,
    )


if __name__ == "__main__":
    main()
