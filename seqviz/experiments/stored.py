"""The stored runs of a study: made by a chapter's script, read by its page."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, reduce
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from seqviz.experiments.compare import Comparison, compare, corrected
from seqviz.experiments.results import BOOK, find_results, made_by, stored_by
from seqviz.experiments.runs import Run, Runs, pack, unpack, write_whole
from seqviz.experiments.study import Study, carry_out
from seqviz.start import best_device

_Stored = tuple[dict[str, Any], list[Run]]

_SHARED = (  # what has to be the same before two studies stand in one table
    *("data", "levels", "splits", "seeds"),
    *("trials", "epochs", "patience", "grid"),
)


class CutOff(ValueError):
    """A training was stopped before it was done, so no claim rests on it.

    Example:
        >>> study = read_study("systems/graphs")
        >>> try:
        ...     study.compare("shop", "recall@20", "GRU4Rec", "SR-GNN")
        ... except CutOff as error:
        ...     print(error)
        GRU4Rec on shop had its best epoch at the end
    """


def run_study(
    study: Study,
    do: Callable[[Mapping[str, Any]], Run],
    *,
    book: Path = BOOK,
    progress: bool = True,
) -> None:
    """Do what is missing of a study and store it: ``<chapter>_runs.npz``.

    What is stored already is not done again, nor what an interrupted call has left in
    ``_build/experiments``. Remove both to begin anew.

    Args:
        study: what is to be done.
        do: makes the run of a name, see ``carry_out``.
        book: the folder of the chapters; ``_build`` lies beside it.
        progress: show a bar.

    Example:
        >>> study = Study(
        ...     chapter="part/chapter", date="2026-11-28",
        ...     data={"shop": {"length": 20}}, levels={"shop": "worlds"},
        ...     splits={"shop": 3}, seeds=2, trials=2, epochs=5, patience=2,
        ...     grid={"learning_rate": [0.01, 0.003]}, families={"one vector": {}},
        ... )
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> def do(work):
        ...     raise KeyboardInterrupt  # whoever stops it
        >>> with TemporaryDirectory() as folder:
        ...     try:
        ...         run_study(study, do, book=Path(folder), progress=False)
        ...     except KeyboardInterrupt:
        ...         print("goes on when called again")
        goes on when called again
    """
    path = book / f"{study.chapter}_runs.npz"
    runs = Runs(book.parent / "_build" / "experiments" / study.chapter)
    stored: list[Run] = []
    if path.is_file():
        about, stored = unpack(path.read_bytes())
        for one in [*(Run(**trial) for trial in about["trials"]), *stored]:
            if not (known := runs.load(one.name)) or not known.users:
                runs.save(one)
    trials, chosen = carry_out(study, runs, do, progress)
    about = {
        "study": study.as_json(),
        "made_by": made_by(study.command, best_device()),
        "trials": [{"name": one.name, "row": one.row} for one in trials],
    }
    if [one.name for one in stored] != [one.name for one in chosen]:
        write_whole(path, pack(about, chosen))
        print(f"wrote {len(chosen)} runs to {path}")


def read_study(*chapters: str) -> "StoredStudy":
    """Read ``<chapter>_runs.npz``, wherever ``find_results`` finds it.

    Several chapters are read as one study, if they had the same data, splits, seeds and
    budget: their models stand in one table.

    Raises:
        ResultsNotFound: it is nowhere, or there is no network to fetch it.
        ValueError: no chapter, or two that differ in more than their models.

    Example:
        >>> study = read_study("interests/comirec_sa")
        >>> study.study.splits
        {'shop': 3, 'Online Retail': 3}
    """
    if not chapters:
        raise ValueError("chapters must name at least one study, got none")
    parts = [unpack(find_results(f"{name}_runs.npz")) for name in chapters]
    return StoredStudy(*reduce(_together, parts))


def _together(one: _Stored, other: _Stored) -> _Stored:
    (about, runs), (about_other, runs_other) = one, other
    mine, theirs = about["study"], about_other["study"]
    between = f"{mine['chapter']} and {theirs['chapter']}"
    for name in _SHARED:
        if mine[name] != theirs[name]:
            raise ValueError(
                f"chapters must share their {name}, got {mine[name]} and "
                f"{theirs[name]} in {between}"
            )
    models = [*mine["families"], *mine["counts"]]
    if twice := {*models} & {*theirs["families"], *theirs["counts"]}:
        raise ValueError(
            f"chapters must not have a model twice, got {', '.join(sorted(twice))} "
            f"in {between}"
        )
    study = {
        **mine,
        "chapter": between,
        "date": max(mine["date"], theirs["date"]),
        "families": {**mine["families"], **theirs["families"]},
        "counts": [*mine["counts"], *theirs["counts"]],
    }
    makers = dict.fromkeys([about["made_by"], about_other["made_by"]])
    joined = {
        "study": study,
        "made_by": " and ".join(makers),
        "trials": [*about["trials"], *about_other["trials"]],
    }
    return joined, [*runs, *runs_other]


class StoredStudy:
    """The runs to report, with what they were made from.

    Attributes:
        study: the settings.
        made_by: command, date and versions.
        trials: one row a trial: data, split, model, its settings, validation.
        runs: one row a run that is reported.

    Example:
        >>> study = read_study("interests/comirec_sa")
        >>> isinstance(study, StoredStudy), [*study.runs.columns][:3]
        (True, ['data', 'split', 'model'])
    """

    def __init__(self, about: Mapping[str, Any], runs: Sequence[Run]) -> None:
        self.study = Study(**about["study"])
        self.made_by: str = about["made_by"]
        self.trials = self._table([Run(**trial) for trial in about["trials"]])
        self.runs = self._table(runs)
        self._runs = runs

    @property
    def stored_by(self) -> str:
        """The end of a caption: "Stored by `make experiments`; date: 2026-11-21"."""
        return stored_by(self.made_by)

    def values(self, data: str, model: str, metric: str) -> Any:
        """Return a metric of every test row, as ``compare`` takes it.

        Cuts: ``[S, U]``, a row for each seed, the cuts one after the other. Worlds: a
        list of W arrays ``[S, U_w]``.

        Raises:
            ValueError: there is no such data set, model or metric.
        """
        parts = self.by_split(data, model, metric)
        return parts if self._worlds(data) else np.concatenate(parts, axis=1)

    def by_split(self, data: str, model: str, metric: str) -> list[np.ndarray]:
        """Return ``values`` as a list for cuts, too: an array ``[S, U]`` for each."""
        splits = self._by_split(data, model)
        for run in splits[0]:
            if metric not in run.users:
                raise ValueError(
                    f"metric must be one of {', '.join(sorted(run.users))}, "
                    f"got {metric!r}"
                )
        return [np.stack([run.users[metric] for run in runs]) for runs in splits]

    def people(self, data: str, model: str) -> Any:
        """Return who each column of ``values`` is: ``[U]``, for worlds a list of W.

        None where that is not stored: each column is a person then.
        """
        runs = [runs[0] for runs in self._by_split(data, model)]
        if not all("user" in run.users for run in runs):
            return None
        parts = [run.users["user"] for run in runs]
        return parts if self._worlds(data) else np.concatenate(parts)

    def tested(self, data: str, metric: str) -> str:
        """Return who has a value of a metric: "400 users in each of 3 worlds".

        Raises:
            ValueError: there is no such data set or metric, or it is not stored who
                the rows are.
        """
        model = next(iter(self.models(data)), "")
        found = self.values(data, model, metric)
        people = self.people(data, model)
        if people is None:
            raise ValueError(f"data must have its users stored, got {data!r}")
        splits = self.study.splits[data]
        if not self._worlds(data):
            people, found = [people], [found]
        sizes = [
            len(np.unique(who[~np.isnan(values).any(0)]))
            for who, values in zip(people, found, strict=True)
        ]
        least, most = min(sizes), max(sizes)
        users = f"{most:,}" if least == most else f"{least:,} to {most:,}"
        if self._worlds(data):
            return f"{users} users in each of {splits} worlds"
        return f"{users} users of " + ("one cut" if splits == 1 else f"{splits} cuts")

    def mean(self, data: str, model: str, metric: str) -> float:
        """Return the mean over seeds and test rows, each world counted alike."""
        values = self.values(data, model, metric)
        parts = values if self._worlds(data) else [values]
        return float(np.mean([np.nanmean(part) for part in parts]))

    def compare(
        self, data: str, metric: str, a: str, b: str, *, cut_off: bool = False
    ) -> Comparison:
        """Compare two models by a metric, paired over users.

        Args:
            cut_off: allow a model whose training was cut off.

        Raises:
            CutOff: a model's training was cut off.
        """
        if not cut_off:
            for model in (a, b):
                if self.is_cut_off(data, model):
                    raise CutOff(f"{model} on {data} had its best epoch at the end")
        pair = (self.values(data, model, metric) for model in (a, b))
        return compare(*pair, users=self.people(data, a))

    def is_cut_off(self, data: str, model: str) -> bool:
        """Whether any run of a model had its best epoch too near to the end."""
        runs = [run for part in self._by_split(data, model) for run in part]
        return any(self.study.cut_off(run.row) for run in runs)

    def table(
        self, data: str, metric: str, against: str, models: Sequence[str] | None = None
    ) -> pd.DataFrame:
        """Compare many with one.

        Returns:
            A row for each model, the best mean first: ``mean``; ``difference``,
            ``low`` and ``high`` to ``against``; ``p``, corrected after Holm; ``mark``,
            "+" or "−" where it is under .05, "cut off" where no claim rests on it.
        """
        names = list(models or self.models(data))
        found = corrected(
            {
                model: self.compare(data, metric, model, against, cut_off=True)
                for model in names
                if model != against
            }
        )
        rows = {}
        for model in names:
            *gap, p = found.get(model, (np.nan,) * 4)
            mark = found[model].mark if model in found else ""
            if self.is_cut_off(data, model):
                mark = "cut off"
            rows[model] = (self.mean(data, model, metric), *gap, p, mark)
        columns = ["mean", "difference", "low", "high", "p", "mark"]
        table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
        return table.sort_values("mean", ascending=False)

    def models(self, data: str) -> list[str]:
        """Return the counts and the families that a data set has runs of."""
        rows = self.runs[self.runs["data"] == data]
        return list(dict.fromkeys(rows["model"]))

    def _worlds(self, data: str) -> bool:
        return self.study.levels[data] == "worlds"

    def _by_split(self, data: str, model: str) -> list[list[Run]]:
        found = self._index.get((data, model))
        if found is None:
            known = ", ".join(f"{d}: {m}" for d, m in self._index)
            raise ValueError(f"model must be one of {known}, got {data}: {model}")
        return list(found.values())

    @cached_property
    def _index(self) -> dict[tuple[str, str], dict[int, list[Run]]]:
        index: dict[tuple[str, str], dict[int, list[Run]]] = {}
        for run in self._runs:
            of_model = index.setdefault((run.name["data"], run.name["model"]), {})
            of_model.setdefault(run.name["split"], []).append(run)
        return index

    @staticmethod
    def _table(runs: Sequence[Run]) -> pd.DataFrame:
        rows = []
        for run in runs:
            name = {k: v for k, v in run.name.items() if k != "setting"}
            means = {
                k: np.nan if np.isnan(v).all() else np.nanmean(v)
                for k, v in run.users.items()
                if k != "user"
            }
            rows.append({**name, **run.name["setting"], **run.row, **means})
        return pd.DataFrame(rows)
