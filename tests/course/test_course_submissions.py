"""Whatever is handed in: a line for that student, nothing lost, the rest marked."""

import copy
import csv
import json
import shutil

import pytest
from odd import FULL, NAME, ODD

from seqviz.course.apart import Limits
from seqviz.course.assignment import read_course
from seqviz.course.classroom import mark_class
from seqviz.course.collect import collect
from seqviz.course.submission import read_submission


def _read(students, student="ada"):
    return read_submission(
        students.course / "received" / student / NAME,
        read_course(students.course).assignment(NAME),
        students.release,
    )


def test_odd_submissions_get_a_line_and_the_others_are_marked(students):
    for student, (make, _, _) in ODD.items():
        students.hands_in(student, make(students))
    worded = copy.deepcopy(students.solved)
    question = read_course(students.course).assignment(NAME).questions[0]
    students.cell(worded, question.id)["source"] = "it is *flat*\nto the right"
    students.hands_in("zoe", worded)
    students.hands_in("=bea", students.release)
    above = students.course / "received" / "above"
    shutil.copytree(above.parent / "zoe" / NAME, above)  # in no folder of its own
    marks = {one.student: one for one in mark_class(students.course, NAME, processes=1)}
    assert marks["zoe"].points == FULL and not marks["zoe"].notes
    assert marks["above"].points == FULL and not marks["above"].notes
    reports = students.course / "reports" / NAME
    for student, (_, points, noted) in ODD.items():
        assert marks[student].points == points, student
        report = (reports / f"{student}.md").read_text(encoding="utf-8")
        assert noted in report, student

    table = students.course / "marks" / f"{NAME}.csv"
    with table.open(encoding="utf-8") as file:
        rows = {row["student"]: row["points"] for row in csv.DictReader(file)}
    assert rows["'=bea"] == "0" and rows["zoe"] == str(FULL)
    assert len(rows) == len(ODD) + 3
    assert "> it is *flat*\n> to the right\n" in (reports / "zoe.md").read_text()

    # A second run, of some of them in two processes, writes the same.
    again = {"zoe", "=bea", "renamed"}
    first = {one: (reports / f"{one}.md").read_bytes() for one in again}
    for folder in (students.course / "received").iterdir():
        if folder.name not in again:
            shutil.rmtree(folder)
    mark_class(students.course, NAME, processes=2)
    assert {one: (reports / f"{one}.md").read_bytes() for one in again} == first
    with table.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            assert rows[row["student"]] == row["points"]


#: What the body of one function does, and what its mark says.
BREAKS = {
    "raises": ("raise KeyError('not yet')", "raised KeyError at `raise KeyError("),
    "prints": ("print('x' * 10**8)", "File too large"),
    "never-ends": ("while True: pass", "longer than 8 s"),
    "swells": ("return torch.ones(10**10)", "allocate memory"),
    "leaves": ("import os; os._exit(0)", "ended the process"),
}


def test_what_a_function_does_costs_its_own_points(students):
    for student, (body, _) in BREAKS.items():
        source = f"def my_off_diagonal(similarity):\n    {body}"
        answered = students.with_answer("einsum-off-diagonal", source)
        students.hands_in(student, answered)
    students.hands_in("zoe", students.solved)
    limits = Limits(seconds=8, memory=1 << 29)
    marked = mark_class(students.course, NAME, processes=1, limits=limits)
    marks = {one.student: one for one in marked}
    assert marks.pop("zoe").points == FULL and set(marks) == set(BREAKS)
    for student, found in marks.items():
        (lost,) = [one for one in found.marks if one.points < one.item.points]
        assert lost.points == 0 and lost.item.function == "my_off_diagonal"
        assert BREAKS[student][1] in lost.hint, lost.hint
        assert found.points == FULL - 4


def test_no_folder_no_notebook_and_another_name(students):
    students.hands_in("ada", b"hello", file="einsum.pdf")
    students.hands_in("bea", students.solved, file="einsum (1).ipynb")
    students.hands_in("bea", students.release)  # untouched, beside it
    (students.course / "received" / "cleo").mkdir()
    ada, bea, cleo = (_read(students, one) for one in ("ada", "bea", "cleo"))
    assert "there is einsum.pdf" in ada.notes[0] and not ada.usable
    assert bea.usable and bea.notes == [
        "`einsum (1).ipynb` was read as `einsum.ipynb`."
    ]
    assert any("my_gated" in step.source for step in bea.steps)
    assert cleo.notes == ["no notebook was handed in."]


def test_what_is_submitted_has_every_cell_once_and_the_releases_locked_ones(students):
    notebook = students.with_answer("einsum-gated-points", "2.0")
    notebook["cells"].append(copy.deepcopy(students.cell(notebook, "einsum-pairs")))
    students.hands_in("ada", notebook)
    (found,) = collect(students.course, NAME)
    place = students.course / "submitted" / "ada" / NAME
    submitted = json.loads((place / f"{NAME}.ipynb").read_text(encoding="utf-8"))
    names = [students.id(c) for c in submitted["cells"] if students.id(c)]
    assert sorted(names) == sorted(students.id(c) for c in students.release["cells"])
    assert "score(" in students.cell(submitted, "einsum-gated-points")["source"]
    assert (place / "noticed.txt").read_text().strip() == "\n".join(found.notes)
    received = students.course / "received" / "ada" / NAME / f"{NAME}.ipynb"
    assert json.loads(received.read_text()) == notebook  # as it came


@pytest.mark.parametrize(
    "when, kept",
    [
        ("2026-11-29 12:06:34.725425 UTC", True),
        ("2026-11-29 12:06:34 +0800", True),
        ("yesterday", False),  # nbgrader would stop at it
        ("2026-13-01 12:00:00", False),
        ("", False),
    ],
)
def test_what_nbgraders_exchange_adds_is_kept(students, when, kept):
    place = students.hands_in("ada", students.solved)
    (place / "timestamp.txt").write_text(when)
    (place / "submission_secret.txt").write_text("0a1b")
    collect(students.course, NAME)
    place = students.course / "submitted" / "ada" / NAME
    assert (place / "submission_secret.txt").read_text() == "0a1b"
    assert (place / "timestamp.txt").is_file() is kept


def test_faults_of_the_teacher_are_named(students, tmp_path):
    with pytest.raises(ValueError, match="must be a folder with course.json"):
        mark_class(tmp_path, NAME)
    with pytest.raises(ValueError, match="assignment must be one of einsum, got 'e'"):
        read_course(students.course).assignment("e")
    with pytest.raises(ValueError, match="received must hold a folder a student"):
        mark_class(students.course, NAME)
    (students.course / "received" / "ada").mkdir(parents=True)
    with pytest.raises(ValueError, match="must hold what students sent for einsum"):
        mark_class(students.course, NAME)
