"""Large catalogs, measured for the page on scale: `make experiments`.

Two things. Is a table that is moved by rows as good as one that Adam moves
whole? On Online Retail at three moments and in three shops of 100,000 items;
the values of every test user are stored in scale_runs.npz. And what does a
step take, at sizes whose time ``seqviz.experiments.scale`` predicts from
parts: scale_measured.json, measured on the machine that runs this, in
processor time of one thread. A file that is there is kept.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from statistics import median

import torch

from seqviz.data import Batch, load_shop, split_by_user
from seqviz.experiments import Study, run_study
from seqviz.experiments.model_adam import ModelAdam
from seqviz.experiments.results import made_by
from seqviz.experiments.runs import Run, write_whole
from seqviz.experiments.scale import Machine, Work, measure_machine
from seqviz.experiments.tasks import Task, retail_cut
from seqviz.experiments.trial import train_and_measure
from seqviz.layers import NegativeSampler
from seqviz.models import ComiRecSA

MEASURED = Path(__file__).with_name("scale_measured.json")
POINTS = (
    Work(1_000_000),
    Work(5_000_000),
    Work(1_000_000, batch=64, length=20),
)
LARGE = {"embedding_dim": 32, "length": 20, "batch_size": 256}
STUDY = Study(
    chapter="systems/scale",
    date="2026-11-28",
    data={"Online Retail": LARGE, "large shop": LARGE},
    levels={"Online Retail": "cuts", "large shop": "worlds"},
    splits={"Online Retail": 3, "large shop": 3},
    seeds=1,
    trials=1,
    epochs=8,
    patience=3,
    grid={"learning_rate": (4e-3,), "temperature": (0.1,)},
    families={
        "by rows": {"table_optimizer": ("rows",)},
        "dense": {"table_optimizer": ("dense",)},
    },
)


@cache
def large_shop(world: int) -> Task:
    """A shop of 100,000 items."""
    shop = load_shop(1500, seed=world, num_items=100_000)
    clicks = shop.interactions.of_kind("click")
    split = split_by_user(clicks, (0.6, 0.1, 0.3), seed=world)
    return Task(shop.catalog, clicks, split)


TASKS = {"Online Retail": retail_cut, "large shop": large_shop}


def do(name: Mapping[str, object]) -> Run:
    """Make the run of a name."""
    task = TASKS[name["data"]](name["split"])
    targets = torch.from_numpy(task.split.train.truths.flat())
    counts = torch.bincount(targets, minlength=task.catalog.num_items + 1)

    def make(num_items, length, *, embedding_dim, **options):
        sampler = NegativeSampler.log_uniform(counts)
        options |= {"sampler": sampler, "num_negatives": 512}
        return ComiRecSA(num_items, embedding_dim, 4, **options)

    return train_and_measure(name, task, make, by_strength=False)


def step_of(work: Work) -> Callable[[], None]:
    """A training step of that size, as ``fit`` takes it, on uniform ids."""
    model = ComiRecSA(
        work.items,
        work.dim,
        work.interests,
        temperature=0.1,
        sampler=NegativeSampler.uniform(work.items),
        num_negatives=work.negatives,
    )
    adam = ModelAdam(model, 1e-3, "rows")
    adam.open()

    def step() -> None:
        shape = work.batch, work.length + 1
        ids = torch.randint(1, work.items + 1, shape)
        history, target = ids[:, 1:].contiguous(), ids[:, 0].contiguous()
        batch = Batch(
            history, history != 0, target, target[:, None], target, target
        )
        model.zero_grad(set_to_none=True)
        model.loss(batch).backward()
        adam.step()

    return step


def measure(rounds: int = 7) -> dict[str, object]:
    """The machine's parts and the points in turn, medians over the rounds."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    steps = [step_of(work) for work in POINTS]
    for step in steps:
        step(), step()
    machines, times = [], [[] for _ in POINTS]
    for _ in range(rounds):
        machines.append(measure_machine(repeats=3))
        for step, own in zip(steps, times, strict=True):
            for _ in range(3):
                start = time.process_time()
                step()
                own.append(time.process_time() - start)
    parts = [median(column) for column in zip(*machines, strict=True)]
    return {
        "made_by": made_by("make experiments", torch.device("cpu")),
        "machine": Machine(*parts)._asdict(),
        "points": [
            {**work._asdict(), "seconds": median(own)}
            for work, own in zip(POINTS, times, strict=True)
        ],
    }


if __name__ == "__main__":
    if not MEASURED.exists():
        text = json.dumps(measure(), indent=1) + "\n"
        write_whole(MEASURED, text.encode())
    run_study(STUDY, do, progress="--quiet" not in sys.argv)
