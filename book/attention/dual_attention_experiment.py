"""The runs behind the dual-attention chapter: `make experiments`.

Trains every reader of the chapter on both planted tasks with several seeds and
writes one row per run to dual_attention_results.csv. The classes and the
training loop are those of the notebook itself. A seed changes the initial
weights and the training examples; the exam stays. With --only TEXT the readers
whose name holds the text run again and the other rows stay.
"""

import argparse
import ast
import functools
import json
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import torch
from tqdm import tqdm

from seqviz.data.planted import four_versions, planted_orders
from seqviz.experiments import write_results

CHAPTER = Path(__file__).with_name("dual_attention.ipynb")
RESULTS = Path(__file__).with_name("dual_attention_results.csv")
EMBEDDING_DIM, HIDDEN, EXAM = 16, 32, 1000
TASKS = ("relevance", "relation")
#: Name to the class of the attention, the head, and the tasks it is trained on.
READERS = {
    "self": ("SelfPooling", "inner product", TASKS),
    "target": ("TargetAttention", "inner product", TASKS),
    "dual": ("DualAttention", "inner product", TASKS),
    "over candidates": ("OverCandidates", "inner product", TASKS),
    "self, network": ("SelfPooling", "network", TASKS[1:]),
    "target, network": ("TargetAttention", "network", TASKS[1:]),
    "dual, network": ("DualAttention", "network", TASKS[1:]),
}


@functools.cache
def chapter():
    """The imports and definitions of the notebook, nothing else of it."""
    names: dict = {}
    kept = ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef
    for cell in json.loads(CHAPTER.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            body = ast.parse("".join(cell["source"])).body
            module = ast.Module([n for n in body if isinstance(n, kept)], [])
            exec(compile(module, CHAPTER.name, "exec"), names)  # noqa: S102
    return SimpleNamespace(**names)


def run(job):
    """Train one reader on one task and examine it."""
    name, task, seed = job
    torch.set_num_threads(1)  # one process a core already
    attention, head, _ = READERS[name]
    book = chapter()
    torch.manual_seed(seed)
    model = book.Reader(
        getattr(book, attention)(EMBEDDING_DIM),
        E=EMBEDDING_DIM,
        hidden=HIDDEN if head == "network" else None,
    )
    book.train(model, task, seed)
    exam = planted_orders(EXAM, generator=torch.Generator().manual_seed(10**6))
    score = book.accuracy(model, task, four_versions(exam))
    row = {
        "reader": name.split(",")[0],
        "head": head,
        "task": task,
        "seed": seed,
    }
    return row | {"accuracy": round(score, 5)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--only", default="", metavar="TEXT")
    arguments = parser.parse_args()
    jobs = [
        (name, task, seed)
        for name, (_, _, tasks) in READERS.items()
        for task in tasks
        for seed in range(arguments.seeds)
        if arguments.only in name
    ]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        rows = pd.DataFrame(tqdm(pool.map(run, jobs), total=len(jobs)))
    write_results(
        RESULTS,
        rows,
        command=f"make experiments ({arguments.seeds} seeds)",
        key=["reader", "head", "task", "seed"] if arguments.only else [],
    )


if __name__ == "__main__":
    main()
