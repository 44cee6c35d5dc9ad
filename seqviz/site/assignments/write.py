"""Writes the folder of a course: what a teacher keeps, and what students get."""

import json
import secrets
from pathlib import Path
from typing import Any

from seqviz.course.assignment import FILE, Assignment, Course, read_course
from seqviz.course.museums import museum_of
from seqviz.site.assignments.carried import NAME, carried
from seqviz.site.assignments.chapter import read_exercises, read_figures
from seqviz.site.assignments.notebook import choose, make
from seqviz.site.assignments.puzzles import make_puzzles
from seqviz.site.colab.citations import Citations
from seqviz.site.colab.edition import Press
from seqviz.site.colab.text import Words, labels
from seqviz.site.contents import Page, chapters
from seqviz.site.inputs import ROOT

#: The assignment that belongs to no chapter's exercises.
PUZZLES = "einsum_puzzles"

CONFIGURATION = '''\
"""The settings of nbgrader for this course."""

from pathlib import Path

c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "seqviz"
# The stub stands above the solution, so nothing has to replace it.
c.ClearSolutions.code_stub = {"python": ""}
c.ClearSolutions.text_stub = "*Your answer.*"
# A submission runs in a process of its own, never in a kernel of nbgrader's.
c.MarkApart.course = str(Path(__file__).resolve().parent)
c.Autograde.autograde_preprocessors = [
    "seqviz.course.nbgrader.MarkApart",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
# Marks come as plain numbers; these are for whoever switches the kernel on again.
c.OverwriteCells.add_missing_cells = True
c.IgnorePattern.enabled = True
c.IgnorePattern.pattern = r"Warning|it/s|^\\s*$"
c.Execute.timeout = 60
'''


def write_course(
    folder: Path,
    *,
    plain: bool = False,
    only: tuple[str, ...] = (),
    secret: int | None = None,
    root: Path = ROOT,
) -> Course:
    """Write the sources of all assignments, and nbgrader's settings.

    The secret of a course is drawn once; written again, it gives the same notebooks.

    Args:
        folder: of the course.
        plain: hand out the book's exercises, no variants.
        only: names of assignments; all if empty.
        secret: what variants and cases are drawn from; the folder's own if None.
        root: the checkout.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if secret is None:
        known = (folder / FILE).is_file()
        secret = read_course(folder).secret if known else secrets.randbelow(1 << 31)
    (folder / "nbgrader_config.py").write_text(CONFIGURATION, encoding="utf-8")
    press, archive, assignments = Press("", root), carried(root), {}
    for page in chapters(root):
        name = page.source.stem
        if only and name not in only:
            continue
        words = _words(page, press)
        told = read_exercises(page)
        if not told:
            continue
        tasks = [choose(one, words, None if plain else secret) for one in told]
        title = press.titles[page.name]
        museum = museum_of(f"{name.replace('_', '-')}/tests")
        notebook, assignment = make(name, title, tasks, read_figures(page), museum)
        _put(folder, assignment, notebook, archive)
        assignments[name] = assignment
    if not only or PUZZLES in only:
        notebook, assignments[PUZZLES] = make_puzzles(PUZZLES)
        _put(folder, assignments[PUZZLES], notebook, archive)
    course = Course(assignments, secret)
    course.write(folder)
    return course


def _put(
    folder: Path, assignment: Assignment, notebook: dict[str, Any], archive: bytes
) -> None:
    place = folder / "source" / assignment.name
    place.mkdir(parents=True, exist_ok=True)
    text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    (place / assignment.notebook).write_text(text, encoding="utf-8")
    (place / NAME).write_bytes(archive)


def _words(page: Page, press: Press) -> Words:
    """Return what the roles of a chapter stand for; formulas keep their numbers."""
    named = {name.split("/")[-1]: title for name, title in press.titles.items()}
    cells = json.loads(page.source.read_text(encoding="utf-8"))["cells"]
    texts = ["".join(c["source"]) for c in cells if c["cell_type"] == "markdown"]
    numbers = [label for text in texts for label in labels(text)]

    def title(target: str) -> str:
        return f"*{named[target.split('<')[-1].strip('>').split('/')[-1]]}*"

    return Words(
        cite=Citations(press.bibliography).cite,
        title=title,
        numbers={label: number for number, label in enumerate(numbers, 1)},
    )
