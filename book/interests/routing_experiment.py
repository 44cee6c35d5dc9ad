"""The long runs behind the chapter on capsule routing: `make experiments`.

Trains ComiRec-SA, ComiRec-DR and MIND with the settings and splits of the
ComiRec-SA chapter, several interests and seeds, and writes one row per run to
routing_results.csv. Beside the accuracy: how far the interests of a user
differ, and on the shop how well the interests that caused the clicks are found.
With --dataset NAME only that one runs and the rows of the other stay.
"""

import argparse
import functools
from pathlib import Path

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from comirec_sa_experiment import SETTINGS, measure, online_retail, shop
from tqdm import tqdm

from seqviz.data import batches
from seqviz.experiments import evaluate, fit, write_results
from seqviz.metrics import recovery
from seqviz.models import MIND, ComiRecDR, ComiRecSA
from seqviz.start import best_device

RESULTS = Path(__file__).with_name("routing_results.csv")
DATASETS = {"shop": shop, "Online Retail": online_retail}


def untrained_models(num_items, embedding_dim, length):
    """Name to a function that makes an untrained model."""
    kinds = {
        "ComiRec-SA": ComiRecSA,
        "ComiRec-DR": functools.partial(ComiRecDR, max_length=length),
        "MIND": functools.partial(MIND, max_length=length),
    }
    settings = [(2, None), (4, None), (8, None), (4, 0.1)]
    models = {
        f"{kind}, K = {k}, {'dot' if t is None else f'cosine / {t}'}": (
            functools.partial(make, num_items, embedding_dim, k, temperature=t)
        )
        for k, t in settings
        for kind, make in kinds.items()
    }
    models["MIND, always 4, dot"] = functools.partial(
        kinds["MIND"], num_items, embedding_dim, 4, adaptive=False
    )
    models["MIND, from identity, dot"] = functools.partial(
        from_identity, num_items, embedding_dim, 4, length
    )
    return models


def from_identity(num_items, embedding_dim, num_interests, length):
    """MIND whose map begins as the identity: a click votes for itself."""
    model = MIND(num_items, embedding_dim, num_interests, length)
    torch.nn.init.eye_(model.routing.weight)
    return model


def collapse(model, ids):
    """How far the interests of a user differ, for users with more than one.

    The effective number of interests is the exponential of the entropy of the
    eigenvalues of their cosines, divided by their number: K if they are
    orthogonal, 1 if they are all equal.
    """
    with torch.no_grad():
        interests = F.normalize(model.interests(ids), dim=-1)  # [B, K, E]
    number = torch.full((len(ids),), interests.shape[1])
    if isinstance(model, MIND):
        number = model.routing.active(ids != 0).sum(1).cpu()
    effective, cosines = [], []
    for vectors, k in zip(interests.cpu().double(), number, strict=True):
        if k > 1:
            gram = vectors[:k] @ vectors[:k].T  # [k, k]
            shares = torch.linalg.eigvalsh(gram / k).clamp(min=1e-12)
            effective.append(float((-shares * shares.log()).sum().exp()))
            above = torch.triu_indices(int(k), int(k), 1)
            cosines.append(float(gram[above[0], above[1]].mean()))
    return {
        "interests": float(number.float().mean()),
        "effective interests": np.mean(effective),
        "pairwise cosine": np.mean(cosines),
    }


def found_interests(model, interactions, examples, ids):
    """Purity and matched share of the planted interests, and both by chance."""
    cause = interactions.table["interest"].to_numpy()
    truth, real = examples.histories.over(cause).pad(ids.shape[1])
    known = real & (truth >= 0)  # slips of the finger have no cause
    user = np.broadcast_to(np.arange(len(ids))[:, None], truth.shape)[known]
    with torch.no_grad():
        _, weights = model.interests(ids, need_weights=True)  # [B, K, T]
    found = weights.argmax(1).cpu().numpy()[known]
    by_user = np.argsort(user, kind="stable")
    random = np.random.default_rng(0).random(len(user))
    mixed = found.copy()  # the same names, dealt anew in each user
    mixed[by_user] = found[np.lexsort((random, user))]
    score = recovery(found, truth[known], user)
    chance = recovery(mixed, truth[known], user)
    return score | {f"{name} by chance": v for name, v in chance.items()}


def run(dataset, catalog, interactions, split, seeds, only=""):
    """One row per model and seed."""
    settings = SETTINGS[dataset]
    length = settings["length"]
    ids = torch.from_numpy(split.test.histories.pad(length)[0])

    def validate(model):
        return evaluate(model, split.validation, at=[20], length=length)[
            "recall@20"
        ]

    models = untrained_models(
        catalog.num_items, settings["embedding_dim"], length
    )
    jobs = [
        (seed, name, make)
        for seed in seeds
        for name, make in models.items()
        if only in name
    ]
    for seed, name, make in tqdm(jobs, desc=dataset):
        torch.manual_seed(seed)
        model = make()
        train = batches(
            split.train,
            settings["batch_size"],
            length,
            shuffle=True,
            seed=seed,
        )
        training = fit(
            model,
            train,
            validate,
            epochs=settings["epochs"],
            learning_rate=settings["learning_rate"],
            patience=settings["patience"],
            seed=seed,
            progress=False,
        )
        row = {"dataset": dataset, "model": name, "seed": seed}
        row |= {"best_epoch": training.best_epoch}
        row |= measure(model, split, catalog.category_ids, length)
        device = next(model.parameters()).device
        row |= collapse(model, ids.to(device))
        if dataset == "shop":
            row |= found_interests(
                model, interactions, split.test, ids.to(device)
            )
        yield row


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--dataset", choices=DATASETS)
    parser.add_argument("--only", default="", metavar="TEXT")
    arguments = parser.parse_args()
    chosen = [arguments.dataset] if arguments.dataset else list(DATASETS)
    # first: a missing file must not cost the runs before it
    data = {name: DATASETS[name]() for name in chosen}
    rows = pd.DataFrame(
        row
        for name in chosen
        for row in run(
            name, *data[name], range(arguments.seeds), arguments.only
        )
    )
    part = arguments.dataset or arguments.only
    write_results(
        RESULTS,
        rows,
        command=f"make experiments ({arguments.seeds} seeds)",
        settings=SETTINGS,
        device=best_device().type,
        key=["dataset", "model", "seed"] if part else [],
    )


if __name__ == "__main__":
    main()
