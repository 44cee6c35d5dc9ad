"""The place of the live activation explorer."""

from collections.abc import Mapping
from typing import Any

from seqviz.explorers.core import outline as live


def outline(state: Mapping[str, Any]) -> str:
    """Return the parts of the live figure."""
    names = state["names"]
    behavior = state["history"][state["behavior"]]
    candidate = state["candidates"][state["candidate"]]
    spans = " and ".join(f"from −0.25 to 0.25 ({name})" for name in names)
    return (
        live.controls(
            live.select("Candidate", state["candidates"]),
            live.segmented(f"Weights of {names[0]}", ["raw", "softmax"]),
            live.segmented("Color of the map", names),
        )
        + live.halves(
            live.part("Plane", "drag the candidate or press a dot")
            + live.box("sv-map-box sv-plane-box")
            + live.box(
                "sv-under-plane",
                live.key(live.ramp("−0.25", "0.25")),
                live.button("Back to the item"),
            )
            + live.hint(
                f"The color is the weight that {names[0]} gives {behavior}. The plane "
                f"shows 25% of the variance of {state['vectors']['shape'][1]} "
                f"dimensions; the rest stays that of {candidate}."
            ),
            live.part("History", "press one to see its weight on the map")
            + live.row("sv-heads", "", map(live.words, names))
            + live.lines(state["history"])
            + live.row("sv-totals", "strength, their sum", ["<b>0.25</b>"] * len(names))
            + live.hint(f"The bars run {spans}; hollow: below zero."),
            style=f"--sv-count:{len(names)}",
        )
        + live.SENTENCE
    )
