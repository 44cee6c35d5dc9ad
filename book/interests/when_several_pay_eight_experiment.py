"""Models that may have eight interests, in the middle of the map.

`make experiments`. The worlds have people of their own; trials and budget are
those of the map.
"""

import sys

from when_several_pay_experiment import BATCH, MIDDLE, beside, doing

from seqviz.experiments import run_study

WORLDS = {
    f"{interests} interests": MIDDLE
    | {"interests": interests, "world": 300 + place}
    | BATCH
    for place, interests in enumerate((1, 2, 4, 8))
}
STUDY = beside(
    "interests/when_several_pay_eight",
    WORLDS,
    {
        "one vector": {},
        "ComiRec-SA, nearest": {"num_interests": (2, 4)},
        "eight interests": {"num_interests": (8,)},
    },
    ("own counts", "share of categories", "nearest clicks"),
)


if __name__ == "__main__":
    run_study(STUDY, doing(STUDY), progress="--quiet" not in sys.argv)
