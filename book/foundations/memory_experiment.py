"""The long runs behind the chapter on memory: `make experiments`.

GRU4Rec on the three worlds of the shop, with the splits, trials and budget of
the ComiRec-SA chapter, whose models stand beside it. A row is a person, and
each of her clicks says what comes after it.
"""

import sys
from dataclasses import replace

from seqviz.data import longest_histories
from seqviz.experiments import read_study, run_study
from seqviz.experiments.tasks import shop_world
from seqviz.experiments.trial import train_and_measure
from seqviz.models import GRU4Rec

PEOPLE = 32  # rows of a batch, with some 800 predictions
_OTHERS = read_study("interests/comirec_sa").study
STUDY = replace(
    _OTHERS,
    chapter="foundations/memory",
    data={"shop": _OTHERS.data["shop"]},
    levels={"shop": _OTHERS.levels["shop"]},
    splits={"shop": _OTHERS.splits["shop"]},
    families={"GRU4Rec": {"dropout": (0.0, 0.25)}},
    counts=(),
)


def do(name):
    """Make the run of a name."""
    task = shop_world(name["split"])
    train = longest_histories(task.split.train)
    task = task._replace(split=task.split._replace(train=train))
    setting = {**name["setting"], "batch_size": PEOPLE}

    def make(num_items, length, **own):
        return GRU4Rec(num_items, **own)

    run = train_and_measure({**name, "setting": setting}, task, make)
    return replace(run, name=name)


if __name__ == "__main__":
    run_study(STUDY, do, progress="--quiet" not in sys.argv)
