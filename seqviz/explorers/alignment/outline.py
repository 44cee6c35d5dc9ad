"""The place of the live alignment explorer."""

from collections.abc import Mapping
from typing import Any

from seqviz.explorers.core import outline as live
from seqviz.explorers.core.elements import element


def outline(state: Mapping[str, Any]) -> str:
    """Return the parts of the live figure."""
    names, answers = state["names"], state["answers"]
    count, longest = state["length"], max(answers, key=len)
    face = element("span", live.words("a") * 2, class_="sv-face")
    tile = element("button", face, class_="sv-tile")
    steps = element("ol", element("li", tile) * count, class_="sv-steps")
    cells = element("th", "1") + element("td") * (count + 1)
    table = element(
        "table",
        element("thead", element("tr", element("th", "click") * (count + 2))),
        element("tbody", element("tr", cells) * count),
        class_="sv-align",
    )
    return (
        live.controls(
            live.segmented("Context", names) if names[1:] else "",
            live.slider("Clicks read, n", str(count)),
            live.select("Make the picked click", [longest]),
            live.box("sv-mover", live.button("Earlier"), live.button("Later")),
        )
        + live.part("Clicks and questions", "press a click, drag it elsewhere")
        + live.box(
            "sv-align-box",
            live.box("sv-aligned", steps, table, style=f"--sv-count:{count}"),
        )
        + live.key(live.ramp("weight 0", "1"), live.sample("the click asked for", 14))
        + live.part("Given back", "by each reader, of these clicks")
        + element("ol", *map(_given, names), class_="sv-givens")
        + live.SENTENCE
    )


def _given(name: str) -> str:
    return element("li", live.words(name), live.WEIGHT, class_="sv-given")
