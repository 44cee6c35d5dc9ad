"""Four models of next_item_experiment.py on movies: make experiments.

Three cuts in time of MovieTweetings, every second user. Nobody rates a movie
twice, so of the counts those stand beside that need no repeats. The values of
every test user, and the rank of her next movie, are stored in
next_item_movies_runs.npz.
"""

import sys
from dataclasses import replace

from next_item_experiment import STUDY as SHOP
from next_item_experiment import do

from seqviz.experiments import run_study
from seqviz.experiments.baselines import COUNTS
from seqviz.experiments.tasks import movie_cut

TASKS = {"movies": movie_cut}
HERE = {
    name: COUNTS[name]
    for name in ("most popular", "popular lately", "item-kNN", "EASE")
}
STUDY = replace(
    SHOP,
    chapter="systems/next_item_movies",
    data={"movies": {"embedding_dim": 32, "length": 20, "batch_size": 128}},
    levels={"movies": "cuts"},
    splits={"movies": 3},
    epochs=60,
    families={name: {} for name in SHOP.families if name != "gSASRec"},
    counts=tuple(HERE),
)


if __name__ == "__main__":
    run_study(
        STUDY,
        lambda name: do(name, TASKS, HERE),
        progress="--quiet" not in sys.argv,
    )
