"""Collects what students sent, in plain folders, into the form that nbgrader reads.

``received/<student>/<assignment>/`` holds the files as they came and is never written
to. ``submitted/`` gets one whole notebook a student, with every cell once.
"""

import json
import shutil
from pathlib import Path

from seqviz.course.assignment import read_course
from seqviz.course.release import released
from seqviz.course.submission import Submission, folders, read_submission

#: Beside a submitted notebook: what was odd about the file that came.
NOTES = "noticed.txt"


def collect(course: Path, name: str) -> list[Submission]:
    """Collect an assignment from all students, in the order of their names.

    Raises:
        ValueError: no such course or assignment, or nothing was received.
    """
    assignment, release = read_course(course).assignment(name), released(course, name)
    found = []
    for student, folder in folders(course / "received", assignment).items():
        submission = read_submission(folder, assignment, release)
        submission.student = student
        _keep(submission, course / "submitted" / student / name, name)
        found.append(submission)
    return found


def _keep(submission: Submission, place: Path, name: str) -> None:
    if place.exists():
        shutil.rmtree(place)
    place.mkdir(parents=True)
    text = json.dumps(submission.notebook, indent=1, ensure_ascii=False)
    (place / f"{name}.ipynb").write_text(
        text + "\n", encoding="utf-8", errors="replace"
    )
    if submission.notes:
        notes = "\n".join(submission.notes) + "\n"
        (place / NOTES).write_text(notes, encoding="utf-8", errors="replace")
