"""All that is tried within a budget: counts, settings in rounds, the chosen ones.

Every trial is a file of its own in a folder. A call that finds it does not do it again,
so what was interrupted goes on where it was.
"""

import hashlib
import math
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice, repeat
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from seqviz.data import Batch, Batches
from seqviz.experiments import Study, fit
from seqviz.experiments.bars import tqdm
from seqviz.experiments.runs import Run, Runs
from seqviz.experiments.study import BEFORE
from seqviz.experiments.trial import prepared, validation_recall
from seqviz.models import Retriever
from seqviz.report.counts import NO_SESSIONS, allowed, has_sessions
from seqviz.report.families import FAMILIES, GRID, LARGE, build, fitting
from seqviz.report.measures import longest, measure
from seqviz.report.reading import Log
from seqviz.report.rows import Rows

STEPS = 200  # most batches of an epoch
LENGTH = 50
WIDTH = 32
ROUNDS = (3, 9)  # epochs of the first trials, and of the better half
EPOCHS, PATIENCE = 100, 5  # of the chosen setting
USUAL = 25  # epochs that a training is expected to take
FEWEST = 8  # epochs that there has to be time for
LOOK = 20  # batches, from which the time of an epoch is told
COUNTING = 0.35  # of the budget
NO_TIME = "no time was left"
#: What is afforded: settings of each family and seeds of the chosen one, best first.
PLANS = ((6, 3), (4, 3), (4, 2), (3, 2), (2, 2), (2, 1), (1, 1))


@dataclass
class Budget:
    """Seconds of work; what a file remembers of earlier calls counts too.

    Attributes:
        seconds: in all; None is without an end.
        spent: so far.
    """

    seconds: float | None
    spent: float = field(default=0.0)

    @property
    def left(self) -> float:
        """Seconds that remain, infinite without an end."""
        return math.inf if self.seconds is None else self.seconds - self.spent

    def __str__(self) -> str:
        if self.seconds is None:
            return "no limit"
        minutes, seconds = divmod(max(0, round(self.left)), 60)
        return f"{minutes}:{seconds:02d} left"


class Method(NamedTuple):
    """One method as it is reported.

    Attributes:
        name: of the family or the count.
        trained: whether it was; else it was counted.
        runs: one for each seed, a count has one.
        setting: what validation chose.
        cut_off: whether the budget ended a training whose best epoch was near its end.
    """

    name: str
    trained: bool
    runs: list[Run]
    setting: Mapping[str, Any]
    cut_off: bool

    def values(self, part: str, metric: str) -> np.ndarray:
        """A metric of every user: ``[S, U]``, of a count ``[U]``."""
        rows = [run.users[f"{part}/{metric}"] for run in self.runs]
        return np.stack(rows) if self.trained else rows[0]

    @property
    def seconds(self) -> float:
        """What its reported runs took."""
        return sum(run.row["seconds"] for run in self.runs)


class Tried(NamedTuple):
    """What a call of ``carry_out`` found.

    Attributes:
        methods: those that have a result.
        trials: settings that each family tried.
        seeds: trainings of the chosen setting.
        left_out: name to the reason.
        length: T, how much of a history the trained ones read.
        enough: seconds of a budget, by what the first looks took, that would hold the
            shortest plan for all families, and the longest one.
    """

    methods: list[Method]
    trials: int
    seeds: int
    left_out: dict[str, str]
    length: int
    enough: tuple[float, float] = (0.0, 0.0)


class Trials:
    """The trials of one log in one folder.

    Args:
        log: what is to be learned.
        folder: where the files are kept.
        budget: what may be spent.
        progress: show a bar.
    """

    def __init__(
        self, log: Log, folder: Path, budget: Budget, progress: bool = True
    ) -> None:
        self.log, self.budget = log, budget
        self.runs = Runs(folder)
        self.folder = folder
        self._warm = False
        self.mark = fingerprint(log)
        self.length = min(LENGTH, max(2, longest(log)))
        self.rows = Rows(log, self.length)
        self.bar = tqdm(unit="step", disable=not progress, total=0)

    def carry_out(
        self,
        *,
        trials: int | None = None,
        seeds: int | None = None,
        epochs: int = EPOCHS,
        families: Sequence[str] | None = None,
    ) -> Tried:
        """Do what is missing; see ``seqviz.report.report`` for the arguments."""
        catalog = self.log.task.catalog.num_items
        possible = fitting(catalog)
        wanted = possible if families is None else families
        names = [name for name in wanted if name in possible]
        counts, left_out = allowed(self.log)
        for name in set(FAMILIES) - set(possible):
            left_out[name] = f"needs all of more than {LARGE:,} items at every step"
        if not has_sessions(self.log):
            for name in [name for name in names if FAMILIES[name].sessions]:
                names.remove(name)
                left_out[name] = NO_SESSIONS
        with self.bar:
            self.bar.total = len(counts) + len(names)
            methods = []
            for place, (name, make) in enumerate(counts.items()):
                if methods and self.budget.left <= 0:
                    left_out[name] = NO_TIME
                else:
                    methods.append(self._counted(name, make, len(counts) - place))
            times: dict[str, float] = {}
            looks: list[float] = []
            for name in names:
                promised = sum(times.values()) * FEWEST
                if self.budget.left <= promised:  # a look would take of it
                    left_out[name] = NO_TIME
                    continue
                looks.append(self._epoch(name))
                if promised + looks[-1] * FEWEST <= self.budget.left:
                    times[name] = looks[-1]
                else:
                    left_out[name] = NO_TIME
            enough = self._enough(looks, len(names))
            planned = plan(times, self.budget.left)
            trials = planned[0] if trials is None else trials
            seeds = planned[1] if seeds is None else seeds
            self.bar.total += len(times) * (rounds_of(trials) + seeds)
            chosen = {name: self._chosen(name, trials, epochs) for name in times}
            finals = self._finals(chosen, times, seeds, epochs, left_out)
        common = min(map(len, finals.values()), default=0)
        for name, runs in finals.items():
            runs = runs[:common]
            late = any(cut_off(run.row) for run in runs)
            methods.append(Method(name, True, runs, chosen[name], late))
        return Tried(methods, trials, common, left_out, self.length, enough)

    def _enough(self, looks: Sequence[float], families: int) -> tuple[float, float]:
        """What the shortest and the longest plan ask, see ``Tried``."""
        if not looks:
            return 0.0, 0.0
        epoch = sum(looks) / len(looks) * families
        short, long = (epochs_of(*PLANS[end]) * epoch for end in (-1, 0))
        return self.budget.spent + short, self.budget.spent + long

    def weights(self, run: Run) -> Retriever:
        """Return the trained model of a reported run."""
        name = run.name
        model = build(
            name["model"],
            self.log.task.catalog.num_items,
            name["setting"]["length"],
            own(name["setting"]),
            self.rows.attributes,
        )
        model.load_state_dict(load_file(self._weights(name)))
        return model.eval()

    def renewed(self, method: Method) -> Retriever:
        """The chosen setting trained once more, on all that was before the test.

        For as many epochs as were best where validation was held back.
        """
        run = method.runs[0]
        epochs = max(1, run.row["best_epoch"])
        named = self._named(method.name, method.setting, epochs, run.name["seed"])
        named["until"] = self.log.moments[1]

        def do(named: Mapping[str, Any]) -> Run:
            began = time.monotonic()
            model, row = self._train(named, validated=False)
            self._keep(named, model)
            row["seconds"] = time.monotonic() - began
            return Run(named, row)

        again = not self._weights(named).is_file()
        self.bar.total += 1
        words = f"{method.name}, on all before the test"
        return self.weights(self._once(named, do, words, again=again))

    def _counted(
        self, name: str, make: Callable[[Any], Mapping[str, Any]], others: int
    ) -> Method:
        """A count with the setting that validation chooses."""

        def do(named: Mapping[str, Any]) -> Run:
            began = time.monotonic()
            best: tuple[float, str, Any] | None = None
            made = make(self.log.task)
            tried = 0
            for setting, recommender in made.items():
                found = validation_recall(recommender, self.log.task, longest(self.log))
                tried += 1
                if best is None or found > best[0]:
                    best = found, setting, recommender
                if time.monotonic() - began > share:
                    break
            users = measure(best[2], self.log, longest(self.log))
            row = {"validation": best[0], "chosen": best[1], "tried": tried}
            row |= {"of": len(made), "seconds": time.monotonic() - began}
            return Run(named, row, users)

        total = self.budget.seconds or math.inf
        share = max(0.0, COUNTING * total - self.budget.spent) / others
        named = {"log": self.mark, "model": name}
        run = self._once(named, do, name, room=share)
        return Method(name, False, [run], {"": run.row["chosen"]}, False)

    def _epoch(self, name: str) -> float:
        """Seconds of an epoch, from a few steps of one."""

        def do(named: Mapping[str, Any]) -> Run:
            if not self._warm:  # a first training pays for what others find ready
                self._train(named, steps=2)
                self._warm = True
            began = time.monotonic()
            _, row = self._train(named, steps=LOOK)
            row["seconds"] = time.monotonic() - began
            return Run(named, row)

        setting = self._settings(name, 1)[0]
        named = self._named(name, setting, 1, 0) | {"steps": LOOK}
        row = self._once(named, do, f"{name}, first look").row
        checking = row["seconds"] - row["training"]
        return row["training"] * row["steps"] / row["looked"] + checking

    def _chosen(self, name: str, trials: int, epochs: int) -> dict[str, Any]:
        """The setting that is left after the rounds."""
        settings = self._settings(name, trials)
        for most in ROUNDS:
            if len(settings) == 1:
                break
            half = math.ceil(len(settings) / 2) if most != ROUNDS[-1] else 1
            few = min(most, epochs)
            words = f"{name}, {len(settings)} settings for {few} epochs"
            found = [self._trial(name, one, few, words) for one in settings]
            order = sorted(range(len(found)), key=lambda i: -found[i].row["validation"])
            settings = [settings[i] for i in order[:half]]
        return settings[0]

    def _finals(
        self,
        chosen: Mapping[str, Mapping[str, Any]],
        times: Mapping[str, float],
        seeds: int,
        epochs: int,
        left_out: dict[str, str],
    ) -> dict[str, list[Run]]:
        """The runs to report, by family: one for each seed that there was time for."""
        done: dict[str, list[Run]] = {name: [] for name in chosen}
        waiting = [(name, seed) for seed in range(seeds) for name in chosen]
        for place, (name, seed) in enumerate(waiting):
            rest = sum(times[other] for other, _ in waiting[place:])
            share = self.budget.left * times[name] / rest
            if share < times[name] and math.isfinite(share):
                if seed == 0:
                    left_out[name] = NO_TIME
                continue
            if len(done[name]) == seed:
                run = self._final(name, chosen[name], seed, epochs, share)
                done[name].append(run)
        done = {name: runs for name, runs in done.items() if runs}
        if math.isfinite(self.budget.left):
            self._more_seeds(done, seeds, chosen, epochs)
        return done

    def _more_seeds(
        self,
        done: Mapping[str, list[Run]],
        seeds: int,
        chosen: Mapping[str, Mapping[str, Any]],
        epochs: int,
    ) -> None:
        """Put time that is left over into further seeds, as many for each family."""
        usual = {name: runs[0].row["seconds"] for name, runs in done.items()}
        for seed in range(seeds, PLANS[0][1]):
            whole = done and all(len(runs) == seed for runs in done.values())
            if not whole or sum(usual.values()) > self.budget.left:
                return
            self.bar.total += len(done)
            waiting = list(done)
            while waiting:
                rest = sum(usual[name] for name in waiting)
                name = waiting.pop(0)
                room = self.budget.left * usual[name] / rest
                run = self._final(name, chosen[name], seed, epochs, room)
                done[name].append(run)

    def _final(
        self, name: str, setting: Mapping[str, Any], seed: int, epochs: int, room: float
    ) -> Run:
        named = self._named(name, setting, epochs, seed) | {"patience": PATIENCE}

        def do(named: Mapping[str, Any]) -> Run:
            began = time.monotonic()
            model, row = self._train(named, room)
            log = self.log._replace(task=self.rows.task(name))
            users = measure(model, log, self.length)
            self._keep(named, model)
            row["seconds"] = time.monotonic() - began
            return Run(named, row, users)

        words = f"{name}, chosen setting, seed {seed}"
        again = not self._weights(named).is_file()
        return self._once(named, do, words, room=room, again=again)

    def _trial(
        self, name: str, setting: Mapping[str, Any], epochs: int, words: str
    ) -> Run:
        def do(named: Mapping[str, Any]) -> Run:
            began = time.monotonic()
            _, row = self._train(named)
            row["seconds"] = time.monotonic() - began
            return Run(named, row)

        return self._once(self._named(name, setting, epochs, 0), do, words)

    def _train(
        self,
        named: Mapping[str, Any],
        seconds: float = math.inf,
        steps: int = STEPS,
        validated: bool = True,
    ) -> tuple[Retriever, dict[str, Any]]:
        family, setting = named["model"], named["setting"]
        task = self.rows.task(family, named.get("until"))

        def make(num_items: int, length: int, **options: Any) -> Retriever:
            return build(family, num_items, length, options, self.rows.attributes)

        checked = 0.0

        def validate(model: Retriever) -> float:
            nonlocal checked
            began = time.monotonic()
            found = validation_recall(model, task, setting["length"])
            checked += time.monotonic() - began
            return found

        began = time.monotonic()
        model, batches = prepared(named, task, make)
        training = fit(
            model,
            _Part(batches, steps),
            validate if validated else None,
            epochs=named["epochs"],
            learning_rate=setting["learning_rate"],
            patience=named.get("patience", named["epochs"]),
            seconds=seconds if math.isfinite(seconds) else None,
            seed=named["seed"],
            progress=False,
        )
        if training.interrupted:
            raise KeyboardInterrupt
        epochs = len(training.log)
        ended = "time" if training.out_of_time else "patience"
        if ended == "patience" and epochs == named["epochs"]:
            ended = "epochs"
        row = {
            "best_epoch": training.best_epoch,
            "validation": training.best_metric,
            "epochs_run": epochs,
            "ended": ended,
            "parameters": sum(p.numel() for p in model.parameters()),
            "training": time.monotonic() - began - checked,
            "steps": min(STEPS, len(batches)),
            "looked": min(steps, len(batches)),
        }
        return model, row

    def _once(
        self,
        named: Mapping[str, Any],
        do: Callable[[Mapping[str, Any]], Run],
        words: str,
        *,
        room: float = math.inf,
        again: bool = False,
    ) -> Run:
        """The run of a name, done if it is missing or may now take much longer."""
        self.bar.set_description(words, refresh=False)
        self.bar.set_postfix_str(str(self.budget))
        run = self.runs.load(named)
        if run is not None:
            row = run.row
            unfinished = row.get("ended") == "time" or row.get("tried", 0) < row.get(
                "of", 0
            )
            again = again or (unfinished and room > 1.5 * row["seconds"])
        if run is None:
            (run,) = self.runs.complete([named], do)
        elif again:
            run = do(named)
            self.runs.save(run)
        self.budget.spent += run.row["seconds"]
        self.bar.set_postfix_str(str(self.budget), refresh=False)
        self.bar.update()
        return run

    def _settings(self, name: str, trials: int) -> list[dict[str, Any]]:
        """What a family tries; fewer are the first of more."""
        grid = {**GRID, **FAMILIES[name].grid}
        size = math.prod(len(values) for values in grid.values())
        most = min(PLANS[0][0], size)
        study = Study(
            chapter="report", date="", data={}, levels={}, splits={}, seeds=1,
            trials=most, epochs=1, patience=1, grid=GRID,
            families={name: FAMILIES[name].grid},
        )  # fmt: skip
        fixed = {
            "embedding_dim": WIDTH,
            "length": self.length,
            "batch_size": 64 if FAMILIES[name].whole else 256,
        }
        return [{**fixed, **one} for one in study.settings(name)[:trials]]

    def _named(
        self, name: str, setting: Mapping[str, Any], epochs: int, seed: int
    ) -> dict[str, Any]:
        return {
            "log": self.mark,
            "model": name,
            "setting": dict(setting),
            "epochs": epochs,
            "seed": seed,
        }

    def _weights(self, named: Mapping[str, Any]) -> Path:
        words = repr(sorted(named.items())).encode()
        return self.folder / f"{hashlib.sha256(words).hexdigest()[:24]}.safetensors"

    def _keep(self, named: Mapping[str, Any], model: torch.nn.Module) -> None:
        path = self._weights(named)
        part = path.with_suffix(f".{os.getpid()}.part")
        save_file({k: v.contiguous() for k, v in model.state_dict().items()}, part)
        os.replace(part, path)


class _Part:
    """So many batches an epoch; the next epoch goes on where the last one stopped."""

    def __init__(self, batches: Batches, steps: int) -> None:
        self._steps = min(steps, len(batches))
        self._stream = chain.from_iterable(repeat(batches))

    def __iter__(self) -> Iterator[Batch]:
        return islice(self._stream, self._steps)


def own(setting: Mapping[str, Any]) -> dict[str, Any]:
    """What a setting says of the model, without what it says of the training."""
    kept = {"learning_rate", "batch_size", "length"}
    return {name: value for name, value in setting.items() if name not in kept}


def cut_off(row: Mapping[str, Any]) -> bool:
    """Whether a training was ended with its best epoch near its end."""
    late = row["best_epoch"] > BEFORE * row["epochs_run"]
    return row["ended"] != "patience" and late


def plan(times: Mapping[str, float], left: float) -> tuple[int, int]:
    """How many settings each family may try, and seeds, if an epoch takes so long."""
    epoch = sum(times.values())
    for trials, seeds in PLANS:
        if epoch * epochs_of(trials, seeds) <= left:
            return trials, seeds
    return PLANS[-1]


def epochs_of(trials: int, seeds: int) -> int:
    """How many epochs of a family a plan is expected to take."""
    return rounds_of(trials, epochs=True) + seeds * USUAL


def rounds_of(trials: int, *, epochs: bool = False) -> int:
    """How many trainings (or epochs) the rounds of a family take."""
    total, settings = 0, trials
    for most in ROUNDS:
        if settings == 1:
            break
        total += settings * (most if epochs else 1)
        settings = math.ceil(settings / 2) if most != ROUNDS[-1] else 1
    return total


def fingerprint(log: Log) -> str:
    """What the trials of a log are known by: events, categories, cuts, who is asked."""
    found = hashlib.sha256()
    table = log.task.interactions.table
    for column in ("user", "item", "time", "session"):
        found.update(table[column].to_numpy().tobytes())
    found.update(log.task.catalog.category_ids.tobytes())
    for part in ("validation", "test"):
        found.update(getattr(log.task.split, part).users.tobytes())
    found.update("\n".join(map(str, log.item_ids)).encode())
    words = (log.moments, log.latest, STEPS, WIDTH, torch.__version__)
    found.update(repr(words).encode())
    return found.hexdigest()[:16]
