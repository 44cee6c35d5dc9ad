"""The models by routing in six worlds of the map: `make experiments`.

Their votes depend on the place of a click, so no counts will do, and each model
is trained alone. The worlds, the trials and the budget are those of the map.
"""

import sys

from routing_experiment import MODELS
from routing_experiment import STUDY as ROUTING
from when_several_pay_experiment import STUDY as MAP
from when_several_pay_experiment import beside, task_of

from seqviz.experiments import run_study
from seqviz.experiments.trial import train_and_measure

WORLDS = {
    name: cell
    for name, cell in MAP.data.items()
    if name.startswith("grid")
    and cell["interests"] > 1
    and cell["repeat_rate"] != 0.25
    and cell["misclick_rate"] == 0.05
    and cell["embedding_dim"] == 16
}
STUDY = beside(
    "interests/when_several_pay_routing",
    WORLDS,
    {
        family: {**own, "num_interests": (2, 4)}
        for family, own in ROUTING.families.items()
    },
)
OF_MODEL = {"embedding_dim", "temperature", *STUDY.families["MIND"]}


def do(name):
    """Make the run of a name."""

    def make(count, length, **own):
        taken = {k: v for k, v in own.items() if k in OF_MODEL}
        return MODELS[name["model"]](count, length, **taken)

    return train_and_measure(name, task_of(STUDY, name["data"]), make)


if __name__ == "__main__":
    run_study(STUDY, do, progress="--quiet" not in sys.argv)
