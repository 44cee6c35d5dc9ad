"""The long runs behind the chapter on jobs of attention: `make experiments`.

One click model over fields, and the same with one job of attention each, on
five planted worlds; each gate is then frozen at its mean. Every model tries as
many settings, and validation chooses. Beside them stand three counts. MMoE
stands in jobs_labels_experiment.py, with the same clicks.
"""

import sys

import torch

from seqviz.data.planted_fields import INTERACTING
from seqviz.experiments import Study, run_study
from seqviz.experiments.field_trial import (
    count_and_explain,
    explained,
    gates_of,
    train_and_explain,
)
from seqviz.layers import field_pairs
from seqviz.models import field_models as models
from seqviz.models.counting import FieldRates

RELATION = 0.7
MODELS = {
    "network": models.FieldNetwork,
    "pairs, summed": lambda *own, **more: models.FactorizationMachine(
        *own, attention=False, **more
    ),
    "AFM": models.FactorizationMachine,
    "SENet": models.SENet,
    "LHUC": models.LHUC,
    "fields, averaged": lambda *own, **more: models.AutoInt(
        *own, attention=False, **more
    ),
    "AutoInt": models.AutoInt,
    "DIN": models.DINFields,
    "DIEN": models.DIENFields,
    "DSIN": models.DSINFields,
}
HISTORY = 6  # how long ago the shown category was clicked


def counted(*groups):
    """A count of these groups of fields; validation chooses its smoothing."""

    def make(rows):
        return {
            f"{s}": FieldRates(rows, groups, 0, s) for s in (3.0, 10.0, 30.0)
        }

    return make


COUNTS = {
    "category's rate": counted((1,)),
    "each field's rate": counted(*((place,) for place in range(7))),
    "rates of the true pairs": counted((0, 2), (1, 3), (4, HISTORY)),
}
FIXED = {"embedding_dim": 8, "hidden_dim": 32, "batch_size": 512}
STUDY = Study(
    chapter="attention/jobs",
    date="2026-11-28",
    data={"fields": FIXED},
    levels={"fields": "worlds"},
    splits={"fields": 5},
    seeds=1,
    trials=2,
    epochs=25,
    patience=3,
    grid={"learning_rate": (1e-2, 2e-2)},
    families={model: {} for model in MODELS},
    counts=tuple(COUNTS),
)


def without_each_pair(model, test):
    """What is lost of "explained" when the weight of one pair is set to 0."""
    if not isinstance(model, models.FactorizationMachine):
        return {}
    gates, batch = gates_of(model, test), test.batch()

    def explains(gates):
        with torch.inference_mode():
            chances = model(batch, frozen=gates)[:, 0].double().sigmoid()
        return float(explained(chances.numpy(), test).mean())

    lost = []
    for pair in range(gates.shape[1]):
        keep = torch.arange(gates.shape[1]) != pair
        lost.append(explains(gates) - explains(gates * keep))
    true = [tuple(pair) in INTERACTING for pair in field_pairs(7).T.tolist()]
    return {"lost without the pair": lost, "interacts": true}


def do(name):
    """Make the run of a name."""
    if name["model"] in COUNTS:
        return count_and_explain(name, RELATION, COUNTS[name["model"]])
    return train_and_explain(
        name, RELATION, MODELS[name["model"]], without_each_pair
    )


if __name__ == "__main__":
    run_study(STUDY, do, progress="--quiet" not in sys.argv)
