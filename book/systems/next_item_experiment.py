"""The long runs behind the chapter on next-item transformers: make experiments.

SASRec and BERT4Rec on one stack, each with a softmax over all items and with
one drawn item and binary cross entropy, and gSASRec, beside all that counts, on
three worlds of the shop. Every family has the same two learning rates;
validation chooses, and says when to stop. The values of every test user, and
the rank of her next item among all items, are stored in next_item_runs.npz.
"""

import sys

import numpy as np
import torch

from seqviz.data import batches, longest_histories
from seqviz.experiments import Study, run_study
from seqviz.experiments.baselines import COUNTS
from seqviz.experiments.tasks import shop_world
from seqviz.experiments.trial import count_and_measure, train_and_measure
from seqviz.models import BERT4Rec, SASRec

TASKS = {"shop": shop_world}
STACK = {"num_heads": 2, "num_blocks": 2}
ONE = {"calibration": 0.0, "num_negatives": 1}
MANY = {"calibration": 0.75, "num_negatives": 16}
CLOZE = {
    "hidden_share": 0.4,
    "norm_first": True,
    "activation": "relu",
    "output_layer": False,
}


def sasrec(num_items, length, **own):
    return SASRec(num_items, max_length=length, **STACK, **own)


def bert4rec(num_items, length, **own):
    """The stack of SASRec, read from both sides."""
    width = own["embedding_dim"]
    stack = {**STACK, **CLOZE, "hidden_dim": width}
    return BERT4Rec(num_items, max_length=length, **stack, **own)


# The network, and what else than the softmax its loss is.
MODELS = {
    "SASRec": (sasrec, {}),
    "SASRec, one negative": (sasrec, ONE),
    "gSASRec": (sasrec, MANY),
    "BERT4Rec": (bert4rec, {}),
    "BERT4Rec, one negative": (bert4rec, ONE),
}
STUDY = Study(
    chapter="systems/next_item",
    date="2026-11-30",
    data={"shop": {"embedding_dim": 16, "length": 30, "batch_size": 64}},
    levels={"shop": "worlds"},
    splits={"shop": 3},
    seeds=1,
    trials=2,
    epochs=120,
    patience=8,
    grid={"learning_rate": (3e-3, 1e-2)},
    families={name: {} for name in MODELS}
    # at first it learns what is popular, and for hundreds of steps nothing else
    | {"gSASRec": {"batch_size": (16,)}},
    counts=tuple(COUNTS),
)


@torch.no_grad()
def placed(model, task, length):
    """The rank of the (first) true item, 1 the best, and how many there are.

    Her other true items take no part; of equal scores half stand above.
    """
    found = {"rank": [], "items": []}
    for batch in batches(task.split.test, 256, length):
        scores = model.scores(batch)
        true = scores.gather(1, batch.truths[:, :1])  # [B, 1]
        rivals = torch.ones_like(scores)
        rivals[:, 0] = 0.0
        rivals.scatter_(1, batch.truths, 0.0)  # padding of the truths is item 0
        above = (rivals * (scores > true)).sum(1)
        equal = (rivals * (scores == true)).sum(1)
        found["rank"].append(1 + above + equal.div(2, rounding_mode="floor"))
        found["items"].append(1 + rivals.sum(1))
    return {
        name: torch.cat(values).numpy().astype(np.int32)
        for name, values in found.items()
    }


def do(name, tasks=TASKS, counts=COUNTS):
    """Make the run of a name."""
    task, model = tasks[name["data"]](name["split"]), name["model"]
    if model in counts:
        return count_and_measure(name, task, counts[model], placed)
    make, loss = MODELS[model]
    rows = longest_histories(task.split.train)  # one row for each user
    task = task._replace(split=task.split._replace(train=rows))
    return train_and_measure(
        name, task, lambda *given, **own: make(*given, **own, **loss), placed
    )


if __name__ == "__main__":
    run_study(STUDY, do, progress="--quiet" not in sys.argv)
