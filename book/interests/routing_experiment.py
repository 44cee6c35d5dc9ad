"""The long runs behind the chapter on capsule routing: `make experiments`.

ComiRec-DR and MIND with the tasks and the budget of the ComiRec-SA chapter, and
what their interests look like. MIND may choose how its map begins and how
sharply its interests are read out in training.
"""

import math
import sys
from dataclasses import replace

import torch
import torch.nn.functional as F
from comirec_sa_experiment import STUDY as INTERESTS
from comirec_sa_experiment import TASKS, also

from seqviz.experiments import run_study
from seqviz.experiments.trial import train_and_measure
from seqviz.models import MIND, ComiRecDR

STUDY = replace(
    INTERESTS,
    chapter="interests/routing",
    families={
        "ComiRec-DR": {"num_interests": (2, 4, 8)},
        "MIND": {
            "num_interests": (2, 4, 8),
            "power": (1.0, math.inf),
            "start": ("normal", "identity"),
        },
    },
    counts=(),
)


def comirec_dr(num_items, length, **own):
    return ComiRecDR(num_items, max_length=length, **own)


def mind(num_items, length, start, **own):
    model = MIND(num_items, max_length=length, **own)
    if start == "identity":  # a click votes for itself
        torch.nn.init.eye_(model.routing.weight)
    return model


MODELS = {"ComiRec-DR": comirec_dr, "MIND": mind}


@torch.no_grad()
def interests_of(model, task, length):
    """How many interests a test user has, and how many different ones.

    The effective number is the exponential of the entropy of the eigenvalues of
    their cosines, divided by their number: K if they are orthogonal, 1 if they
    are all equal. Mean over the users with more than one.
    """
    ids = torch.from_numpy(task.split.test.histories.pad(length)[0])
    ids = ids.to(model.embedding.weight.device)
    unit = F.normalize(model.interests(ids), dim=-1).double()  # [B, K, E]
    active = model.routing.active(ids != 0)  # [B, K]
    unit = unit * active[..., None]
    number = active.sum(1)  # [B]
    gram = unit @ unit.mT / number.clamp(min=1)[:, None, None]  # [B, K, K]
    shares = torch.linalg.eigvalsh(gram).clamp(min=0)  # [B, K]
    effective = torch.special.entr(shares).sum(1).exp()
    return {
        "interests": number.double().mean().item(),
        "effective interests": effective[number > 1].mean().item(),
    }


def and_interests(model, task, length):
    """What is stored beside the values of the users."""
    return {**also(model, task, length), **interests_of(model, task, length)}


def do(name):
    """Make the run of a name."""
    task = TASKS[name["data"]](name["split"])
    return train_and_measure(name, task, MODELS[name["model"]], and_interests)


if __name__ == "__main__":
    run_study(STUDY, do, progress="--quiet" not in sys.argv)
