"""Peak memory of a few training steps and of an evaluation, each in its own process.

``python -m benchmarks.memory ours training`` prints MiB above what the process held
when imports, models and data stood.
"""

import gc
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from benchmarks.timing import Sizes, training

WORKS = {
    "training": "3 training steps, T {length}, identical work, Adam fused",
    "catalog": "3 steps, T {length}, {items:,} items, ours: by rows, torch-rechub",
    "log": "log of {users_of_log:,} users to batches, RecBole",
    "evaluation": "evaluation of {users} users",
    "din-deepctr": "3 DIN steps, T {length}, dice, deepctr-torch, Adam fused",
    "din-rechub": "3 DIN steps, T {length}, dice, torch-rechub, Adam fused",
}


def table(sizes: Sizes, threads: int, tiny: bool) -> Iterator[tuple[str, float, float]]:
    """Case, our MiB, their MiB."""
    for work, title in WORKS.items():
        peaks = [
            float(
                subprocess.run(
                    [sys.executable, "-m", __name__, side, work, str(threads)]
                    + ["tiny"] * tiny,
                    check=True,
                    text=True,
                    stdout=subprocess.PIPE,
                    cwd=Path(__file__).parents[1],
                ).stdout
            )
            for side in ("ours", "theirs")
        ]
        yield (
            title.format(
                length=sizes.lengths[-1],
                users=sizes.users,
                items=sizes.catalogs[1],
                users_of_log=sizes.log_users,
            ),
            *peaks,
        )


def peak() -> float:
    """The most MiB that this process ever held.

    From /proc where there is one: ``ru_maxrss`` also counts the process that started
    this one.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(x for x in status.read_text().splitlines() if "VmHWM" in x)
        return int(line.split()[1]) / 2**10
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (2**20 if sys.platform == "darwin" else 2**10)


def main(side: str, work: str, threads: int, sizes: Sizes) -> None:
    """Do the work once and print the extra MiB."""
    import faiss
    import torch

    from benchmarks import rechub, retrieval
    from seqviz.experiments import evaluate

    torch.manual_seed(0)
    torch.set_num_threads(threads)
    faiss.omp_set_num_threads(threads)
    if work == "evaluation":
        model, _ = rechub.models(sizes, sizes.items)
        data = retrieval.examples(sizes)
        if side == "ours":
            _measure(lambda: evaluate(model, data, at=[sizes.top]))
        else:
            _measure(lambda: retrieval.user_loop(model, data, sizes.top))
        return
    if work == "log":
        from benchmarks import logs

        logs.folder(sizes)
        run = {"ours": logs.our_batches, "theirs": logs.their_dataset}[side]
        _measure(lambda: run(sizes))
        return
    if work == "catalog":
        step = _catalog_step(side, sizes)
    elif work == "training":
        step = _comirec_step(side, sizes)
    else:
        step = _din_step(side, work, sizes)
    _measure(lambda: [step() for _ in range(3)])


def _measure(run: Callable[[], None]) -> None:
    gc.collect()
    before = psutil.Process().memory_info().rss / 2**20
    run()
    print(f"{peak() - before:.1f}")


def _comirec_step(side: str, sizes: Sizes) -> Callable[[], None]:
    from benchmarks import rechub

    ours, theirs = rechub.models(sizes, sizes.items)
    model, loss = {
        "ours": (ours, rechub.our_loss),
        "theirs": (theirs, rechub.their_loss),
    }[side]
    batches = rechub.steps(sizes, sizes.lengths[-1], sizes.items, pool=1)
    return training(model, loss, batches, fused=True)


def _catalog_step(side: str, sizes: Sizes) -> Callable[[], None]:
    from benchmarks import catalog

    make = {"ours": catalog.our_step, "theirs": catalog.their_step}[side]
    return make(sizes, sizes.catalogs[1])


def _din_step(side: str, work: str, sizes: Sizes) -> Callable[[], None]:
    from benchmarks import din

    length = sizes.lengths[-1]
    if side == "ours":
        model, loss = din.our_model(sizes, "dice"), din.our_loss
    elif work == "din-deepctr":
        model, loss = din.deepctr_model(sizes, length, "Dice"), din.deepctr_loss
    else:
        model, loss = din.rechub_model(sizes, "dice"), din.rechub_loss
    return training(model, loss, din.steps(sizes, length, pool=1), fused=True)


if __name__ == "__main__":
    main(
        sys.argv[1],
        sys.argv[2],
        int(sys.argv[3]),
        Sizes.tiny() if "tiny" in sys.argv else Sizes(),
    )
