"""The runs behind the dual-attention chapter: `make experiments`.

Trains every reader of the chapter on both planted tasks with five seeds. The
classes and the training loop are those of the notebook itself. A seed changes
the initial weights and the training examples; the exam stays. What each reader
has right of the four versions of every history is stored in
dual_attention_runs.npz.
"""

import ast
import functools
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch

from seqviz.data.planted import four_versions, planted_orders
from seqviz.experiments import Study, run_study
from seqviz.experiments.runs import Run

CHAPTER = Path(__file__).with_name("dual_attention.ipynb")
READERS = {
    "self": "SelfPooling",
    "target": "TargetAttention",
    "dual": "DualAttention",
    "over candidates": "OverCandidates",
}
FIXED = {"embedding_dim": 16, "steps": 2500, "hidden": None}
TASKS = {"relation": FIXED, "relevance": {**FIXED, "steps": 1000}}
STUDY = Study(
    chapter="attention/dual_attention",
    date="2026-11-28",
    data=TASKS,
    levels=dict.fromkeys(TASKS, "cuts"),
    splits=dict.fromkeys(TASKS, 1),
    seeds=5,
    trials=1,
    epochs=1,
    patience=1,
    grid={"learning_rate": (0.01,)},
    families=dict.fromkeys(READERS, {}),
)


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


@functools.cache
def exam(histories, seed):
    """Histories that no training sees, in four versions each."""
    generator = torch.Generator().manual_seed(seed)
    return four_versions(planted_orders(histories, generator=generator))


@torch.no_grad()
def right(model, task, exam):
    """The share of right answers to the four versions of each history: [n]."""
    answers = (model(exam) > 0) == getattr(exam, task).bool()  # [4 n]
    return answers.float().unflatten(0, (-1, 4)).mean(1).numpy()


def do(name):
    """Make the run of a name: train one reader on one task and examine it."""
    book, task, own = chapter(), name["data"], name["setting"]
    torch.manual_seed(name["seed"])
    model = book.Reader(
        getattr(book, READERS[name["model"]])(own["embedding_dim"]),
        E=own["embedding_dim"],
        hidden=own["hidden"],
    )
    rate = own["learning_rate"]
    book.train(model, task, name["seed"], own["steps"], rate)
    found = right(model, task, exam(1000, 10**6))
    row = {"validation": float(right(model, task, exam(200, 2 * 10**6)).mean())}
    users = {"user": np.arange(len(found), dtype=np.int32), "right": found}
    return Run(name, row, users)


if __name__ == "__main__":
    run_study(STUDY, do, progress="--quiet" not in sys.argv)
