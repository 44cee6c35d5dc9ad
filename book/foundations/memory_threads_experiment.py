"""What does a second thread give? `make experiments`, on a machine that rests.

One layer of width 64 over 32 histories of T clicks, forward alone and forward
and back, as in training, on one thread and on two. A run is a layer at a
length; in it both are timed in turn, and who goes first alternates, so that a
pair has met the same moment. The milliseconds of every turn are stored in
memory_threads_runs.npz, with the load of the machine before and after.
"""

import os
import sys
import time

import numpy as np
import torch

from seqviz.experiments import Study, run_study
from seqviz.experiments.runs import Run
from seqviz.layers import GRU, LSTM, SelfAttention

ROWS, TURNS, THREADS = 32, 20, (1, 2)
LENGTHS = (20, 50, 100, 200, 400)
LAYERS = {"GRU": GRU, "LSTM": LSTM, "self-attention": SelfAttention}
STUDY = Study(
    chapter="foundations/memory_threads",
    date="2026-11-30",
    data={f"T = {n}": {"length": n, "embedding_dim": 64} for n in LENGTHS},
    levels={f"T = {n}": "cuts" for n in LENGTHS},
    splits={f"T = {n}": 1 for n in LENGTHS},
    seeds=1,
    trials=1,
    epochs=1,
    patience=1,
    grid={},
    families={},
    counts=tuple(LAYERS),  # what is measured without training
)


def milliseconds(layer, behaviors, training):
    """Return the time of one call."""
    start = time.perf_counter()
    with torch.set_grad_enabled(training):
        found = layer(behaviors)
        states = found[0] if isinstance(found, tuple) else found
        if training:
            states.sum().backward()
    return 1e3 * (time.perf_counter() - start)


def in_turn(layer, behaviors, training):
    """Return the times of all turns on each number of threads: [TURNS] each."""
    times = {threads: [] for threads in THREADS}
    for turn in range(TURNS):
        for threads in THREADS[:: 1 if turn % 2 else -1]:
            torch.set_num_threads(threads)
            milliseconds(layer, behaviors, training)  # the threads wake up
            took = milliseconds(layer, behaviors, training)
            times[threads].append(took)
    return times


def do(name):
    """Make the run of a name."""
    setting, usual = name["setting"], torch.get_num_threads()
    width, length = setting["embedding_dim"], setting["length"]
    torch.manual_seed(0)
    kind = LAYERS[name["model"]]
    options = {"causal": True} if kind is SelfAttention else {}
    layer = kind(width, **options)
    before, users = os.getloadavg()[0], {}
    for mode, training in (("forward", False), ("training", True)):
        behaviors = torch.randn(ROWS, length, width, requires_grad=training)
        for threads, times in in_turn(layer, behaviors, training).items():
            users[f"{mode}, {threads}"] = np.array(times, dtype=np.float32)
    torch.set_num_threads(usual)
    row = {"load": [before, os.getloadavg()[0]], "cores": os.cpu_count()}
    return Run(name, row, users)


if __name__ == "__main__":
    run_study(STUDY, do, progress="--quiet" not in sys.argv)
