"""Names of the code exist before cells use them and before the prose speaks of them."""

import ast
import builtins
import re
from dataclasses import dataclass

from kinds.chapters import Cell, Chapter

SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
NAME = re.compile(r"([A-Za-z_]\w*)(?:\(.*\))?")
FENCED = re.compile(r"(?ms)^(`{3,})(?!\{).*?^\1")


@dataclass(frozen=True)
class Use:
    """A name that a function reads from outside, and the function."""

    name: str
    function: str


def faults_of_introductions(chapter: Chapter, known: set[str]) -> list[str]:
    """Return what is used or mentioned before it exists.

    Args:
        chapter: the chapter.
        known: names that every page may use: those of the notation page.
    """
    first = _first_cells(chapter)
    faults, mentioned = [], set()
    for place, cell in enumerate(chapter.cells):
        if cell.kind == "code":
            faults += _early_uses(chapter, place, cell, first)
            continue
        for name, span in _mentions(cell.text, known):
            made = first.get(name)
            if made is None or made <= _next_code(chapter, place):
                continue
            if name not in mentioned:
                mentioned.add(name)
                faults.append(
                    f"{chapter.where(cell)}: `{span}` is made only in cell "
                    f"{chapter.cells[made].id}: say what it is (with its shape, or its "
                    "name in bold), or speak of it later"
                )
    return faults


def _first_cells(chapter: Chapter) -> dict[str, int]:
    """Return name -> place of the cell that first imports, defines or assigns it."""
    first: dict[str, int] = {}
    for place, cell in enumerate(chapter.cells):
        if cell.kind == "code":
            for name in bound(ast.parse(cell.text)):
                first.setdefault(name, place)
    return first


def bound(tree: ast.AST) -> set[str]:
    """Return the names that a cell binds outside its functions."""
    names: set[str] = set()
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.alias):
            names.add(node.asname or node.name.split(".")[0])
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
            continue
        elif isinstance(node, ast.Lambda | ast.comprehension):
            continue
        names |= bound(node)
    return names


def _early_uses(
    chapter: Chapter, place: int, cell: Cell, first: dict[str, int]
) -> list[str]:
    return [
        f"{chapter.where(cell)}: {use.function} uses {use.name}, which only cell "
        f"{chapter.cells[first[use.name]].id} makes: define it before"
        for use in sorted(free_names(ast.parse(cell.text)), key=lambda u: u.name)
        if first.get(use.name, place) > place
    ]


def free_names(tree: ast.Module) -> set[Use]:
    """Return the names that functions and the cell itself read but do not bind."""
    uses: set[Use] = set()
    _collect(tree, set(dir(builtins)), "the cell", uses)
    return uses


def _collect(node: ast.AST, outer: set[str], function: str, uses: set[Use]) -> None:
    own = outer | bound(node)
    if isinstance(node, ast.FunctionDef | ast.Lambda):
        arguments = node.args
        own |= {a.arg for a in ast.walk(arguments) if isinstance(a, ast.arg)}
    if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        for part in node.generators:
            own |= {n.id for n in ast.walk(part.target) if isinstance(n, ast.Name)}
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Name):
            if isinstance(child.ctx, ast.Load) and child.id not in own:
                uses.add(Use(child.id, function))
        else:
            inner = getattr(child, "name", function)
            named = isinstance(child, ast.FunctionDef | ast.ClassDef)
            _collect(child, own, f"{inner}()" if named else function, uses)


def _next_code(chapter: Chapter, place: int) -> int:
    """Return the last of the code cells that follow at once, up to the next text."""
    last = place
    for number in range(place + 1, len(chapter.cells)):
        if chapter.cells[number].kind == "markdown":
            if last > place:
                break
            continue
        last = number
    return last


def _mentions(text: str, known: set[str]) -> list[tuple[str, str]]:
    """Return (name, span) of what a text mentions without explaining it."""
    text = FENCED.sub("", text)
    found = []
    explained = set(known) | _explained(text)
    for hit in SPAN.finditer(text):
        if text[: hit.start()].endswith(("}", "{")):  # a role: {doc}`...`
            continue
        name = NAME.fullmatch(hit[1].strip())
        if name and name[1] not in explained:
            found.append((name[1], hit[1]))
    return found


def _explained(text: str) -> set[str]:
    """Return names with a shape (`x` `[B]`), in a table's first column, or in bold."""
    with_shape = re.findall(r"`(\w+)`(?:,? (?:and )?`\w+`)*,? \(?`\[", text)
    bold = re.findall(r"\*\*`?(\w+)`?", text)
    columns = [
        name
        for line in text.splitlines()
        if line.lstrip().startswith("|")
        for name in re.findall(r"`(\w+)`", line.split("|")[1])
    ]
    listed = re.findall(r"(?m)^(?:- |: ?|)`(\w+)`:", text)
    return {*with_shape, *bold, *columns, *listed}
