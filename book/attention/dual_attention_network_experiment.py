"""The runs with a network on top behind the dual-attention chapter.

Two readers of dual_attention_experiment on the second task, three seeds each:
`make experiments`. Stored in dual_attention_network_runs.npz.
"""

import sys
from dataclasses import replace

from dual_attention_experiment import FIXED, do
from dual_attention_experiment import STUDY as PLAIN

from seqviz.experiments import run_study

STUDY = replace(
    PLAIN,
    chapter="attention/dual_attention_network",
    data={"relation": {**FIXED, "hidden": 32}},
    levels={"relation": "cuts"},
    splits={"relation": 1},
    seeds=3,
    families=dict.fromkeys(("target", "dual"), {}),
)


if __name__ == "__main__":
    run_study(STUDY, do, progress="--quiet" not in sys.argv)
