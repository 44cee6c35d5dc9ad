"""How ComiRec-SA is trained, swept: `make experiments`.

Four interests, the cosine over 0.1; what changes is the loss, the negatives or
the batch. All are read out by the largest score. Each way tries as many
settings; the values of every test user are stored in
comirec_sa_losses_runs.npz.
"""

import sys
from collections.abc import Mapping
from functools import cache, partial
from math import log

import torch
import torch.nn.functional as F

from seqviz.data import Batch, load_shop, split_by_user
from seqviz.experiments import Study, run_study
from seqviz.experiments.runs import Run
from seqviz.experiments.tasks import Task
from seqviz.experiments.trial import train_and_measure
from seqviz.layers import NegativeSampler, read_out
from seqviz.models import ComiRecSA, MeanPooling


@cache
def task_of(world: int) -> Task:
    """Most users of a shop are the test, for a narrow interval."""
    shop = load_shop(seed=world)
    clicks = shop.interactions.of_kind("click")
    split = split_by_user(clicks, (0.2, 0.1, 0.7), seed=world)
    return Task(shop.catalog, clicks, split)


def one_vector(num_items: int, width: int, _: int, **options) -> MeanPooling:
    return MeanPooling(num_items, width, **options)


class InBatch(ComiRecSA):
    """The other rows' targets are the negatives."""

    def __init__(self, *sizes, popularity: torch.Tensor, **options) -> None:
        super().__init__(*sizes, **options)
        share = NegativeSampler(popularity).log_probability
        self.register_buffer("log_share", share, persistent=False)

    def loss(self, batch: Batch) -> torch.Tensor:
        return self.sampled_loss(batch, batch.target_ids, self.log_share)


class Remi(ComiRecSA):
    """Hard negatives and the routing regularizer of REMI (arXiv 2302.14532).

    Args:
        hardness: a negative weighs exp(hardness * score), over the mean of all.
        evenness: weight of the penalty on uneven weights of an interest.
    """

    def __init__(
        self, *sizes, hardness: float, evenness: float = 0.0, **options
    ):
        super().__init__(*sizes, **options)
        self.hardness, self.evenness = hardness, evenness

    def loss(self, batch: Batch) -> torch.Tensor:
        behaviors, mask = self.behaviors(batch.item_ids)
        interests, weights = self.pool(behaviors, mask, need_weights=True)
        items, negative_ids = (
            self.item_vectors(),
            self.sampler(self.num_negatives),
        )
        target = items[batch.target_ids]
        user = read_out(self._scaled(interests), target)
        logits = user @ items[negative_ids].T  # [B, S]
        hit = negative_ids == batch.target_ids[:, None]
        logits = logits.masked_fill(hit, torch.finfo(logits.dtype).min)
        harder = ((1 + self.hardness) * logits).logsumexp(1)  # [B]
        harder = harder - (self.hardness * logits).logsumexp(1)
        loss = F.softplus(harder + log(self.num_items) - (user * target).sum(1))
        even = mask / mask.sum(1, keepdim=True).clamp(min=1)  # [B, T]
        uneven = (weights - even[:, None]).square().sum(2)  # [B, K]
        return (loss + self.evenness * uneven.square().sum(1)).mean()


def drawn_evenly(task: Task, negatives: int) -> dict[str, object]:
    sampler = NegativeSampler.uniform(task.catalog.num_items)
    return {"sampler": sampler, "num_negatives": negatives}


def popularity(task: Task) -> dict[str, torch.Tensor]:
    """How often each item is the target of a training row."""
    targets = torch.from_numpy(task.split.train.truths.flat())
    counts = torch.bincount(targets, minlength=task.catalog.num_items + 1)
    return {"popularity": counts}


NEAREST = partial(ComiRecSA, nearest=True)
# The model, what it takes of the task, and the size of its batches.
WAYS = {
    "one vector": (one_vector, lambda t: {}, 512),
    "all items": (ComiRecSA, lambda t: {}, 512),
    "all items, by maximum": (NEAREST, lambda t: {}, 512),
    "S = 64, hard": (Remi, lambda t: drawn_evenly(t, 64), 512),
    "S = 64, hard and even": (Remi, lambda t: drawn_evenly(t, 64), 512),
    "S = 64": (ComiRecSA, lambda t: drawn_evenly(t, 64), 512),
    "S = 8": (ComiRecSA, lambda t: drawn_evenly(t, 8), 512),
    "S = 64, B = 128": (ComiRecSA, lambda t: drawn_evenly(t, 64), 128),
    "S = 8, B = 128": (ComiRecSA, lambda t: drawn_evenly(t, 8), 128),
    "in batch": (InBatch, popularity, 512),
    "in batch, B = 128": (InBatch, popularity, 128),
}
HARD = {"hardness": (0.1, 0.3, 1.0)}
OWN = {
    "S = 64, hard": HARD,
    "S = 64, hard and even": {**HARD, "evenness": (0.1, 1.0)},
}
STUDY = Study(
    chapter="interests/comirec_sa_losses",
    date="2026-11-28",
    data={"shop": {"embedding_dim": 16, "length": 30, "num_interests": 4}},
    levels={"shop": "worlds"},
    splits={"shop": 4},
    seeds=1,
    trials=3,
    epochs=30,
    patience=3,
    grid={"learning_rate": (3e-3, 6e-3, 1.2e-2), "temperature": (0.1,)},
    families={way: OWN.get(way, {}) for way in WAYS},
)


def do(name: Mapping[str, object]) -> Run:
    """Make the run of a name."""
    task = task_of(name["split"])
    model, options, batch_size = WAYS[name["model"]]
    setting = {**name["setting"], "batch_size": batch_size}

    def make(num_items, length, *, embedding_dim, num_interests, **own):
        sizes = num_items, embedding_dim, num_interests
        return model(*sizes, **options(task), **own)

    run = train_and_measure(
        {**name, "setting": setting}, task, make, by_strength=False
    )
    return Run(name, run.row, run.users)


if __name__ == "__main__":
    run_study(STUDY, do, progress="--quiet" not in sys.argv)
