"""A course of one assignment, for all tests beside."""

import copy
import json
import shutil

import pytest

from seqviz.course.release import release, released
from seqviz.site.assignments.write import write_course

NAME, SECRET = "einsum", 20261128


@pytest.fixture(scope="session")
def course(tmp_path_factory):
    """Return the folder of a course; tests put students into copies of their own.

    Its release is cut here, in a moment; nbgrader's own is in ``released_course``.
    """
    folder = tmp_path_factory.mktemp("course")
    write_course(folder, only=(NAME,), secret=SECRET)
    path = folder / "source" / NAME / f"{NAME}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        cell["source"] = source.split("### BEGIN SOLUTION")[0]
    place = folder / "release" / NAME
    place.mkdir(parents=True)
    (place / f"{NAME}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def released_course(course, tmp_path_factory):
    """Return the folder of a course that nbgrader has released."""
    folder = tmp_path_factory.mktemp("released") / "course"
    shutil.copytree(course, folder)
    release(folder, [NAME])
    return folder


class Class:
    """Students who hand in what a test says."""

    def __init__(self, course):
        self.course = course
        self.release = released(course, NAME)
        source = course / "source" / NAME / f"{NAME}.ipynb"
        self.solved = json.loads(source.read_text(encoding="utf-8"))

    def hands_in(self, student, notebook, file=f"{NAME}.ipynb"):
        """Put a notebook, or bytes, into the student's folder."""
        place = self.course / "received" / student / NAME
        place.mkdir(parents=True, exist_ok=True)
        raw = notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()
        (place / file).write_bytes(raw)
        return place

    def with_answer(self, item, source, notebook=None):
        """Return the solved notebook with another answer to one item."""
        notebook = copy.deepcopy(notebook or self.solved)
        cell = self.cell(notebook, item)
        cell["source"] = source
        return notebook

    def cell(self, notebook, name):
        """Return the cell that nbgrader calls ``name``."""
        return next(c for c in notebook["cells"] if self.id(c) == name)

    @staticmethod
    def id(cell):
        """Return nbgrader's name of a cell."""
        return cell["metadata"].get("nbgrader", {}).get("grade_id")


@pytest.fixture
def students(course, tmp_path):
    """Return a class in a copy of the course."""
    return Class(shutil.copytree(course, tmp_path / "course"))


@pytest.fixture
def released_students(released_course, tmp_path):
    """Return a class in a copy of the course that nbgrader knows."""
    return Class(shutil.copytree(released_course, tmp_path / "course"))
