"""nbgrader itself: release, collect, autograde, feedback, with our marker in it."""

import json
import re
import subprocess
import sys

from nbgrader.api import Gradebook
from odd import FULL, NAME, ODD

from seqviz.course.classroom import mark_class
from seqviz.course.collect import collect
from seqviz.course.release import environment

#: Of these one is enough here for each thing that nbgrader stumbles over.
STUMBLES = ("zeros", "doubled", "untagged", "shorter", "utf16")
FORGETS = "def my_off_diagonal(similarity):\n    return similarity.{}"


def _step(course, step):
    command = [sys.executable, "-m", "nbgrader", step, NAME, "--force"]
    done = subprocess.run(
        command, cwd=course, env=environment(), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]


def _gradebook(course):
    """Return the points of every student, cell by cell."""
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        return {
            one.student.id: {
                grade.name: grade.auto_score
                for notebook in one.notebooks
                for grade in notebook.grades
            }
            for one in gradebook.assignment_submissions(NAME)
        }


def test_the_release_holds_no_solution_and_no_secret(released_course):
    for path in (released_course / "release").rglob("*"):
        if path.suffix == ".ipynb":
            text = path.read_text(encoding="utf-8")
            assert "SOLUTION" not in text and "For the teacher" not in text
            assert "einsum('" not in text and "torch.einsum(" not in text
        assert path.name != "course.json"


def test_the_stub_of_a_release_is_the_chapters(released_course):
    path = released_course / "release" / "einsum" / "einsum.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cell = next(
        c
        for c in notebook["cells"]
        if c["metadata"]["nbgrader"]["grade_id"] == "einsum-pairs"
    )
    assert "".join(cell["source"]).rstrip() == (
        "def my_pairs(fields, strength):\n    # your code\n    return None"
    )


def test_a_class_is_marked_by_nbgrader_as_by_us(released_students):
    item = "einsum-off-diagonal"
    answers = {
        "raises": FORGETS.format("nothing"),
        "ends": "import os\ndef my_off_diagonal(similarity):\n    os._exit(0)",
    }
    for student, source in answers.items():
        released_students.hands_in(student, released_students.with_answer(item, source))
    place = released_students.hands_in("solved", released_students.solved)
    (place / "submission_secret.txt").write_text("0a1b")  # as nbgrader's exchange does
    released_students.hands_in("stub", released_students.release)
    for student in STUMBLES:
        released_students.hands_in(student, ODD[student][0](released_students))
    collect(released_students.course, NAME)
    ours = {
        one.student: one
        for one in mark_class(released_students.course, NAME, processes=1)
    }
    _step(released_students.course, "autograde")
    first = _gradebook(released_students.course)
    assert set(first) == set(ours)
    for student, points in first.items():
        mine = {mark.item.points_id: mark.points for mark in ours[student].marks}
        assert {name: points[name] for name in mine} == mine, student
    totals = {student: one.points for student, one in ours.items()}
    lost = FULL - 4
    assert totals == {
        "solved": FULL, "stub": 0, "raises": lost, "ends": lost,
        **{student: ODD[student][1] for student in STUMBLES},
    }  # fmt: skip
    _step(released_students.course, "autograde")
    assert _gradebook(released_students.course) == first

    _step(released_students.course, "generate_feedback")

    def feedback(student):
        page = released_students.course / "feedback" / student / NAME / f"{NAME}.html"
        return page.read_text(encoding="utf-8")

    solved = released_students.course / "feedback" / "solved" / NAME
    assert (solved / "submission_secret.txt").read_text() == "0a1b"
    assert "ended the process" in feedback("ends")
    assert "has no attribute" in feedback("raises")
    for student in STUMBLES:
        said = ODD[student][2].replace("`", "")
        assert said in re.sub("<.*?>", "", feedback(student)), student
    assert "nothing returned yet" in feedback("stub")
