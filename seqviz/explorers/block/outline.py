"""The place of the live block explorer."""

from collections.abc import Mapping
from typing import Any

from seqviz.explorers.core import outline as live
from seqviz.explorers.core.elements import element


def outline(state: Mapping[str, Any]) -> str:
    """Return the parts of the live figure."""
    length = len(state["titles"])
    places = state["weights"][state["model"]]["shape"][3]
    levels = state["weights"][0]["shape"][1] + 1
    lines = [max(state["names"], key=len)] * state["items"][0]["shape"][2]
    options = ["nothing", *(f"{n} {t}" for n, t in enumerate(state["titles"], 1))]
    return (
        live.controls(
            live.segmented("Model", state["models"]) if state["models"][1:] else "",
            live.segmented("Head", state["heads"]) if state["heads"][2:] else "",
            live.select("Hide", options),
        )
        + live.halves(
            live.part("History", "press a place to ask it", live.SCALE)
            + live.tiles(places, live.WEIGHT),
            live.part("Flow", f"to {length} {state['titles'][-1]}")
            + live.box("sv-flow", style=f"--sv-levels:{levels}")
            + live.hint("Top: the place that is asked. Bottom: the history.")
            + live.part("Predicted", "a full bar is a chance of 25%")
            + element("ol", *map(_line, lines), class_="sv-lines"),
            style="--sv-count:1",
        )
        + live.SENTENCE
    )


def _line(title: str) -> str:
    face = element("span", live.words(f"1 {title}", "sv-name"), class_="sv-face")
    return element("li", element("span", face, class_="sv-tile sv-line"))
