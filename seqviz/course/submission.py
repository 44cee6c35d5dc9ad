"""Reads what a student handed in, whatever it is, and says what is odd about it."""

import ast
import copy
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seqviz.course.assignment import Assignment, Item

Cell = dict[str, Any]

_TOO_LARGE = 20_000_000  # bytes


@dataclass(frozen=True)
class Step:
    """A cell to run, under its id if it has one, or an item to mark."""

    source: str = ""
    id: str = ""
    item: Item | None = None


@dataclass
class Submission:
    """One student's answers.

    Attributes:
        student: the name of her folder.
        notebook: what is marked, in the form that nbgrader expects: every cell of the
            release once, under its name.
        steps: the code that she wrote, cell by cell, and between them the places where
            an item is marked.
        own: the code in an item's own cell, by the item's id.
        notes: what was odd, a sentence each.
        usable: False where nothing of hers can be marked.
    """

    student: str
    notebook: dict[str, Any]
    steps: list["Step"] = field(default_factory=list)
    own: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    usable: bool = True

    def defines(self, item_id: str) -> list[str]:
        """The functions and classes that the cell of an item defines."""
        try:
            body = ast.parse(self.own.get(item_id, "")).body
        except SyntaxError:
            return []
        names = [one.name for one in body if isinstance(one, _DEFINITIONS)]
        return list(dict.fromkeys(names))

    def other_name(self, item_id: str, function: str) -> str | None:
        """What she called the function of an item, if its cell defines just one."""
        defined = self.defines(item_id)
        return defined[0] if len(set(defined) - {function}) == 1 else None

    def words(self, assignment: Assignment) -> dict[str, str]:
        """What she wrote to the questions that a person marks, by their ids."""
        asked = {question.id for question in assignment.questions}
        cells = self.notebook["cells"] if self.usable else []
        return {_id(cell): cell["source"] for cell in cells if _id(cell) in asked}


_DEFINITIONS = (ast.FunctionDef, ast.ClassDef)


def folders(received: Path, assignment: Assignment) -> dict[str, Path]:
    """Return each student, in order, and where her files of an assignment lie.

    That is the folder of its name in hers, or hers itself where there is none and a
    notebook lies in it.

    Raises:
        ValueError: there is no student, or nobody has sent a file.
    """
    name = received.name
    students = sorted(path for path in received.glob("*") if path.is_dir())
    if not students:
        raise ValueError(f"{name} must hold a folder a student, got none: {received}")
    found = {student.name: _folder_of(student, assignment) for student in students}
    if not any(
        path.is_file() for folder in found.values() for path in folder.rglob("*")
    ):
        raise ValueError(
            f"{name} must hold what students sent for {assignment.name}, got no file: "
            f"{received}"
        )
    return found


def _folder_of(student: Path, assignment: Assignment) -> Path:
    inner = student / assignment.name
    return student if not inner.is_dir() and any(student.glob("*.ipynb")) else inner


def read_submission(
    folder: Path, assignment: Assignment, release: dict[str, Any]
) -> Submission:
    """Read one student's folder.

    Args:
        folder: of the student; it may hold anything, or be missing.
        assignment: what was handed out.
        release: the notebook that was handed out.
    """
    found = Submission(folder.name, copy.deepcopy(release))
    given = _choose(folder, assignment, release, found.notes)
    if given is None:
        found.usable = False
        return found
    _judge(given, assignment, found)
    if not found.usable:
        return found
    found.notebook = _tidied(given, assignment, release, found.notes)
    locked = {_id(cell) for cell in release["cells"] if _is_locked(cell)}
    marked = {item.points_id: item for item in assignment.items}
    for cell in found.notebook["cells"]:
        name = _id(cell)
        if name in marked:
            found.steps.append(Step(item=marked[name]))
        elif cell["cell_type"] == "code" and name not in locked:
            found.steps.append(Step(cell["source"], name))
            if name:
                found.own[name] = cell["source"]
    return found


def _choose(
    folder: Path, assignment: Assignment, release: dict, notes: list[str]
) -> dict | None:
    """Return the notebook that is meant, or None."""
    paths = sorted(folder.rglob("*.ipynb")) if folder.is_dir() else []
    paths = [path for path in paths if ".ipynb_checkpoints" not in path.parts]
    if not paths:
        others = sorted(p.name for p in folder.rglob("*") if p.is_file())
        what = f"; there is {', '.join(others[:3])}" if others else ""
        notes.append(f"no notebook was handed in{what}.")
        return None
    read = [(path, _read(path, notes)) for path in paths]
    known = [(path, notebook) for path, notebook in read if notebook is not None]
    if not known:
        return None

    def fits(pair: tuple[Path, dict]) -> tuple[bool, bool, bool]:
        path, notebook = pair
        return (
            _identity(notebook).get("assignment") == assignment.name,
            not _is_untouched(notebook, release),
            path.name == assignment.notebook,
        )

    path, notebook = max(known, key=fits)
    if path.name != assignment.notebook:
        notes.append(f"`{path.name}` was read as `{assignment.notebook}`.")
    elif len(known) > 1:
        notes.append(f"{len(known)} notebooks were handed in; this is `{path.name}`.")
    return notebook


def _read(path: Path, notes: list[str]) -> dict | None:
    """Return a notebook with only what can be used, or None and a note."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        notes.append(f"`{path.name}` could not be read: {error.strerror}.")
        return None
    if len(raw) > _TOO_LARGE:
        size = len(raw) / 1e6
        notes.append(f"`{path.name}` has {size:.0f} MB; it must have less than 20.")
        return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        utf16 = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
        text = raw.decode("utf-16" if utf16 else "utf-8", errors="replace")
        notes.append(
            f"`{path.name}` is not UTF-8 text: "
            + ("it was read as UTF-16." if utf16 else "some signs were lost.")
        )
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError) as error:
        said = str(error).split(":")[0]
        notes.append(f"`{path.name}` is no notebook: {said or 'it cannot be read'}.")
        return None
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        older = isinstance(notebook, dict) and "worksheets" in notebook
        what = "of Jupyter's old format 3" if older else "without cells"
        notes.append(f"`{path.name}` is a notebook {what}.")
        return None
    cells = [_plain(cell) for cell in notebook["cells"]]
    if None in cells:
        notes.append(f"{cells.count(None)} cells could not be read and were left out.")
    metadata = notebook.get("metadata")
    return {
        "cells": [cell for cell in cells if cell],
        "metadata": metadata if isinstance(metadata, dict) else {},
    }


def _plain(cell: Any) -> Cell | None:
    """Return a cell with its source in one string and no outputs, or None."""
    if not isinstance(cell, dict):
        return None
    source, kind = cell.get("source"), cell.get("cell_type")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str) or kind not in ("code", "markdown", "raw"):
        return None
    metadata = cell.get("metadata")
    tag = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    kept = {"nbgrader": tag} if isinstance(tag, dict) else {}
    return {"cell_type": kind, "source": source, "metadata": kept}


def _judge(given: dict, assignment: Assignment, found: Submission) -> None:
    """Say whose file it is and of which version; unusable if of another assignment."""
    ids = {_id(cell) for cell in given["cells"]}
    wanted = {item.id for item in assignment.items}
    identity = _identity(given)
    name = identity.get("assignment", assignment.name)
    if name != assignment.name:
        found.notes.append(f"this is the notebook of `{name}`.")
        found.usable = False
        return
    code = "\n".join(c["source"] for c in given["cells"] if c["cell_type"] == "code")
    named = any(f"{item.function}(" in code for item in assignment.items)
    if not ids & wanted and not named:
        found.notes.append(f"none of its cells belongs to `{assignment.name}`.")
        found.usable = False
        return
    version = identity.get("version", assignment.version)
    if version != assignment.version:
        found.notes.append(
            f"it was made from version {version}, this is {assignment.version}: what "
            "is in both was marked."
        )


def _tidied(
    given: dict, assignment: Assignment, release: dict, notes: list[str]
) -> dict[str, Any]:
    """Return the cells as nbgrader wants them: each known id once, marks in place."""
    known = {_id(cell): cell for cell in release["cells"] if _id(cell)}
    last = {_id(cell): place for place, cell in enumerate(given["cells"])}
    doubled = set()
    cells: list[Cell] = []
    for place, cell in enumerate(given["cells"]):
        name = _id(cell)
        master = known.get(name)
        if name and (last[name] != place or master is None):
            if master is not None:
                doubled.add(name)
            if master is not None and _is_locked(master):
                continue
            cell = cell | {"metadata": {}}
        elif master is not None:
            cell = cell | {"metadata": copy.deepcopy(master["metadata"])}
            cell["cell_type"] = master["cell_type"]
            if _is_locked(master):
                cell["source"] = _source(master)
        cells.append(cell)
    if doubled:
        notes.append(f"there twice: {_names(doubled)}; the last one counts.")
    there = {_id(cell) for cell in cells}
    missing = [name for name in known if name not in there]
    owed = {item.id for item in assignment.items}
    owed |= {item.points_id for item in assignment.items}
    owed |= {question.id for question in assignment.questions}
    if gone := [name for name in missing if name in owed]:
        notes.append(f"missing: {_names(gone)}.")
    for name in missing:
        master = copy.deepcopy(known[name])
        # A stub at the end would replace a function that she wrote elsewhere.
        blank = not _is_locked(master)
        cells.append(master | {"source": "" if blank else _source(master)})
    return release | {"cells": [_whole(cell, n) for n, cell in enumerate(cells)]}


def _whole(cell: Cell, number: int) -> Cell:
    whole = {
        "id": f"cell-{number}",
        "cell_type": cell["cell_type"],
        "metadata": cell["metadata"],
        "source": _source(cell),
    }
    if cell["cell_type"] == "code":
        whole |= {"execution_count": None, "outputs": []}
    return whole


def _identity(notebook: dict) -> dict:
    said = notebook["metadata"].get("seqviz")
    return said if isinstance(said, dict) else {}


def _is_untouched(notebook: dict, release: dict) -> bool:
    ours = [_source(cell) for cell in release["cells"]]
    return [cell["source"] for cell in notebook["cells"]] == ours


def _id(cell: Cell) -> str:
    tag = cell.get("metadata", {}).get("nbgrader", {})
    name = tag.get("grade_id", "") if isinstance(tag, dict) else ""
    return name if isinstance(name, str) else ""


def _is_locked(cell: Cell) -> bool:
    return bool(cell["metadata"].get("nbgrader", {}).get("locked"))


def _source(cell: Cell) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def _names(names) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))
