"""The place of the live comparison explorer."""

from collections.abc import Mapping
from typing import Any

from seqviz.explorers.comparison.intervals import OVER
from seqviz.explorers.core import outline as live


def outline(state: Mapping[str, Any]) -> str:
    """Return the parts of the live figure."""
    names = state["names"]
    ends = live.words(f"← {names[0]}"), live.words(f"{names[1]} →")
    test = live.box(
        "sv-test", live.words("test 1"), live.box("sv-track"), live.words("–")
    )
    return (
        live.controls(
            live.select("First", names),
            live.select("Second", names),
            live.slider("Users per test", "100"),
            live.slider("Seeds", "1") if state["student"][1:] else "",
            live.segmented("Interval over", OVER),
        )
        + live.part("Difference", f"in {state['metric']}, 95% interval")
        + live.box(
            "sv-test sv-ends", live.words(""), live.box("", *ends), live.words("")
        )
        + live.box("sv-tests", test * 9)
        + live.box("sv-test sv-scale", live.words(""), live.box("", live.words("0")))
        + live.SENTENCE
    )
