"""The place of the live interest explorer."""

from collections.abc import Mapping
from typing import Any

from seqviz.explorers.core import outline as live
from seqviz.explorers.core.codec import decode
from seqviz.explorers.core.elements import element


def outline(state: Mapping[str, Any]) -> str:
    """Return the parts of the live figure."""
    count = state["num_interests"]
    clicks = int((decode(state["item_ids"])[state["user"]] > 0).sum())
    bars = element("span", live.words("", "sv-bar") * count, class_="sv-bars")
    excluded = " Items of the history are left out." if state["exclude_history"] else ""
    legend = ("item", "in the history", "retrieved", "interest vector", "zero")
    width = state["vectors"][0]["items"]["shape"][1]
    rows = (_row(k + 1, state["num_retrieved"]) for k in range(count))
    return (
        live.controls(
            live.select("User", state["users"]),
            live.segmented("Interests", state["choices"])
            if state["choices"][1:]
            else "",
            live.toggle("Show the true interest") if state["truth"] else "",
            live.button("Reset"),
        )
        + live.part(
            "History", "oldest first", "press a tile to leave its click out", live.SCALE
        )
        + live.tiles(clicks, bars, kind="sv-shares")
        + live.halves(
            live.part("Item map")
            + element("svg", class_="sv-map")
            + live.key(*map(live.sample, legend))
            + live.hint(f"The map shows 25% of the variance of {width} dimensions."),
            live.part("What each interest retrieves")
            + live.box("sv-rows", *rows)
            + element(
                "p",
                f"Score: dot product of interest and item.{excluded}",
                class_="sv-hint sv-foot",
            ),
        )
        + live.SENTENCE
    )


def _row(interest: int, count: int) -> str:
    head = live.words(f"Interest {interest}", "sv-row-name")
    buttons = live.button("Hide") + live.button("Solo")
    chip = element("li", live.words("item"), class_="sv-chip")
    return live.box(
        "sv-row",
        live.box("sv-row-head", head, element("span", buttons, class_="sv-row-keys")),
        element("ol", chip * count, class_="sv-chips"),
    )
