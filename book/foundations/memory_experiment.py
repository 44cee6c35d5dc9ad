"""The long runs behind the chapter on memory: `make experiments`.

GRU4Rec, with cross entropy over the catalog and with BPR-max over sampled
items, on the shop and on Online Retail, with the splits, trials and budget of
the ComiRec-SA chapter, whose models stand beside it. A row is a person, and
each of her clicks says what comes after it.
"""

import sys
from dataclasses import replace

from seqviz.data import longest_histories
from seqviz.experiments import read_study, run_study
from seqviz.experiments.tasks import retail_cut, shop_world
from seqviz.experiments.trial import train_and_measure
from seqviz.layers import NegativeSampler
from seqviz.models import GRU4Rec

PEOPLE = 32  # rows of a batch, with some 800 predictions
NEGATIVES = 128  # of a batch, for BPR-max
TASKS = {"shop": shop_world, "Online Retail": retail_cut}
DROPOUT = {"dropout": (0.0, 0.25)}
_OTHERS = read_study("interests/comirec_sa").study
STUDY = replace(
    _OTHERS,
    chapter="foundations/memory",
    date="2026-11-28",
    families={"GRU4Rec": DROPOUT, "GRU4Rec, BPR-max": DROPOUT},
    counts=(),
)


def do(name):
    """Make the run of a name."""
    task = TASKS[name["data"]](name["split"])
    train = longest_histories(task.split.train)
    task = task._replace(split=task.split._replace(train=train))
    setting = {**name["setting"], "batch_size": PEOPLE}

    def make(num_items, length, **own):
        if name["model"].endswith("BPR-max"):
            own |= {
                "objective": "bpr-max",
                "sampler": NegativeSampler.uniform(num_items),
                "num_negatives": NEGATIVES,
            }
        return GRU4Rec(num_items, **own)

    run = train_and_measure({**name, "setting": setting}, task, make)
    return replace(run, name=name)


if __name__ == "__main__":
    run_study(STUDY, do, progress="--quiet" not in sys.argv)
