"""A study: what is tried, how often and for how long, the same for every family.

Each family of models gets the same number of trials on each split: settings drawn from
its grid, trained with the first seed, ranked by validation. The best one is trained
with the other seeds, too, and only these runs are reported. A count has no trials.
"""

import dataclasses
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from seqviz.arguments import require_choice, require_whole
from seqviz.experiments.runs import Run, Runs

LEVELS = ("worlds", "cuts")
_DRAWS = 2000  # of a balanced choice
BEFORE = 0.8  # the best epoch lies before this share of the epochs, or it was cut off


@dataclass(frozen=True)
class Study:
    """All that decides the numbers of a table. It is stored with them.

    Attributes:
        chapter: the notebook's path without its ending: "interests/comirec_sa".
        date: when these settings were last changed.
        data: data set to what is fixed for it: embedding_dim, length, batch_size ...
        levels: data set to what its splits are: "worlds" of other users each, or
            "cuts" in time, at which the same people may return.
        splits: data set to how many worlds or cuts.
        seeds: trainings of the chosen setting, on each split.
        trials: settings that each family may try on each split.
        epochs: the longest training.
        patience: epochs without a better validation before it stops.
        grid: the values that all families choose from, by the name of the setting.
        families: family to its own part of the grid, perhaps none.
        counts: names of what is counted instead of trained.
        command: what makes the runs.

    Raises:
        ValueError: a number is under 1, a data set has no level, or a grid is smaller
            than the number of trials.

    Example:
        >>> study = Study(
        ...     chapter="part/chapter", date="2026-11-28",
        ...     data={"shop": {"length": 20}}, levels={"shop": "worlds"},
        ...     splits={"shop": 3}, seeds=2, trials=2, epochs=5, patience=2,
        ...     grid={"learning_rate": [0.01, 0.003]}, families={"one vector": {}},
        ... )
        >>> len(study.grid["learning_rate"]) >= study.trials
        True
    """

    chapter: str
    date: str
    data: Mapping[str, Mapping[str, Any]]
    levels: Mapping[str, str]
    splits: Mapping[str, int]
    seeds: int
    trials: int
    epochs: int
    patience: int
    grid: Mapping[str, Sequence[Any]]
    families: Mapping[str, Mapping[str, Sequence[Any]]]
    counts: Sequence[str] = field(default=())
    command: str = "make experiments"

    def __post_init__(self) -> None:
        for name in ("seeds", "trials", "epochs", "patience"):
            require_whole(**{name: getattr(self, name)})
        for data in self.data:
            if data not in self.levels or data not in self.splits:
                known = ", ".join(set(self.levels) & set(self.splits)) or "nothing"
                raise ValueError(
                    f"levels and splits must name {data}, got both for {known}"
                )
            require_whole(splits=self.splits[data])
            require_choice(LEVELS, levels=self.levels[data])
        for family in self.families:
            self.settings(family)

    def settings(self, family: str) -> list[dict[str, Any]]:
        """Return the settings that a family tries, drawn from its grid by its name.

        They are distinct, and each value of the grid comes as often as the others, if
        such a choice is found soon.
        """
        grid = {**self.grid, **self.families[family]}
        size = math.prod(len(values) for values in grid.values())
        if size < self.trials:
            raise ValueError(
                f"the grid of {family} must have at least trials = {self.trials} "
                f"settings, got {size}"
            )
        draw = np.random.default_rng(list(family.encode()))
        sizes = [len(values) for values in grid.values()]
        for _ in range(_DRAWS):
            columns = [
                draw.permutation(np.resize(draw.permutation(n), self.trials))
                for n in sizes
            ]
            places = list(zip(*columns, strict=True))
            if len(set(places)) == self.trials:
                break
        else:  # nearly the whole grid is asked for
            some = draw.permutation(size)[: self.trials]
            places = list(zip(*np.unravel_index(some, sizes), strict=True))
        return [
            {name: grid[name][p] for name, p in zip(grid, place, strict=True)}
            for place in places
        ]

    def cut_off(self, row: Mapping[str, Any]) -> bool:
        """Whether a training had its best epoch too near to its end."""
        return row.get("best_epoch", 0) > BEFORE * self.epochs

    def as_json(self) -> dict[str, Any]:
        """Return the settings as they are stored."""
        return dataclasses.asdict(self)


def carry_out(
    study: Study, runs: Runs, do: Callable[[Mapping[str, Any]], Run], progress: bool
) -> tuple[list[Run], list[Run]]:
    """Do what is missing of a study.

    Args:
        study: what is to be done.
        runs: where it is kept.
        do: makes the run of a name; its row holds "validation", larger is better, and
            "best_epoch" where something was trained.
        progress: show a bar.

    Returns:
        The trials, and the runs to report: counts, and the best trial of each family
        on each split with all seeds.
    """
    told = study.chapter if progress else ""
    trials = runs.complete(list(_trials(study)), do, told and f"{told}, trials")
    best: dict[tuple[str, int, str], Run] = {}
    for run in trials:
        place = run.name["data"], run.name["split"], run.name["model"]
        known = best.get(place)
        if known is None or run.row["validation"] > known.row["validation"]:
            best[place] = run
    chosen = [
        {**run.name, "seed": seed}
        for run in best.values()
        for seed in range(study.seeds)
    ]
    names = [*_counts(study), *chosen]
    return trials, runs.complete(names, do, told and f"{told}, chosen")


def _trials(study: Study) -> Iterator[dict[str, Any]]:
    budget = {"epochs": study.epochs, "patience": study.patience}
    for data, split in _splits(study):
        for family in study.families:
            for setting in study.settings(family):
                yield {
                    "data": data,
                    "split": split,
                    "model": family,
                    "setting": {**study.data[data], **budget, **setting},
                    "seed": 0,
                }


def _counts(study: Study) -> Iterator[dict[str, Any]]:
    for data, split in _splits(study):
        for count in study.counts:
            setting = dict(study.data[data])
            yield {"data": data, "split": split, "model": count, "setting": setting}


def _splits(study: Study) -> Iterator[tuple[str, int]]:
    for data in study.data:
        for split in range(study.splits[data]):
            yield data, split
