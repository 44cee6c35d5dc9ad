"""A verdict that a cell prints is asserted there; what a cell says is its last line."""

import ast
import re

from kinds.chapters import Cell, Chapter

# "causal = False" is a setting, "symmetric: False" is a result.
VERDICT = re.compile(r"(?<!= )(?<!=)\b(True|False|nan|NaN)\b")
EXPLAINED = re.compile(r"\b(False|nan|NaN)\b|not a number", re.IGNORECASE)


def faults_of_lost_prose(chapter: Chapter) -> list[str]:
    """Return the sentences that no page shows: only a cell's last value is shown."""
    return [
        f"{chapter.where(cell)}: Markdown(...) is not the last line, so nobody reads it"
        for cell in chapter.of_kind("code")
        for line in ast.parse(cell.text).body[:-1]
        if isinstance(line, ast.Expr)
        and ast.unparse(line.value).startswith("Markdown(")
    ]


def faults_of_outputs(chapter: Chapter, outputs: dict[str, str]) -> list[str]:
    """Return the printed verdicts that nothing holds.

    Args:
        chapter: the chapter.
        outputs: what its code cells print and show, by the id of the cell.
    """
    faults = []
    for place, cell in enumerate(chapter.cells):
        if cell.kind != "code":
            continue
        following = _following(chapter, place)
        after = "\n".join(
            c.text if c.kind == "markdown" else outputs.get(c.id, "") for c in following
        )
        said = [c for c in following if c.kind == "code"]
        for line in outputs.get(cell.id, "").splitlines():
            hit = VERDICT.search(line)
            if not hit or _asserted(cell, said, line):
                continue
            if hit[1] != "True" and _explained(line[: hit.start()], after):
                continue
            faults.append(
                f"{chapter.where(cell)}: prints '{line.strip()[:70]}': assert it in "
                "this cell or the next, or explain a False or NaN in what follows"
            )
    return faults


def _following(chapter: Chapter, place: int) -> list[Cell]:
    """Return the code cells that follow at once, and the text after them."""
    cells = []
    for cell in chapter.cells[place + 1 :]:
        cells.append(cell)
        if cell.kind == "markdown":
            break
    return cells


def _explained(label: str, text: str) -> bool:
    words = label.strip(" :|=").rsplit(":", 1)[0].strip()
    told = re.sub(r"\s+", " ", text).lower()
    return bool(EXPLAINED.search(text)) or (len(words) > 3 and words.lower() in told)


def _asserted(cell: Cell, following: list[Cell], line: str) -> bool:
    """Whether an assertion, here or in the code that follows, speaks of the line."""
    tree = ast.parse(cell.text)
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    } | {"torch", "np", "F"}
    asserts = [
        node
        for one in (cell, *following)
        for node in ast.walk(ast.parse(one.text))
        if isinstance(node, ast.Assert)
    ]
    printing = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt)
        and not hasattr(node, "body")
        and _says(node, line)
    ]
    names = set().union(*(_names(node) for node in printing or [tree])) - imported
    return any(names & _names(node) for node in asserts)


def _says(node: ast.stmt, line: str) -> bool:
    """Whether a statement may have printed the line, by the words in it."""
    parts = [
        part.value.strip()
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]
    if any(len(said) > 2 and said in line for said in parts):
        return True
    call = getattr(node, "value", None)
    printing = isinstance(call, ast.Call) and getattr(call.func, "id", "") == "print"
    # A format, as in f"{name:<22}", is no word.
    return printing and all(
        said in line or re.match(r"\W?\d|[<>.]", said) for said in parts
    )


def _names(node: ast.AST) -> set[str]:
    called = {id(n.func) for n in ast.walk(node) if isinstance(n, ast.Call)}
    return {
        n.id for n in ast.walk(node) if isinstance(n, ast.Name) and id(n) not in called
    }
