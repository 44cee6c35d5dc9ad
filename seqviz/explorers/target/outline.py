"""The place of the live target explorer."""

from collections.abc import Mapping
from typing import Any

from seqviz.explorers.core import outline as live


def outline(state: Mapping[str, Any]) -> str:
    """Return the parts of the live figure."""
    names = state["names"]
    answer = live.hint(f"{state['answer_label']}: 25%") if any(state["answers"]) else ""
    history = live.tiles(sum(state["mask"][state["user"]]), live.WEIGHT)
    scale = "full bar: 0.25" if len(names) > 2 else live.SCALE
    return (
        live.controls(
            live.select("User", state["users"]) if state["users"][1:] else "",
            live.segmented("Temperature τ", (f"{t:g}" for t in state["temperatures"])),
        )
        + live.part("Candidate", "press one")
        + live.tiles(len(state["candidates"][0]), kind="sv-candidate")
        + live.halves(
            *(live.part(name, scale) + answer + history for name in names),
            kind="sv-halves" if len(names) > 1 else "",
            data_columns=len(names),
        )
        + live.SENTENCE
    )
