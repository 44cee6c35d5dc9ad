"""What SDM's parts are worth, swept: `make experiments`.

On three worlds of the shop one part at a time is changed: the heads, the
LSTM, the user's attention, the attributes, the score. Each way tries as many
settings as the study of the chapter, whose SDM (4 heads) they are compared
with; the values of every test user are stored in sdm_ablations_runs.npz.
"""

import sys
from dataclasses import replace

from sdm_experiment import STUDY as SDM_STUDY
from sdm_experiment import TASKS, gate_of, model_of

from seqviz.experiments import run_study
from seqviz.experiments.trial import train_and_measure

MODELS = {
    "1 head": {"num_heads": 1},
    "2 heads": {"num_heads": 2},
    "8 heads": {"num_heads": 8},
    "without heads": {"self_attention": False},
    "without LSTM": {"recurrent": False},
    "without the user's attention": {"user_attention": False},
    "without attributes": {"attributes": None},
    "bounded scores": {"bounded": True},
}
STUDY = replace(
    SDM_STUDY,
    chapter="systems/sdm_ablations",
    data={"shop": SDM_STUDY.data["shop"]},
    levels={"shop": "worlds"},
    splits={"shop": 3},
    families={name: {} for name in MODELS},
    counts=(),
)


def do(name):
    """Make the run of a name."""
    task = TASKS[name["data"]](name["split"])
    make = model_of(name["model"], task, MODELS[name["model"]])
    return train_and_measure(name, task, make, gate_of)


if __name__ == "__main__":
    run_study(STUDY, do, progress="--quiet" not in sys.argv)
