"""The long runs on movies behind the self-attention chapter: make experiments.

Two models and the counts of self_attention_experiment on three cuts in time of
MovieTweetings, every second user; a count that is frozen at the cut; and for
every test user whether the true movie is among the first 10: of the catalog,
and of itself with 100 others. Nobody rates a movie twice, so what counts on
repeats is left out. Stored in self_attention_movies_runs.npz.
"""

import sys
from dataclasses import replace

import numpy as np
import torch
from self_attention_experiment import STUDY as SHOP
from self_attention_experiment import do

from seqviz.data import batches, longest_histories
from seqviz.experiments import run_study
from seqviz.experiments.baselines import COUNTS
from seqviz.experiments.tasks import movie_cut
from seqviz.models.counting import RecentPopularity

TASKS = {"movies": movie_cut}


class Frozen:
    """The popularity of the days before one moment, for ever."""

    def __init__(self, counted, moment):
        self.counted, self.moment = counted, moment

    def scores(self, batch):
        moment = torch.full_like(batch.times, self.moment)
        return self.counted.scores(batch._replace(times=moment))


def frozen(task):
    """The same counts as `popular lately`, as they were when training ended."""
    moment = int(task.split.train.times.max())
    return {
        f"{days} days": Frozen(
            RecentPopularity(task.interactions, days), moment
        )
        for days in (7, 14, 28)
    }


REPEATS = ("own counts", "item-kNN, with itself", "TIFU-kNN")
HERE = {name: count for name, count in COUNTS.items() if name not in REPEATS}
HERE["popular before the cut"] = frozen
STUDY = replace(
    SHOP,
    chapter="attention/self_attention_movies",
    data={"movies": {"embedding_dim": 32, "length": 50}},
    levels={"movies": "cuts"},
    splits={"movies": 3},
    seeds=3,
    families={name: SHOP.families[name] for name in ("mean pooling", "SASRec")},
    counts=tuple(HERE),
)


@torch.no_grad()
def placed(model, examples, length, negatives=100, n=10):
    """Whether the (first) true item is among n: of the catalog, and of 101.

    Among the rivals is no item of the history, and no other true item.
    """
    generator = torch.Generator().manual_seed(0)
    hits = {"hit@10": [], "hit@10 of 101": []}
    for batch in batches(examples, 256, length):
        scores = model.scores(batch)
        true = scores.gather(1, batch.truths[:, :1])  # [B, 1]
        rivals = torch.ones(scores.shape)
        rivals.scatter_(1, batch.item_ids, 0.0).scatter_(1, batch.truths, 0.0)
        rivals[:, 0] = 0.0
        drawn = torch.multinomial(rivals, negatives, generator=generator)
        above = scores > true  # [B, N + 1]
        hits["hit@10"].append((above & (rivals > 0)).sum(1) < n)
        hits["hit@10 of 101"].append(above.gather(1, drawn).sum(1) < n)
    return {name: torch.cat(x).float().numpy() for name, x in hits.items()}


def scarce(split, fewest=20):
    """Share of the true items with under ``fewest`` training events."""
    longest = longest_histories(split.train)
    known = np.concatenate([*longest.histories, *longest.truths])
    truths = np.concatenate(list(split.test.truths))
    counts = np.bincount(known, minlength=truths.max() + 1)
    return float((counts[truths] < fewest).mean())


def also(model, task, length):
    """What is stored beside."""
    found = placed(model, task.split.test, length)
    return {**found, "scarce": scarce(task.split)}


if __name__ == "__main__":
    run_study(
        STUDY,
        lambda name: do(name, TASKS, HERE, also),
        progress="--quiet" not in sys.argv,
    )
