"""``python -m seqviz.course``: collect, mark, autograde and give back a class's work.

    collect  <course> <assignment>   received/ to submitted/, as nbgrader reads it
    mark     <course> <assignment>   the table and the reports, without nbgrader
    nbgrader <course> <assignment>   collect, autograde, generate_feedback

``make course`` writes a course.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

from seqviz.course.classroom import mark_class
from seqviz.course.collect import collect
from seqviz.course.release import environment


def main(given: list[str] | None = None) -> int:
    """Do one of the three; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m seqviz.course",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", choices=["collect", "mark", "nbgrader"])
    parser.add_argument("course", type=Path, help="the folder that make course wrote")
    parser.add_argument("assignment")
    parser.add_argument("--processes", type=int, help="side by side, for mark")
    said = parser.parse_args(given)
    try:
        if said.what == "mark":
            return _mark(said)
        for one in collect(said.course, said.assignment):
            for note in one.notes:
                print(f"{one.student}: {note}")
        return _nbgrader(said) if said.what == "nbgrader" else 0
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2


def _mark(said: argparse.Namespace) -> int:
    start = time.perf_counter()
    marks = mark_class(said.course, said.assignment, processes=said.processes)
    for one in marks:
        print(f"{one.student}: {one.points:g} {' '.join(one.notes)}".rstrip())
    seconds = time.perf_counter() - start
    print(f"{len(marks)} submissions in {seconds:.1f} s")
    return 0


def _nbgrader(said: argparse.Namespace) -> int:
    """Let nbgrader autograde and write the feedback; its own word on what failed."""
    worst = 0
    for step in ("autograde", "generate_feedback"):
        command = ["-m", "nbgrader", step, said.assignment, "--force"]
        done = subprocess.run(
            [sys.executable, *command], cwd=said.course, env=environment()
        )
        worst = max(worst, done.returncode)
    return worst


if __name__ == "__main__":
    sys.exit(main())
