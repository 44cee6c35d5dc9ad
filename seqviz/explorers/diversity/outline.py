"""The place of the live diversity explorer."""

from collections.abc import Mapping
from typing import Any

from seqviz.explorers.core import outline as live
from seqviz.explorers.core.elements import element


def outline(state: Mapping[str, Any]) -> str:
    """Return the parts of the live figure."""
    n = state["n"]
    titles = ["This user"]
    if str(n) in state["curves"]:
        titles.append(state["curve_label"])
    plot = element("svg", class_="sv-plot")
    return (
        live.controls(
            live.select("User", state["users"]) if state["users"][1:] else "",
            live.segmented("List length n", state["lengths"])
            if state["lengths"][1:]
            else "",
            live.slider("Diversity weight λ", "0.25"),
        )
        + live.part(
            "The list",
            "letter: category",
            state["interests"] and "sign: interest",
            state["relevant"] and "✓: clicked next",
            f"shaded: not among the {n} best scores",
        )
        + live.tiles(
            n,
            live.WEIGHT,
            live.words("score", "sv-sum"),
            live.words("gain", "sv-sum"),
            kind="sv-candidate",
            group="sv-list",
        )
        + live.halves(
            *(live.part(title, "at λ = 0.25") + plot for title in titles),
            kind="sv-halves" if state["curves"] else "",
        )
        + live.SENTENCE
    )
