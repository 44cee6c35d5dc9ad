"""The place of the live gate explorer."""

from collections.abc import Mapping
from typing import Any

from seqviz.explorers.core import outline as live
from seqviz.explorers.core.elements import element


def outline(state: Mapping[str, Any]) -> str:
    """Return the parts of the live figure."""
    clicks = state["clicks"][state["session"]]
    names = [state["titles"][0]] * state["shown"]
    return (
        live.controls(
            live.select("Session", state["names"]) if state["names"][1:] else "",
            live.segmented("Mixed by", state["fusions"]),
        )
        + live.halves(
            live.part("Session", live.SCALE)
            + live.tiles(len(clicks), live.WEIGHT)
            + live.part("Past", "the largest weights of each attribute")
            + element("ol", *map(_attribute, state["past"]), class_="sv-past"),
            live.part("Gate", "25% of the session on average")
            + live.box("sv-strip")
            + live.hint("Full: the session alone. Empty: the past alone.")
            + live.part("Best items", "a full bar is a score of 0.25")
            + live.row("sv-heads", "item", map(live.words, ("session", "past")))
            + element("ol", *map(_line, names), class_="sv-lines"),
            style="--sv-count:2",
        )
        + live.SENTENCE
    )


def _attribute(one: Mapping[str, Any]) -> str:
    cells = [
        element("span", live.words(value, "sv-value"), live.WEIGHT, class_="sv-cell")
        for value, _ in one["values"]
    ]
    none = [] if cells else [live.words("nothing yet", "sv-value")]
    return element("li", live.words(one["name"], "sv-of"), *cells, *none)


def _line(title: str) -> str:
    face = element("span", live.words(f"1 {title}", "sv-name"), class_="sv-face")
    return element("li", element("span", face, class_="sv-tile sv-line"))
