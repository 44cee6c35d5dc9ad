"""The still quiz: the questions with their answers folded in."""

from collections.abc import Mapping, Sequence
from typing import Any

from seqviz.figures.markup import inline


def draw(questions: Sequence[Mapping[str, Any]]) -> str:
    """Return the questions, numbered where there are several, as HTML."""
    return "\n".join(
        _question(question, f"{number}. " if len(questions) > 1 else "")
        for number, question in enumerate(questions, 1)
    )


def _question(question: Mapping[str, Any], number: str) -> str:
    options = "".join(f"<li>{inline(o['text'])}</li>" for o in question["options"])
    words = "".join(
        f"<li><b>{'Right' if o['correct'] else 'Not this one'}.</b> "
        f"<em>{inline(o['text'])}</em> {inline(o['why'])}</li>"
        for o in question["options"]
    )
    return (
        f"<p><b>{number}{inline(question['text'])}</b></p>\n<ol>{options}</ol>\n"
        f"<details><summary>Answer</summary><ul>{words}</ul></details>"
    )
