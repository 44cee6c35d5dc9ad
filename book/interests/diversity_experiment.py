"""The long runs behind the diversity chapter: `make experiments`.

Trains ComiRec-SA with several seeds on the shop and on Online Retail, takes 50
candidates for each of its interests, makes lists of 50 in three ways and writes
one row per list to diversity_results.csv. A seed changes the initial weights
and the order of the batches; the split stays.
"""

import argparse
import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from tqdm import tqdm

from seqviz.data import batches
from seqviz.experiments import evaluate, fit, write_results
from seqviz.metrics import category_entropy, diversity, recall
from seqviz.models import ComiRecSA
from seqviz.retrieval import (
    ItemSearch,
    candidates,
    greedy_diversity,
    greedy_dpp,
    maximal_marginal_relevance,
)
from seqviz.start import best_device

RESULTS = Path(__file__).with_name("diversity_results.csv")
TEMPERATURE, INTERESTS, N = 0.1, 4, 50
RIDGE = 0.01  # of the DPP where vectors of fewer entries than N span no N picks
WEIGHTS = {
    "greedy": [0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2],
    "MMR": [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.3],
    "DPP": [2, 1, 0.5, 0.3, 0.2, 0.1, 0.05],
}


def comirec_sa():
    """The data and the settings are those of the ComiRec-SA chapter."""
    path = Path(__file__).with_name("comirec_sa_experiment.py")
    spec = importlib.util.spec_from_file_location("comirec_sa_experiment", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def train(split, num_items, settings, seed, epochs=None):
    """ComiRec-SA with K = 4 and the cosine over 0.1."""
    length = settings["length"]
    torch.manual_seed(seed)
    model = ComiRecSA(
        num_items,
        settings["embedding_dim"],
        INTERESTS,
        temperature=TEMPERATURE,
    )
    fit(
        model,
        batches(
            split.train,
            settings["batch_size"],
            length,
            shuffle=True,
            seed=seed,
        ),
        lambda m: evaluate(m, split.validation, at=[20], length=length)[
            "recall@20"
        ],
        epochs=epochs or settings["epochs"],
        learning_rate=settings["learning_rate"],
        patience=settings["patience"],
        seed=seed,
        progress=False,
    )
    return model


@torch.no_grad()
def lists(model, examples, category_ids, length, weights=WEIGHTS):
    """Recall, diversity and entropy at 50 for every way and weight."""
    model = model.cpu().eval()
    batch = next(iter(batches(examples, len(examples), length)))
    search = ItemSearch(model.item_vectors())
    found = candidates(search, model.scaled_interests(batch.item_ids), N)
    kinds = torch.as_tensor(np.array(category_ids))[found.items]  # [B, K N]
    scores = found.scores.where(found.mask, 0.0)
    unit = torch.nn.functional.normalize(model.item_vectors(), dim=1)
    ridge = RIDGE if unit.shape[1] < N else 0.0
    for way, grid in weights.items():
        for weight in grid:
            parts = []
            for rows in torch.arange(len(scores)).split(64):  # [64, 200, 200]
                mask, f = found.mask[rows], scores[rows]
                alike = unit[found.items[rows]]
                alike = alike @ alike.mT
                if way == "greedy":
                    part = greedy_diversity(f, kinds[rows], N, weight, mask)
                elif way == "MMR":  # both terms are cosines
                    part = maximal_marginal_relevance(
                        TEMPERATURE * f, alike, N, weight, mask
                    )
                else:
                    quality = torch.exp(weight * (f - f.amax(1, True)))
                    kernel = quality[:, :, None] * alike * quality[:, None]
                    part = greedy_dpp(kernel, N, mask, regularization=ridge)
                parts.append(part)
            chosen = torch.cat(parts)
            items = found.items.gather(1, chosen)
            hits = (items[:, :, None] == batch.truths[:, None]).any(2)
            true = torch.tensor(
                [len(set(row) - {0}) for row in batch.truths.tolist()]
            )
            own = kinds.gather(1, chosen)
            yield {
                "way": way,
                "weight": weight,
                "recall@50": float(recall(hits, true).mean()),
                "diversity@50": float(diversity(own).mean()),
                "entropy@50": float(category_entropy(own).mean()),
            }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    arguments = parser.parse_args()
    before = comirec_sa()
    datasets = {"shop": before.shop(), "Online Retail": before.online_retail()}
    rows = []
    for dataset, (catalog, _, split) in datasets.items():
        settings = before.SETTINGS[dataset]
        for seed in tqdm(range(arguments.seeds), desc=dataset):
            model = train(split, catalog.num_items, settings, seed)
            for row in lists(
                model, split.test, catalog.category_ids, settings["length"]
            ):
                rows.append({"dataset": dataset, "seed": seed, **row})
    write_results(
        RESULTS,
        pd.DataFrame(rows),
        command=f"make experiments ({arguments.seeds} seeds)",
        settings=before.SETTINGS,
        device=best_device().type,
    )


if __name__ == "__main__":
    main()
