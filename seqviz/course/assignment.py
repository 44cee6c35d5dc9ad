"""What a release holds: the items that are marked, and the questions read by hand."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

#: Beside ``source`` and ``release`` in the folder of a course; never handed out.
FILE = "course.json"


@dataclass(frozen=True)
class Item:
    """An exercise in an assignment.

    Attributes:
        id: nbgrader's id of the cell with the answer; the cell with the points has
            ``points_id``.
        exercise: ``"chapter/exercise"``, or a variant's name.
        function: what the answer is called.
        points: the most that it earns.
    """

    id: str
    exercise: str
    function: str
    points: int

    @property
    def points_id(self) -> str:
        """Nbgrader's id of the cell that shows the points."""
        return f"{self.id}-points"


@dataclass(frozen=True)
class Question:
    """A question that is answered in words and marked by hand."""

    id: str
    points: int


@dataclass(frozen=True)
class Assignment:
    """One notebook that is handed out.

    Attributes:
        name: of the assignment and of its notebook.
        version: changes with the cells that students get.
        items: in order.
        questions: in order.
    """

    name: str
    version: str
    items: tuple[Item, ...]
    questions: tuple[Question, ...] = ()

    @property
    def notebook(self) -> str:
        """The notebook's file name."""
        return f"{self.name}.ipynb"

    @property
    def points(self) -> int:
        """The most that the items earn; the questions come on top."""
        return sum(item.points for item in self.items)


@dataclass(frozen=True)
class Course:
    """All assignments, and the secret that their cases are drawn from."""

    assignments: Mapping[str, Assignment]
    secret: int

    def assignment(self, name: str) -> Assignment:
        """The assignment called ``name``.

        Raises:
            ValueError: there is none.
        """
        if name not in self.assignments:
            known = ", ".join(self.assignments)
            raise ValueError(f"assignment must be one of {known}, got {name!r}")
        return self.assignments[name]

    def write(self, folder: Path) -> None:
        """Write it into the folder of a course, for the teacher alone."""
        words = {
            "secret": self.secret,
            "assignments": [asdict(one) for one in self.assignments.values()],
        }
        path = folder / FILE
        path.write_text(json.dumps(words, indent=1) + "\n", encoding="utf-8")
        path.chmod(0o600)


def read_course(folder: Path) -> Course:
    """Read the course in a folder.

    Raises:
        ValueError: there is none.
    """
    path = folder / FILE
    if not path.is_file():
        raise ValueError(f"course must be a folder with {FILE} in it, got {folder}")
    words = json.loads(path.read_text(encoding="utf-8"))
    found = [_assignment(one) for one in words["assignments"]]
    return Course({one.name: one for one in found}, words["secret"])


def _assignment(words: dict[str, Any]) -> Assignment:
    return Assignment(
        words["name"],
        words["version"],
        tuple(Item(**item) for item in words["items"]),
        tuple(Question(**question) for question in words["questions"]),
    )
