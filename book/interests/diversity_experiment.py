"""The long runs behind the diversity chapter: `make experiments`.

ComiRec-SA with four interests, trained on each of three worlds of the shop and
three cuts in time of Online Retail. From 50 candidates for each interest come
lists of 50, made in five ways with several weights. The recall of every test
user and the mean diversity are stored in diversity_runs.npz.
"""

import sys
from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from comirec_sa_experiment import STUDY as COMIREC
from comirec_sa_experiment import TASKS

from seqviz.data import batches
from seqviz.experiments import evaluate, run_study
from seqviz.experiments.runs import Run
from seqviz.experiments.train import fit_setting
from seqviz.metrics import diversity, recall
from seqviz.models import ComiRecSA
from seqviz.retrieval import (
    ItemSearch,
    candidates,
    greedy_diversity,
    greedy_dpp,
    maximal_marginal_relevance,
)

TEMPERATURE, INTERESTS, N = 0.1, 4, 50
RIDGE = 0.01  # of the DPP: 50 items span neither 50 dimensions nor categories
WEIGHTS = {
    "greedy": (0, 0.05, 0.1, 0.2, 0.5, 1),
    "MMR, items": (0.9, 0.7, 0.5),
    "MMR, categories": (0.9, 0.7),
    "DPP, items": (0.3, 0.1, 0.03),
    "DPP, categories": (1, 0.3, 0.1, 0.03),
}
STUDY = replace(
    COMIREC,
    chapter="interests/diversity",
    seeds=1,
    trials=1,
    epochs=60,
    grid={"learning_rate": (1e-2,)},
    families={
        f"{way} {weight}": {"way": (way,), "weight": (weight,)}
        for way, weights in WEIGHTS.items()
        for weight in weights
    },
    counts=(),
)


class Found(NamedTuple):
    """What a trained model finds for the test users, and how it was trained."""

    scores: torch.Tensor  # [U, K N], 0 where there is no candidate
    mask: torch.Tensor  # [U, K N]
    kinds: torch.Tensor  # [U, K N] categories
    vectors: torch.Tensor  # [U, K N, E], of length 1
    clicked: torch.Tensor  # [U, K N] whether it is one of the next items
    number: torch.Tensor  # [U] of the next items
    row: dict


@cache
def found(data, split, seed):
    """Train ComiRec-SA, K = 4, the cosine over 0.1; ask for candidates."""
    task, own = TASKS[data](split), STUDY.data[data]
    learning, length = task.split, own["length"]
    torch.manual_seed(seed)
    model = ComiRecSA(
        task.catalog.num_items,
        own["embedding_dim"],
        INTERESTS,
        temperature=TEMPERATURE,
    )
    row = fit_setting(
        model,
        batches(
            learning.train, own["batch_size"], length, shuffle=True, seed=seed
        ),
        lambda m: evaluate(m, learning.validation, at=[20], length=length)[
            "recall@20"
        ],
        {
            "epochs": STUDY.epochs,
            "patience": STUDY.patience,
            "learning_rate": STUDY.grid["learning_rate"][0],
        },
        seed,
    )
    return asked(model, task.split.test, task.catalog.category_ids, length, row)


@torch.no_grad()
def asked(model, examples, category_ids, length, row):
    """Ask a trained model for 50 candidates of each interest."""
    model = model.cpu().eval()
    batch = next(iter(batches(examples, len(examples), length)))
    search = ItemSearch(model.item_vectors())
    best = candidates(search, model.scaled_interests(batch.item_ids), N)
    return Found(
        best.scores.where(best.mask, 0.0),
        best.mask,
        torch.as_tensor(np.array(category_ids))[best.items],
        F.normalize(model.item_vectors(), dim=1)[best.items],
        (best.items[:, :, None] == batch.truths[:, None]).any(2) & best.mask,
        torch.tensor([len(set(row) - {0}) for row in batch.truths.tolist()]),
        row,
    )


def chosen(at, way, weight):
    """Choose 50 columns for each user of a part of them: [B, 50]."""
    if way == "greedy":
        return greedy_diversity(at.scores, at.kinds, N, weight, at.mask)
    if way.endswith("items"):
        alike = at.vectors @ at.vectors.mT  # [B, K N, K N]
    else:
        alike = (at.kinds[:, :, None] == at.kinds[:, None]).float()
    if way.startswith("MMR"):  # both terms are cosines
        return maximal_marginal_relevance(
            TEMPERATURE * at.scores, alike, N, weight, at.mask
        )
    quality = torch.exp(weight * (at.scores - at.scores.amax(1, True)))
    kernel = quality[:, :, None] * alike * quality[:, None]
    return greedy_dpp(kernel, N, at.mask, regularization=RIDGE)


def measure(every, way, weight):
    """Return recall and diversity of every user's list: two of [U]."""
    columns = []
    for rows in torch.arange(len(every.scores)).split(64):
        part = every._replace(
            **{name: getattr(every, name)[rows] for name in Found._fields[:-1]}
        )
        columns.append(chosen(part, way, weight))
    columns = torch.cat(columns)  # [U, 50]
    hits, kinds = (x.gather(1, columns) for x in (every.clicked, every.kinds))
    return recall(hits, every.number), diversity(kinds)


def do(name):
    """Make the run of a name: one way, one weight, one training."""
    own = name["setting"]
    every = found(name["data"], name["split"], name["seed"])
    users = TASKS[name["data"]](name["split"]).split.test.users
    recalls, varied = measure(every, own["way"], own["weight"])
    values = {
        "user": users.astype(np.int32),
        "recall@50": recalls.float().numpy(),
    }
    row = {**every.row, "diversity@50": float(varied.mean())}
    return Run(name, row, values)


if __name__ == "__main__":
    run_study(STUDY, do, progress="--quiet" not in sys.argv)
