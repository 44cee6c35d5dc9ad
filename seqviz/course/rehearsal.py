"""A rehearsal with made-up students: our marker beside nbgrader's own kernel."""

import copy
import csv
import json
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nbgrader.api import Gradebook

from seqviz.course.assignment import FILE, Assignment, read_course
from seqviz.course.collect import collect
from seqviz.course.release import environment

#: nbgrader as it comes, with a kernel a submission, and only what makes it fair.
_KERNEL = """\
c = get_config()
c.CourseDirectory.course_id = "seqviz"
c.OverwriteCells.add_missing_cells = True
c.IgnorePattern.enabled = True
c.IgnorePattern.pattern = r"Warning|it/s|^\\s*$"
c.Execute.timeout = 60
"""
_WRONG = (
    "    raise KeyError('not yet')",
    "    return None",
    "    return inputs[0]",
    "    return inputs[0] * 0",
    "    return inputs[0].sum()",
)


@dataclass(frozen=True)
class Times:
    """Seconds for one class, by the clock and of the processor.

    Attributes:
        students: in the class.
        kernel: nbgrader with a kernel for each submission, ``(clock, processor)``.
        ours: our marker with two processes.
        same: whether all marks are the same to the point.
    """

    students: int
    kernel: tuple[float, float]
    ours: tuple[float, float]
    same: bool


def rehearse(course: Path, name: str, students: int = 20) -> Times:
    """Mark made-up students twice: with nbgrader's kernel, then with our marker.

    Args:
        course: its folder; the rehearsal works on a copy.
        name: of the assignment.
        students: how many; a third have everything right, the others one item wrong.
    """
    assignment = read_course(course).assignment(name)
    with TemporaryDirectory() as place:
        folder = Path(place) / "course"
        folder.mkdir()
        for part in ("source", "release"):
            shutil.copytree(course / part / name, folder / part / name)
        for file in (FILE, "gradebook.db"):
            shutil.copy(course / file, folder / file)
        (folder / "nbgrader_config.py").write_text(_KERNEL, encoding="utf-8")
        for number, notebook in enumerate(_answers(folder, assignment, students)):
            sent = folder / "received" / f"student-{number:03}" / name
            sent.mkdir(parents=True)
            (sent / assignment.notebook).write_text(json.dumps(notebook), "utf-8")
        collect(folder, name)
        kernel = _timed(folder, ["nbgrader", "autograde", name])
        ours = _timed(folder, ["seqviz.course", "mark", ".", name, "--processes", "2"])
        same = _by_nbgrader(folder, assignment) == _by_us(folder, assignment)
    return Times(students, kernel, ours, same)


def _answers(
    folder: Path, assignment: Assignment, students: int
) -> Iterator[dict[str, Any]]:
    source = folder / "source" / assignment.name / assignment.notebook
    solved = json.loads(source.read_text(encoding="utf-8"))
    for number in range(students):
        notebook = copy.deepcopy(solved)
        if number % 3:
            item = assignment.items[number % len(assignment.items)]
            body = _WRONG[number % len(_WRONG)]
            for cell in notebook["cells"]:
                if cell["metadata"]["nbgrader"]["grade_id"] == item.id:
                    cell["source"] = f"def {item.function}(*inputs):\n{body}"
        yield notebook


def _timed(folder: Path, module: list[str]) -> tuple[float, float]:
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", *module],
        cwd=folder,
        env=environment(),
        capture_output=True,
        check=True,
    )
    clock, after = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return clock - start, used


def _by_nbgrader(folder: Path, assignment: Assignment) -> dict[str, list[float]]:
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


def _by_us(folder: Path, assignment: Assignment) -> dict[str, list[float]]:
    table = folder / "marks" / f"{assignment.name}.csv"
    with table.open(encoding="utf-8") as file:
        return {
            row["student"]: [float(row[item.id]) for item in assignment.items]
            for row in csv.DictReader(file)
        }
