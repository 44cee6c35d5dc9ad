"""The long runs behind the ComiRec-SA chapter: `make experiments`.

One vector and ComiRec-SA, without and with positions, beside all that counts,
on three worlds of the shop and on three cuts in time of Online Retail. Every
family tries as many settings; validation chooses; the values of every test user
are stored in comirec_sa_runs.npz.
"""

import sys

import numpy as np
import torch

from seqviz.experiments import Study, run_study
from seqviz.experiments.baselines import COUNTS
from seqviz.experiments.tasks import retail_cut, shop_world
from seqviz.experiments.trial import count_and_measure, train_and_measure
from seqviz.metrics import agreement
from seqviz.models import ComiRecSA, MeanPooling

TASKS = {"shop": shop_world, "Online Retail": retail_cut}
MODELS = {
    "one vector": lambda n, length, **own: MeanPooling(n, **own),
    "ComiRec-SA": lambda n, length, **own: ComiRecSA(n, **own),
    "ComiRec-SA, positions": lambda n, length, **own: ComiRecSA(
        n, max_length=length, **own
    ),
}


STUDY = Study(
    chapter="interests/comirec_sa",
    date="2026-11-28",
    data={
        "shop": {"embedding_dim": 16, "length": 30, "batch_size": 512},
        "Online Retail": {"embedding_dim": 32, "length": 50, "batch_size": 256},
    },
    levels={"shop": "worlds", "Online Retail": "cuts"},
    splits={"shop": 3, "Online Retail": 3},
    seeds=3,
    trials=6,
    epochs=150,
    patience=5,
    grid={"learning_rate": (3e-3, 1e-2), "temperature": (None, 0.1, 0.05)},
    families={
        "one vector": {},
        "ComiRec-SA": {"num_interests": (2, 4, 8)},
        "ComiRec-SA, positions": {"num_interests": (2, 4, 8)},
    },
    counts=tuple(COUNTS),
)


@torch.no_grad()
def agreed(model, task, length):
    """How well the readers of the clicks agree with the planted interests.

    Mean over users with two causes or more.
    """
    test = task.split.test
    cause = task.interactions.table["interest"].to_numpy()
    truth, real = test.histories.over(cause).pad(length)  # [B, T]
    ids = torch.from_numpy(test.histories.pad(length)[0])
    ids = ids.to(model.embedding.weight.device)
    _, weights = model.interests(ids, need_weights=True)  # [B, K, T]
    known = real & (truth >= 0)  # a slip of the finger has no cause
    found = agreement(weights.argmax(1).cpu().numpy(), truth, known)
    return {name: np.nanmean(values) for name, values in found.items()}


def also(model, task, length):
    """What is stored beside the values of the users."""
    planted = "interest" in task.interactions.table
    several = not isinstance(model, MeanPooling)
    return agreed(model, task, length) if planted and several else {}


def do(name):
    """Make the run of a name."""
    task = TASKS[name["data"]](name["split"])
    if name["model"] in COUNTS:
        return count_and_measure(name, task, COUNTS[name["model"]])
    return train_and_measure(name, task, MODELS[name["model"]], also)


if __name__ == "__main__":
    run_study(STUDY, do, progress="--quiet" not in sys.argv)
