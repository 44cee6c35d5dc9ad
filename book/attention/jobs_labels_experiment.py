"""Two labels, more and less related: `make experiments`.

Two models apart, a shared bottom, a mixture of experts and the same experts
averaged, each with as many hidden units in all, where the labels are
independent, related, and of equal chances.
"""

import sys

from seqviz.experiments import Study, run_study
from seqviz.experiments.field_trial import train_and_explain
from seqviz.models import field_models as models

RELATIONS = {"independent": 0.0, "related": 0.7, "equal": 1.0}


def together(num_experts, gates=True):
    """One model for both labels, as wide as two models apart."""

    def make(*own, hidden_dim, **more):
        more |= {"hidden_dim": 2 * hidden_dim, "num_experts": num_experts}
        return models.MMoE(*own, gates=gates, **more)

    return make


MODELS = {
    "two models": models.Apart,
    "shared bottom": together(1),
    "MMoE": together(4),
    "experts, averaged": together(4, gates=False),
}
FIXED = {"embedding_dim": 8, "hidden_dim": 32, "batch_size": 512}
STUDY = Study(
    chapter="attention/jobs_labels",
    date="2026-11-29",
    data=dict.fromkeys(RELATIONS, FIXED),
    levels=dict.fromkeys(RELATIONS, "worlds"),
    splits=dict.fromkeys(RELATIONS, 5),
    seeds=1,
    trials=2,
    epochs=60,
    patience=3,
    grid={"learning_rate": (3e-3, 1e-2)},
    families={model: {} for model in MODELS},
)


def do(name):
    """Make the run of a name."""
    return train_and_explain(
        name, RELATIONS[name["data"]], MODELS[name["model"]]
    )


if __name__ == "__main__":
    run_study(STUDY, do, progress="--quiet" not in sys.argv)
