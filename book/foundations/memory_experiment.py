"""The long runs behind the chapter on memory: `make experiments`.

GRU4Rec with the data, splits and trials of the ComiRec-SA chapter, so that its
baselines stand in the same table. In the shop a row is a person, and each of
her clicks says what comes after it. In Online Retail the order within an
invoice says nothing, so a row is a prefix and only its last state learns.
"""

import sys
from dataclasses import replace

from seqviz.data import longest_histories
from seqviz.experiments import read_study, run_study
from seqviz.experiments.tasks import retail_cut, shop_world
from seqviz.experiments.trial import train_and_measure
from seqviz.models import GRU4Rec

TASKS = {"shop": shop_world, "Online Retail": retail_cut}
PEOPLE = 32  # rows of a batch in the shop: some 800 predictions
STUDY = replace(
    read_study("interests/comirec_sa").study,
    chapter="foundations/memory",
    date="2026-11-28",
    families={"GRU4Rec": {"dropout": (0.0, 0.25)}},
    counts=(),
)


def do(name):
    """Make the run of a name."""
    task, setting = TASKS[name["data"]](name["split"]), name["setting"]
    ordered = name["data"] == "shop"
    if ordered:
        train = longest_histories(task.split.train)
        task = task._replace(split=task.split._replace(train=train))
        setting = {**setting, "batch_size": PEOPLE}

    def make(num_items, length, **own):
        return GRU4Rec(num_items, all_positions=ordered, **own)

    run = train_and_measure({**name, "setting": setting}, task, make)
    return replace(run, name=name)


if __name__ == "__main__":
    run_study(STUDY, do, progress="--quiet" not in sys.argv)
