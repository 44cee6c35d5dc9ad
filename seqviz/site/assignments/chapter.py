"""The exercises of a chapter as its notebook tells them."""

import ast
import json
from dataclasses import dataclass
from typing import Any

from seqviz.site.contents import Page
from seqviz.site.exercises import CHECK


@dataclass(frozen=True)
class Told:
    """An exercise as the chapter tells it.

    Attributes:
        name: ``"chapter/exercise"``.
        text: the ``{exercise}`` in MyST.
        hint: the ``{dropdown}`` in MyST; empty if there is none.
        stub: the code that the learner starts from.
        function: what her answer is called.
        solution: the code of the solution, called as the chapter calls it.
        solved_by: what the solution is called.
        given: imports and definitions of the chapter that the solution uses.
    """

    name: str
    text: str
    hint: str
    stub: str
    function: str
    solution: str
    solved_by: str
    given: str


@dataclass(frozen=True)
class Figure:
    """A figure that asks something: its caption, and its title if it has one."""

    cell: str
    title: str
    caption: str


def read_exercises(page: Page) -> list[Told]:
    """Return the exercises of a chapter, in order.

    Raises:
        ValueError: an exercise has no check, or no solution.
    """
    cells = _cells(page)
    known = {cell["id"]: "".join(cell["source"]) for cell in cells}
    chapter = [s for c, s in _code(cells) if not c.startswith(("try-", "solve-"))]
    told = []
    for name, source in known.items():
        if not name.startswith("try-"):
            continue
        which = name.removeprefix("try-")
        call = CHECK.search(source)
        if call is None or f"solve-{which}" not in known:
            raise ValueError(f"{page.name}: {which} must have a check and a solution")
        solution, solved_by = _solution(known[f"solve-{which}"])
        told.append(
            Told(
                call["name"],
                known[f"ex-{which}"],
                known.get(f"hint-{which}", ""),
                _definition(source, call["function"]),
                call["function"],
                solution,
                solved_by,
                given(solution, chapter),
            )
        )
    return told


def read_figures(page: Page) -> list[Figure]:
    """Return the figures whose caption ends with a question.

    The explorer comes first, then the picture; last the person's clicks, which are a
    matter of opinion.
    """
    found = []
    for name, source in _code(_cells(page)):
        if name == "quiz" or "caption=" not in source:
            continue
        words = _texts(source)
        caption = " ".join(words.get("caption", "").split())
        if caption.rstrip().endswith("?"):
            found.append(Figure(name, words.get("title", ""), caption))
    opening = found[:1]

    def place(figure: Figure) -> tuple[bool, bool, bool]:
        explorer, picture = figure.cell == "explorer", "picture" in figure.cell
        return figure in opening, not explorer, not picture

    return sorted(found, key=place)


def given(solution: str, chapter: list[str]) -> str:
    """Return the imports and definitions of a chapter that a solution needs."""
    defined: dict[str, ast.stmt] = {}
    for source in chapter:
        for node in ast.parse(source).body:
            for name in _defines(node):
                defined.setdefault(name, node)
    wanted, kept = _names(ast.parse(solution)), []
    while wanted:
        node = defined.get(wanted.pop())
        if node is not None and node not in kept:
            kept.append(node)
            wanted |= _names(node)
    order = list(dict.fromkeys(defined.values()))
    return "\n\n".join(ast.unparse(node) for node in order if node in kept)


def _cells(page: Page) -> list[dict[str, Any]]:
    return json.loads(page.source.read_text(encoding="utf-8"))["cells"]


def _code(cells: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(c["id"], "".join(c["source"])) for c in cells if c["cell_type"] == "code"]


def _definition(source: str, name: str) -> str:
    """Return the lines of a definition, comments included."""
    node = next(n for n in ast.parse(source).body if getattr(n, "name", "") == name)
    lines = source.splitlines()
    first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
    return "\n".join(lines[first - 1 : node.end_lineno])


def _solution(source: str) -> tuple[str, str]:
    """Return what stands before the check, and the name that is checked."""
    body = ast.parse(source).body
    answer = next(n for n in body if isinstance(n, ast.Assert))
    end = body.index(answer)
    call = next(n for n in ast.walk(answer) if isinstance(n, ast.Call))
    lines = source.splitlines()
    return "\n".join(lines[: body[end - 1].end_lineno]), call.args[1].id


def _defines(node: ast.stmt) -> list[str]:
    match node:
        case ast.FunctionDef() | ast.ClassDef():
            return [node.name]
        case ast.Import() | ast.ImportFrom():
            return [(one.asname or one.name).split(".")[0] for one in node.names]
    return []


def _names(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def _texts(source: str) -> dict[str, str]:
    """Return the captions and titles that are written out; the last of each."""
    return {
        word.arg: word.value.value
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call)
        for word in call.keywords
        if word.arg in ("caption", "title")
        and isinstance(word.value, ast.Constant)
        and isinstance(word.value.value, str)
    }
