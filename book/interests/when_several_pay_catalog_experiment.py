"""When several interests pay in a large catalog: `make experiments`.

A softmax over 20,000 items takes half a second a step, so every model is
trained against sampled items, each model alone. Trials and budget are those of
the map.
"""

import sys
from functools import lru_cache
from math import log

import torch
import torch.nn.functional as F
from when_several_pay_experiment import BATCH, MIDDLE, beside, doing, task_of
from when_several_pay_experiment import STUDY as MAP

from seqviz.experiments import run_study
from seqviz.experiments.trial import train_and_measure
from seqviz.layers import NegativeSampler
from seqviz.layers.largest_score import largest_score
from seqviz.models import ComiRecSA, MeanPooling

ITEMS = (20_000, 100_000)
WORLDS = {
    f"{interests} interests, {repeats:.0%} repeats, {items} items": MIDDLE
    | {
        "interests": interests,
        "repeat_rate": repeats,
        "num_items": items,
        "world": 400 + 10 * size + place,
    }
    | BATCH
    for size, items in enumerate(ITEMS)
    for place, (interests, repeats) in enumerate(
        (interests, repeats) for repeats in (0.0, 0.5) for interests in (2, 8)
    )
}
NEGATIVES = 1024


class SampledNearest(ComiRecSA):
    """Each item of the sample, too, is scored by its own nearest interest."""

    def query(self, interests, target):
        return interests  # [B, K, E]: which one is nearest depends on the item

    def against(
        self, query, target, negatives, target_ids, negative_ids, log_q
    ):
        of_target = (query @ target[..., None]).amax(1)  # [B, 1]
        logits = largest_score(query, negatives)  # [B, S]
        logits = logits - log_q[negative_ids] - log(len(negative_ids))
        hit = negative_ids == target_ids[:, None]
        logits = logits.masked_fill(hit, -torch.inf)
        logits = torch.cat([of_target, logits], 1)
        return F.cross_entropy(logits, torch.zeros_like(target_ids))


MODELS = {
    "one vector": MeanPooling,
    "ComiRec-SA": ComiRecSA,
    "ComiRec-SA, nearest": SampledNearest,
}
STUDY = beside(
    "interests/when_several_pay_catalog",
    WORLDS,
    MAP.families,
    # a closed form inverts a matrix of the catalog's size
    tuple(count for count in MAP.counts if count != "EASE"),
)


@lru_cache(maxsize=1)
def sampler_of(data):
    """Draw an item by its rank among the targets of training."""
    task = task_of(STUDY, data)
    targets = torch.from_numpy(task.split.train.truths.flat())
    counts = torch.bincount(targets, minlength=task.catalog.num_items + 1)
    return NegativeSampler.log_uniform(counts)


def do(name):
    """Make the run of a name."""
    if name["model"] in STUDY.counts:
        return doing(STUDY)(name)

    def make(items, length, **own):
        taken = ("embedding_dim", "temperature", "num_interests")
        return MODELS[name["model"]](
            items,
            **{k: v for k, v in own.items() if k in taken},
            sampler=sampler_of(name["data"]),
            num_negatives=NEGATIVES,
        )

    task = task_of(STUDY, name["data"])
    return train_and_measure(name, task, make, by_strength=False)


if __name__ == "__main__":
    run_study(STUDY, do, progress="--quiet" not in sys.argv)
