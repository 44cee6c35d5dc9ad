"""The place of the live quiz."""

from collections.abc import Mapping
from typing import Any

from seqviz.explorers.core.elements import element
from seqviz.figures.markup import inline


def outline(state: Mapping[str, Any]) -> str:
    """Return the questions and their options, without an answer."""
    several = len(state["questions"]) > 1
    return "".join(
        _question(question, f"{number}. " if several else "")
        for number, question in enumerate(state["questions"], 1)
    )


def _question(question: Mapping[str, Any], number: str) -> str:
    choice = '<input type="radio">'
    options = (
        element(
            "label", choice, f"<span>{inline(one['text'])}</span>", class_="sv-option"
        )
        for one in question["options"]
    )
    legend = element("legend", number, inline(question["text"]))
    return element("fieldset", legend, *options, class_="sv-question")
