"""Marks a whole class: a few warm processes, a fork for each submission."""

import csv
import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

from seqviz.course.apart import Limits, Marker
from seqviz.course.assignment import Assignment, read_course
from seqviz.course.marking import Marks, drawn, mark
from seqviz.course.museums import museum_of
from seqviz.course.release import released, start_of
from seqviz.course.submission import folders, read_submission


def mark_class(
    course: Path,
    name: str,
    *,
    processes: int | None = None,
    limits: Limits | None = None,
    received: str = "received",
) -> list[Marks]:
    """Mark what every student sent, and write the table and the reports.

    Into ``marks/<assignment>.csv`` and ``reports/<assignment>/<student>.md``. Marked
    again, the same files come out.

    Args:
        course: its folder.
        name: of the assignment.
        processes: side by side; as many as there are processors if None.
        limits: what one submission may take.
        received: the folder in which each student has one.

    Raises:
        ValueError: no such course or assignment, or nothing was received.
    """
    told, release = read_course(course), released(course, name)
    assignment = told.assignment(name)
    students = folders(course / received, assignment)
    for item in assignment.items:  # once, before the processes part
        if not museum_of(item.exercise):
            drawn(item.exercise, told.secret)
    job = _Job(students, assignment, release, told.secret, limits)
    count = min(processes or os.cpu_count() or 1, len(students))
    with ProcessPoolExecutor(
        count, multiprocessing.get_context("fork"), initializer=job.start
    ) as pool:
        marks = list(pool.map(_mark, students))
    _write(course, assignment, marks)
    return marks


class _Job:
    """What the processes share, since they are forks."""

    now: "_Job"

    def __init__(
        self,
        students: dict[str, Path],
        assignment: Assignment,
        release: dict[str, Any],
        secret: int,
        limits: Limits | None,
    ) -> None:
        self.students, self.assignment, self.release = students, assignment, release
        self.secret, self.limits = secret, limits
        self.marker: Marker

    def start(self) -> None:
        """Start this process's marker; it ends with the process."""
        import torch

        torch.set_num_threads(1)
        self.marker = Marker(self.limits)
        Finalize(None, self.marker.close, exitpriority=1)
        _Job.now = self

    def mark(self, student: str) -> Marks:
        """Mark one student; an accident of ours costs nobody else."""
        folder = self.students[student]
        submission = read_submission(folder, self.assignment, self.release)
        submission.student = student
        return mark(
            submission,
            self.assignment,
            self.marker,
            start=start_of(self.release),
            secret=self.secret,
        )


def _mark(student: str) -> Marks:
    return _Job.now.mark(student)


def _write(course: Path, assignment: Assignment, marks: list[Marks]) -> None:
    table = course / "marks" / f"{assignment.name}.csv"
    reports = course / "reports" / assignment.name
    for folder in (table.parent, reports):
        folder.mkdir(parents=True, exist_ok=True)
    with table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["student", *(i.id for i in assignment.items), "points", "of", "noticed"]
        )
        writer.writerows(_row(one, assignment) for one in marks)
    for one in marks:
        text = "\n".join(_report(one, assignment)) + "\n"
        (reports / f"{one.student}.md").write_text(text, encoding="utf-8")


def _row(marks: Marks, assignment: Assignment) -> list[Any]:
    points = [f"{one.points:g}" for one in marks.marks]
    total = [f"{marks.points:g}", assignment.points, " ".join(marks.notes)]
    return [_safe(marks.student), *points, *total]


def _safe(text: str) -> str:
    """Return a text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text[:1] in "=+-@" else text


def _report(marks: Marks, assignment: Assignment) -> Iterator[str]:
    yield f"# {assignment.name}: {marks.points:g} of {assignment.points} points"
    yield ""
    for note in marks.notes:
        yield f"- Noticed: {note}"
    for one in marks.marks:
        yield f"- `{one.item.function}`: {one.text}"
    for question in assignment.questions:
        words = marks.words.get(question.id, "").strip()
        yield f"\n## In words, {question.points} points, marked by a person\n"
        yield "\n".join(f"> {line}" for line in words.splitlines()) or "> (no answer)"
