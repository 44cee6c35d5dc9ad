"""nbgrader's autograde with our marker in the place of a kernel."""

import html
from functools import cache
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, v4
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Unicode

from seqviz.course.apart import Marker
from seqviz.course.assignment import Course, read_course
from seqviz.course.collect import NOTES
from seqviz.course.marking import Mark, mark
from seqviz.course.release import released, start_of
from seqviz.course.submission import read_submission


class MarkApart(NbGraderPreprocessor):
    """Put the points of our marker where nbgrader looks for a kernel's.

    In ``Autograde.autograde_preprocessors`` it stands where ``Execute`` would. No
    cell runs in nbgrader's process, and nothing that a student printed is shown.
    """

    course = Unicode(".", help="the folder of the course").tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Mark one submission."""
        told = resources["nbgrader"]
        folder = Path(self.course)
        course, name = _course(folder), told["assignment"]
        assignment = course.assignment(name)
        release = released(folder, name)
        submission = read_submission(
            folder / "submitted" / told["student"] / name, assignment, release
        )
        marks = mark(
            submission,
            assignment,
            _marker(),
            start=start_of(release),
            secret=course.secret,
        )
        by_id = {one.item.points_id: one for one in marks.marks}
        for cell in nb.cells:
            if cell.cell_type == "code":
                tag = cell.metadata.get("nbgrader", {})
                found = by_id.get(tag.get("grade_id", ""))
                cell.outputs = _outputs(found) if found else []
                cell.execution_count = None
        notes = list(marks.notes)
        kept = folder / "submitted" / told["student"] / name / NOTES
        if kept.is_file():
            notes = kept.read_text(encoding="utf-8").splitlines() + notes
        if notes:
            text = "\n".join(f"- {note}" for note in dict.fromkeys(notes))
            nb.cells.insert(0, v4.new_markdown_cell(f"**Noticed:**\n\n{text}"))
        return nb, resources


def _outputs(mark: Mark) -> list[NotebookNode]:
    """Return the verdict as a paragraph and the points as a plain number."""
    shown = {
        "text/plain": mark.text,
        "text/html": f"<p>{html.escape(mark.text)}</p>",
    }
    number = {"text/plain": repr(float(mark.points))}
    return [
        v4.new_output("display_data", data=shown),
        v4.new_output("execute_result", data=number, execution_count=1),
    ]


@cache
def _marker() -> Marker:
    """Return the process for all submissions; it ends with this one."""
    return Marker()


@cache
def _course(folder: Path) -> Course:
    return read_course(folder)
