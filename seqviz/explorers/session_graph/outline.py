"""The place of the live session-graph explorer."""

from collections.abc import Mapping
from typing import Any

from seqviz.explorers.core import outline as live
from seqviz.explorers.core.elements import element


def outline(state: Mapping[str, Any]) -> str:
    """Return the parts of the live figure."""
    titles = state["titles"]
    rows = [
        element("li", element("button", live.words(titles[item - 1], "sv-name")))
        for item in state["shelf"]
    ]
    lines = [_line(titles[0])] * state["shown"]
    return (
        live.controls(
            live.button("Take a click back"),
            live.button("Begin again"),
            live.segmented("A step counts", state["counting"]),
            live.segmented("Hops", range(4)),
        )
        + live.halves(
            live.part("Graph", "click an item to go on")
            + live.box("sv-arcs", element("ol", *rows, class_="sv-shelf")),
            live.part("Session", live.SCALE)
            + live.tiles(len(state["session"]), live.WEIGHT)
            + live.part("Best items", "by the cosine")
            + element("ol", *lines, class_="sv-lines"),
            style="--sv-count: 1",
        )
        + live.SENTENCE
    )


def _line(title: str) -> str:
    face = element("span", live.words(f"1 {title}", "sv-name"), class_="sv-face")
    return element("li", element("span", face, class_="sv-tile sv-line"))
