"""SR-GNN on Online Retail, where an invoice is a session: `make experiments`.

The rest of an invoice from its first quarter, at three moments. No invoice
lists an item twice, so every graph is a path, and an edge counts once whatever
the rule. The values of every test customer are stored in
graphs_retail_runs.npz.
"""

import sys
from dataclasses import replace

from graphs_experiment import STUDY as SHOP
from graphs_experiment import run_of

from seqviz.experiments import run_study
from seqviz.experiments.tasks import retail_invoices

FAMILIES = ("SR-GNN", "without the graph", "GRU4Rec", "one vector")
STUDY = replace(
    SHOP,
    chapter="systems/graphs_retail",
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
    families={name: {} for name in FAMILIES},
)


def do(name):
    """Make the run of a name."""
    return run_of(name, retail_invoices(name["split"]))


if __name__ == "__main__":
    run_study(STUDY, do, progress="--quiet" not in sys.argv)
