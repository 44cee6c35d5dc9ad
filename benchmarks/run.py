"""``python -m benchmarks.run``: one Markdown table, ours beside theirs."""

import argparse
import os
import platform
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import faiss
import torch

from benchmarks import memory
from benchmarks.cases import all_cases
from benchmarks.machine import processor
from benchmarks.timing import Row, Sizes

PACKAGES = ("torch", "torch-rechub", "deepctr-torch", "recbole", "faiss-cpu")
PACKAGES += ("seqviz-book",)
NOTE = (
    "theirs ÷ ours: median of the pairs (quartiles); above 1 ours is faster. A step "
    "is forward, backward and Adam of ComiRec-SA, theirs torch-rechub's. Identical "
    "work: the same weights, batches, loss, dense gradients and optimizer, checked "
    "before timing (benchmarks/rechub.py). Rows with 'ours:' compare different work: "
    "'only its largest kernels' bounds what identical work can reach, the others set "
    "how this book trains beside how theirs does. By rows: what fit does with a large "
    "catalog, uniform ids (benchmarks/catalog.py). Log: the same number of examples "
    "from the same events, once (benchmarks/logs.py). DIN: the same widths and "
    "batches; with sigmoid the same numbers as deepctr-torch, checked before timing "
    "(benchmarks/din.py). DIEN: in deepctr-torch's form the same numbers, checked "
    "before timing (benchmarks/dien.py). ComiRec-DR and MIND: the same votes, another "
    "softmax (benchmarks/routing.py). SASRec: the same parts as RecBole's in another "
    "order, checked before timing (benchmarks/sasrec.py). GRU4Rec: with RecBole's "
    "weights the same loss and gradients, checked before timing "
    "(benchmarks/gru4rec.py); short rows: theirs is the same layer on full rows. "
    "SR-GNN: with RecBole's weights the same loss and gradients, checked before "
    "timing (benchmarks/srgnn.py). BERT4Rec: with RecBole's weights the same loss and "
    "gradients, checked before timing (benchmarks/bert4rec.py). BST: with "
    "torch-rechub's weights the same interest, checked before timing "
    "(benchmarks/bst.py). AFM, SENet, AutoInt, MMoE: forward and backward of the "
    "layer, deepctr-torch's numbers, checked before timing (benchmarks/jobs.py). "
    "Seconds to a Recall: theirs is trained as shipped, its best on validation is the "
    "mark, processor or wall time of the steps alone (benchmarks/quality.py). "
    "Self-attention: theirs is the same products around torch's "
    "F.scaled_dot_product_attention, by hand."
)


def main(arguments: Sequence[str] | None = None) -> str:
    """Run the cases, print the tables, return them."""
    cases = all_cases()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--steps", type=int, default=30, help="pairs a case")
    parser.add_argument(
        "--case", action="append", choices=[*cases, "memory"], help="may be repeated"
    )
    parser.add_argument("--output", type=Path, help="a file for the tables as well")
    parser.add_argument(
        "--cpu-time",
        action="store_true",
        help="processor time instead of wall time, for a busy machine; one thread only",
    )
    parser.add_argument("--tiny", action="store_true", help="only to see it run")
    options = parser.parse_args(arguments)
    if options.threads < 1 or options.steps < 1:
        parser.error("--threads and --steps must be at least 1")
    if options.cpu_time and options.threads > 1:
        parser.error("--cpu-time adds up the threads: use it with --threads 1")
    clock = time.process_time if options.cpu_time else time.perf_counter
    chosen = options.case or [*cases, "memory"]
    sizes = Sizes.tiny() if options.tiny else Sizes()
    torch.set_num_threads(options.threads)
    faiss.omp_set_num_threads(options.threads)

    lines: list[str] = []

    def say(*new: str) -> None:
        lines.extend(new)
        print(*new, sep="\n", flush=True)

    say(header(sizes, options), "", NOTE, "")
    if set(chosen) & set(cases):
        say("| case | ours ms | theirs ms | theirs ÷ ours |", "|---|--:|--:|--:|")
    for name, rows in cases.items():
        if name in chosen:
            torch.manual_seed(0)
            for row in rows(sizes, options.steps, clock):
                say(line(row))
    if "memory" in chosen:
        say("", "| peak memory | ours MiB | theirs MiB | theirs ÷ ours |")
        say("|---|--:|--:|--:|")
        for title, ours, theirs in memory.table(sizes, options.threads, options.tiny):
            say(f"| {title} | {ours:.0f} | {theirs:.0f} | {theirs / ours:.2f} |")
    text = "\n".join(lines) + "\n"
    if options.output:
        options.output.write_text(text)
    return text


def line(row: Row) -> str:
    """One row in Markdown."""
    return (
        f"| {row.case} | {row.ours:.1f} | {row.theirs:.1f} "
        f"| {row.ratio:.2f} ({row.low:.2f} to {row.high:.2f}) |"
    )


def header(sizes: Sizes, options: argparse.Namespace) -> str:
    """Shapes, threads, versions and machine in one paragraph."""
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    clock = "processor" if options.cpu_time else "wall"
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return (
        f"Batch {sizes.batch}, E {sizes.dim}, K {sizes.interests}, "
        f"{sizes.items:,} items, {sizes.negatives} negatives a row; "
        f"{options.threads} thread(s) of {os.cpu_count()} cores ({processor()}{load}), "
        f"{options.steps} pairs a case, {clock} time; {versions}, "
        f"Python {platform.python_version()}; "
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC."
    )


if __name__ == "__main__":
    main()
