"""SDM with other numbers of heads and bounded scores: `make experiments`.

Data, splits and setting are those of the chapter's study, so the rows stand in
one table with it; the values of every test user are stored in
sdm_heads_runs.npz.
"""

import sys
from dataclasses import replace

from sdm_experiment import STUDY as SHOP
from sdm_experiment import model_of, world_of

from seqviz.experiments import run_study
from seqviz.experiments.trial import train_and_measure

MODELS = {
    "2 heads": {"num_heads": 2},
    "8 heads": {"num_heads": 8},
    "without heads": {"self_attention": False},
    "bounded scores": {"bounded": True},
}
STUDY = replace(
    SHOP,
    chapter="systems/sdm_heads",
    families={name: {} for name in MODELS},
    counts=(),
)


def do(name):
    """Make the run of a name."""
    task = world_of(name)
    make = model_of(task, MODELS[name["model"]])
    return train_and_measure(name, task, make)


if __name__ == "__main__":
    run_study(STUDY, do, progress="--quiet" not in sys.argv)
