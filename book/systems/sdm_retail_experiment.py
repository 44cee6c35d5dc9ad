"""SDM on Online Retail, where an invoice is a session: `make experiments`.

The gate, the other fusions and one vector, beside what counts, on three cuts in
time. Every family tries two settings at each, validation chooses; the values of
every test user are stored in sdm_retail_runs.npz.
"""

import sys
from dataclasses import replace

from sdm_experiment import STUDY as SHOP
from sdm_experiment import run_of

from seqviz.experiments import run_study
from seqviz.experiments.tasks import retail_invoices

FAMILIES = (
    "one vector",
    "SDM",
    "sum",
    "concatenation",
    "session alone",
    "past alone",
)
OF_ITEMS = ("item-kNN, with itself", "TIFU-kNN")
STUDY = replace(
    SHOP,
    chapter="systems/sdm_retail",
    date="2026-11-30",
    data={
        "Online Retail": {
            "embedding_dim": 32,
            "length": 30,
            "batch_size": 256,
            "temperature": 0.1,
        }
    },
    levels={"Online Retail": "cuts"},
    splits={"Online Retail": 3},
    seeds=3,
    trials=2,
    grid={"learning_rate": (3e-3, 1e-2), "temperature": (0.05, 0.1)},
    families={name: {} for name in FAMILIES},
    counts=(*SHOP.counts, *OF_ITEMS),
)


def do(name):
    """Make the run of a name."""
    return run_of(name, retail_invoices(name["split"]))


if __name__ == "__main__":
    run_study(STUDY, do, progress="--quiet" not in sys.argv)
