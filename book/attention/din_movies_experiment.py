"""The long runs on movies behind the DIN chapter: `make experiments`.

Three models and the counts of din_experiment on the ratings of every second
user of MovieTweetings, at three cuts in time. Beside each rating stands a movie
that she never rated, drawn in three ways. Stored in din_movies_runs.npz.
"""

import sys
from dataclasses import replace

import numpy as np
from din_experiment import FIXED, do
from din_experiment import STUDY as SHOP

from seqviz.experiments import run_study
from seqviz.experiments.tasks import movie_rows

TASKS = {
    "uniform": lambda n: movie_rows(n, by_popularity=False),
    "by popularity": lambda n: movie_rows(n, by_popularity=True),
    "by popularity of 30 days": lambda n: movie_rows(
        n, by_popularity=True, days=30
    ),
}
STUDY = replace(
    SHOP,
    chapter="attention/din_movies",
    date="2026-11-30",
    data=dict.fromkeys(TASKS, FIXED),
    levels=dict.fromkeys(TASKS, "cuts"),
    splits=dict.fromkeys(TASKS, 3),
    seeds=3,
    families=dict.fromkeys(("Base", "DIN, softmax", "DIN"), {}),
)


def too_early(task):
    """Share of the training negatives that nobody had rated yet."""
    events = task.interactions.table
    first = np.full(task.catalog.num_items + 1, np.inf)
    np.minimum.at(first, events["item"], events["time"])
    rows = task.split.train
    return float((first[rows.items] >= rows.times)[~rows.clicked].mean())


def do_movies(name):
    """Make the run of a name; one of each protocol tells about its draws."""
    run = do(name, TASKS)
    if name["model"] == "item's click rate":
        share = too_early(TASKS[name["data"]](name["split"]))
        return replace(run, row={**run.row, "too early": share})
    return run


if __name__ == "__main__":
    run_study(STUDY, do_movies, progress="--quiet" not in sys.argv)
