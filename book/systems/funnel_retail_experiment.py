"""The long runs behind the chapter on the funnel, on Online Retail.

What funnel_experiment.py does on the shop, on three cuts in time: DIN with
negatives in three ways, beside what is counted. The values of every test
customer are stored in funnel_retail_runs.npz.
"""

import sys
from dataclasses import replace

from funnel_experiment import DATA, do
from funnel_experiment import STUDY as SHOP

from seqviz.experiments import run_study

RETAIL = "Online Retail"
COUNTS = ("own counts", "item-kNN, with itself", "popular lately")
WHOLE = (*COUNTS, "share of categories", "TIFU-kNN")
STUDY = replace(
    SHOP,
    chapter="systems/funnel_retail",
    data={RETAIL: DATA[RETAIL]},
    levels={RETAIL: "cuts"},
    splits={RETAIL: 3},
    families={
        family: SHOP.families[family]
        for family in ("DIN, whole catalog", "DIN, retrieved", "DIN, as shown")
    },
    counts=(
        "as retrieved",
        *(f"{count} ranks" for count in COUNTS),
        *(f"{count}, whole list" for count in WHOLE),
    ),
)


if __name__ == "__main__":
    run_study(STUDY, do, progress="--quiet" not in sys.argv)
