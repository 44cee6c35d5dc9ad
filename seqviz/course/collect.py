"""Collects what students sent, in plain folders, into the form that nbgrader reads.

``received/<student>/<assignment>/`` holds the files as they came and is never written
to. ``submitted/`` gets one whole notebook a student, with every cell once.
"""

import json
import shutil
from datetime import datetime
from pathlib import Path

from seqviz.course.assignment import read_course
from seqviz.course.release import released
from seqviz.course.submission import Submission, folders, read_submission

#: Beside a submitted notebook: what was odd about the file that came.
NOTES = "noticed.txt"
#: What nbgrader's exchange adds: when it came, and where its feedback will lie.
_WHEN, _SECRET = "timestamp.txt", "submission_secret.txt"


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
        place = course / "submitted" / student / name
        _keep(submission, place, name)
        _keep_what_the_exchange_added(folder, place)
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


def _keep_what_the_exchange_added(folder: Path, place: Path) -> None:
    for name in (_WHEN, _SECRET):
        path = folder / name
        if not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        if name == _WHEN and not _is_time(text):  # nbgrader would stop at it
            continue
        (place / name).write_text(text, encoding="utf-8")


def _is_time(text: str) -> bool:
    day, _, rest = text.strip().partition(" ")
    try:
        datetime.fromisoformat(f"{day} {rest.partition(' ')[0]}")
    except ValueError:
        return False
    return len(rest.split()) < 3
