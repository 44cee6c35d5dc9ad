"""A verdict that a cell prints is asserted there; a False or NaN may be explained."""

import ast
import re

from kinds.chapters import Cell, Chapter

# "causal = False" is a setting, "symmetric: False" is a result.
VERDICT = re.compile(r"(?<!= )(?<!=)\b(True|False|nan|NaN)\b")
EXPLAINED = re.compile(r"\b(False|nan|NaN)\b|not a number", re.IGNORECASE)


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
        after = _text_after(chapter, place, outputs)
        for line in outputs.get(cell.id, "").splitlines():
            hit = VERDICT.search(line)
            if not hit or _asserted(cell, line):
                continue
            if hit[1] != "True" and _explained(line[: hit.start()], after):
                continue
            faults.append(
                f"{chapter.where(cell)}: prints '{line.strip()[:70]}': assert it in "
                "this cell, or explain a False or NaN in the text that follows"
            )
    return faults


def _text_after(chapter: Chapter, place: int, outputs: dict[str, str]) -> str:
    """Return what the reader reads next, up to the end of a Markdown cell."""
    texts = []
    for cell in chapter.cells[place + 1 :]:
        if cell.kind == "markdown":
            return "\n".join([*texts, cell.text])
        texts.append(outputs.get(cell.id, ""))
    return "\n".join(texts)


def _explained(label: str, text: str) -> bool:
    words = label.strip(" :|=").rsplit(":", 1)[0].strip()
    told = re.sub(r"\s+", " ", text).lower()
    return bool(EXPLAINED.search(text)) or (len(words) > 3 and words.lower() in told)


def _asserted(cell: Cell, line: str) -> bool:
    """Whether an assertion of the cell speaks of what the line prints."""
    tree = ast.parse(cell.text)
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    } | {"torch", "np", "F"}
    asserts = [node for node in ast.walk(tree) if isinstance(node, ast.Assert)]
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
    words = [
        part.value.strip()
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]
    return any(len(said) > 2 and said in line for said in words)


def _names(node: ast.AST) -> set[str]:
    called = {id(n.func) for n in ast.walk(node) if isinstance(n, ast.Call)}
    return {
        n.id for n in ast.walk(node) if isinstance(n, ast.Name) and id(n) not in called
    }
