"""Who is better: said with numbers that a run has filled in, asked, or cited."""

import ast
import re

from kinds.chapters import Chapter
from kinds.markdown import prose_lines

COMPARES = re.compile(
    r"\b(?:beats?|outperforms?|wins? (?:against|over)"
    r"|(?:better|worse|more accurate) than"
    r"|(?:is|are|was|were|comes?|lies?) (?:ahead of|behind (?!it\b|the sum\b)))\b",
    re.IGNORECASE,
)

_SENTENCE = re.compile(r"(?<=[.?!])(?<! al\.)\s+(?=[A-Z*…])")


def faults_of_claims(chapter: Chapter) -> list[str]:
    """Return the sentences of prose that compare, and that no number carries."""
    faults = []
    for cell in chapter.cells:
        if cell.kind == "markdown":
            texts = ["\n".join(line for _, line in prose_lines(cell.text))]
        else:
            texts = _said(cell.text)
        faults += [
            f"{chapter.where(cell)}: '{sentence}': let claim(...) say it, ask, or cite"
            for text in texts
            for sentence in _SENTENCE.split(" ".join(text.split()))
            if COMPARES.search(sentence) and not re.search(r"\?|\{cite\}|…", sentence)
        ]
    return faults


def _said(source: str) -> list[str]:
    """Return what ``Markdown(...)`` says, with … where a value is filled in."""
    calls = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Markdown"
    ]
    texts = []
    for call in calls:
        for argument in call.args:
            parts = getattr(argument, "values", [argument])
            words = [
                "…" if isinstance(part, ast.FormattedValue) else part.value
                for part in parts
                if isinstance(part, ast.FormattedValue | ast.Constant)
            ]
            texts.append("".join(str(word) for word in words))
    return texts
