"""``python -m benchmarks.course einsum --students 20``: one class, marked twice.

First by nbgrader as it comes, a kernel for each submission, then by our marker with two
processes. The marks have to be the same to the point.
"""

import argparse
import csv
import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from nbgrader.api import Gradebook

from benchmarks.course.students import KINDS, answers, kinds_of
from seqviz.course.assignment import Assignment, read_course
from seqviz.course.collect import collect
from seqviz.course.release import environment, release
from seqviz.site.assignments.write import write_course

#: nbgrader as it comes, and only what makes it fair.
_KERNEL = """\
c = get_config()
c.CourseDirectory.course_id = "seqviz"
c.OverwriteCells.add_missing_cells = True
c.IgnorePattern.enabled = True
c.IgnorePattern.pattern = r"Warning|it/s|^\\s*$"
c.Execute.timeout = {seconds}
"""
_OURS = """\
import sys
from pathlib import Path
from seqviz.course.apart import Limits
from seqviz.course.classroom import mark_class
name, seconds, processes = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
mark_class(Path(), name, processes=processes, limits=Limits(seconds=seconds))
"""
_SECRET = 20261129

Marks = dict[str, list[float]]


def main(given: Sequence[str] | None = None) -> int:
    """Mark a class twice, print the times; return 1 if the marks differ."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.course",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("chapter", help="the name of its notebook")
    parser.add_argument("--students", type=int, default=20)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=[*KINDS])
    parser.add_argument("--seconds", type=int, default=10, help="of a cell or a call")
    parser.add_argument("--processes", type=int, default=2, help="of our marker")
    said = parser.parse_args(given)
    if said.students < 1:
        parser.error("--students must be at least 1")
    kinds = kinds_of(said.students, said.kinds)
    with TemporaryDirectory() as place:
        folder = Path(place)
        assignment = _class(folder, said.chapter, kinds)
        text = _KERNEL.format(seconds=said.seconds)
        (folder / "nbgrader_config.py").write_text(text, encoding="utf-8")
        theirs = _timed(folder, ["-m", "nbgrader", "autograde", said.chapter])
        limits = [said.chapter, str(said.seconds), str(said.processes)]
        ours = _timed(folder, ["-c", _OURS, *limits])
        pair = _by_nbgrader(folder, assignment), _by_us(folder, assignment)
    found = ", ".join(f"{count} {kind}" for kind, count in Counter(kinds).items())
    print(f"{date.today()}, {platform.machine()}, {os.cpu_count()} cores")
    print(f"{said.chapter}, {said.students} students: {found}")
    for way, (clock, used) in (("a kernel each", theirs), ("our marker", ours)):
        each = clock / said.students
        print(f"{way:13}  {clock:7.1f} s by the clock ({each:.2f} a student)  "
              f"{used:7.1f} s of the processor")  # fmt: skip
    clock, used = theirs[0] / ours[0], theirs[1] / ours[1]
    print(f"{'ratio':13}  {clock:7.1f}    by the clock  {used:.1f} of the processor")
    return _compared(*pair, kinds)


def _class(folder: Path, chapter: str, kinds: list[str]) -> Assignment:
    """Write a course of one assignment, and what every student sent."""
    course = write_course(folder, only=(chapter,), secret=_SECRET)
    assignment = course.assignment(chapter)
    release(folder, [chapter])
    source = folder / "source" / chapter / assignment.notebook
    teachers = json.loads(source.read_text(encoding="utf-8"))
    handed_in = answers(teachers, assignment, kinds)
    for number, (kind, notebook) in enumerate(zip(kinds, handed_in, strict=True)):
        sent = folder / "received" / f"{number:03}-{kind}" / chapter
        sent.mkdir(parents=True)
        (sent / assignment.notebook).write_text(json.dumps(notebook), "utf-8")
    collect(folder, chapter)
    return read_course(folder).assignment(chapter)


def _timed(folder: Path, command: list[str]) -> tuple[float, float]:
    """Run a Python program; return its seconds by the clock and of the processor."""
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
    )
    clock, after = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        print(done.stderr[-2000:], file=sys.stderr)
        raise SystemExit(f"{' '.join(command[:3])} failed")
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return clock - start, used


def _by_nbgrader(folder: Path, assignment: Assignment) -> Marks:
    with Gradebook(f"sqlite:///{folder}/gradebook.db") as gradebook:
        return {
            one.student.id: [
                gradebook.find_grade(
                    item.points_id, assignment.name, assignment.name, one.student.id
                ).auto_score
                for item in assignment.items
            ]
            for one in gradebook.assignment_submissions(assignment.name)
        }


def _by_us(folder: Path, assignment: Assignment) -> Marks:
    table = folder / "marks" / f"{assignment.name}.csv"
    with table.open(encoding="utf-8") as file:
        return {
            row["student"]: [float(row[item.id]) for item in assignment.items]
            for row in csv.DictReader(file)
        }


def _compared(theirs: Marks, ours: Marks, kinds: list[str]) -> int:
    """Say whether all marks are the same, and whether each kind got another sum."""
    for student in sorted(theirs | ours):
        if theirs.get(student) != ours.get(student):
            print(f"{student}: {theirs.get(student)} by nbgrader, "
                  f"{ours.get(student)} by us")  # fmt: skip
    sums = {kind: set[float]() for kind in kinds}
    for student, marks in ours.items():
        sums[student.partition("-")[2]].add(sum(marks))
    for kind, points in sums.items():
        print(f"{kind}: {', '.join(f'{one:g}' for one in sorted(points))} points")
    print(f"the marks {'are the same' if theirs == ours else 'DIFFER'}")
    return int(theirs != ours)


if __name__ == "__main__":
    sys.exit(main())
