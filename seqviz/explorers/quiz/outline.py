"""The place of the live quiz."""

from collections.abc import Mapping, Sequence
from typing import Any

from seqviz.explorers.core.elements import element
from seqviz.figures.markup import inline


def outline(questions: Sequence[Mapping[str, Any]]) -> str:
    """Return the questions and their options, without an answer."""
    return "".join(
        _question(question, f"{number}. " if len(questions) > 1 else "")
        for number, question in enumerate(questions, 1)
    )


def _question(question: Mapping[str, Any], number: str) -> str:
    options = (
        element(
            "label",
            '<input type="radio">',
            element("span", inline(option["text"])),
            class_="sv-option",
        )
        for option in question["options"]
    )
    legend = element("legend", number, inline(question["text"]))
    return element("fieldset", legend, *options, class_="sv-question")
