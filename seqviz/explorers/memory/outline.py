"""The place of the live memory explorer."""

from collections.abc import Mapping
from typing import Any

from seqviz.explorers.core import outline as live
from seqviz.explorers.core.elements import element


def outline(state: Mapping[str, Any]) -> str:
    """Return the parts of the live figure."""
    names, count = state["names"], len(state["history"])
    tile = element("button", live.words("", "sv-face"), class_="sv-tile")
    steps = element("ol", element("li", tile) * count, class_="sv-steps")
    bands = "".join(
        live.box("sv-band", _name(f"{band} gate"), element("canvas", width=1, height=1))
        for band in state["layers"][state["layer"]]["bands"]
    )
    slopes = live.box("sv-slopes", live.words("", "sv-slope") * count)
    return (
        live.controls(
            live.segmented("Layer", names) if names[1:] else "",
            live.select("Make the picked behavior", state["titles"]),
            live.box("sv-mover", live.button("Earlier"), live.button("Later")),
        )
        + live.part("Over time", "press a behavior, drag it elsewhere")
        + live.box(
            "sv-time-box",
            live.box(
                "sv-time",
                steps,
                live.box("sv-bands", bands),
                _name("slope of the last state"),
                slopes,
                style=f"--sv-count:{count}",
            ),
        )
        + live.hint(
            "Number: the slope by this behavior, as a share of the largest (0.25). The "
            "bar is logarithmic: a quarter less is ten times less."
        )
        + live.part(
            "What the last state still knows", "read by a probe; a full bar is certain"
        )
        + element("ol", *map(_known, state["labels"]), class_="sv-knowns")
        + live.SENTENCE
    )


def _name(text: str) -> str:
    return element("p", live.words(text), class_="sv-band-name")


def _known(label: str) -> str:
    text = live.words(label, "sv-label-name")
    return element("li", text, live.WEIGHT, class_="sv-known")
