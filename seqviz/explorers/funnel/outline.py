"""The place of the live funnel explorer."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from seqviz.explorers.core import outline as live
from seqviz.explorers.core.codec import decode
from seqviz.explorers.core.elements import element
from seqviz.retrieval.funnel import STAGES


def outline(state: Mapping[str, Any]) -> str:
    """Return the parts of the live figure."""
    found = decode(state["items"])[state["user"]].reshape(-1, state["most"])
    found = found[:, : state["n"]]
    retrieved = len(np.unique(found[found >= 0]))
    ranked = min(retrieved, state["m"])
    listed = min(ranked, state["size"])
    titles = [state["titles"][item] for item in state["truths"][state["user"]]]
    heads = element("th", live.words("clicked next")) + "".join(
        element("th", live.words(stage)) for stage in STAGES
    )
    rows = [
        element("tr", element("th", live.words(title)) + "<td>lost</td>" * 3)
        for title in [*titles, "best recall"]
    ]
    rows[-1] = rows[-1].replace("<tr>", '<tr class="sv-best">')
    table = element("thead", element("tr", heads)) + element("tbody", *rows)
    mark = element("li", live.words("", "sv-mark"))
    return (
        live.controls(
            live.select("User", state["users"]) if state["users"][1:] else "",
            live.segmented("Ranker", state["rankers"]) if state["rankers"][1:] else "",
            live.slider("Items of an interest n", "10"),
            live.slider("Ranker keeps M", "10"),
            live.segmented("List length L", state["sizes"])
            if state["sizes"][1:]
            else "",
            live.slider("Diversity weight λ", "0.25"),
        )
        + live.part("What she clicked next, and its place after each stage")
        + element("table", table, class_="sv-ways")
        + live.part(
            "Retrieved",
            f"{retrieved} of {state['catalog']}",
            "sign: interest",
            "✓: clicked next",
            "dashed: cut after ranking",
        )
        + element("ol", mark * retrieved, class_="sv-strip")
        + live.part("Ranked", f"{ranked} of {retrieved}", "dashed: not in the list")
        + element("ol", mark * ranked, class_="sv-strip")
        + live.part("Listed", f"{listed} of {ranked}")
        + live.tiles(listed, kind="sv-candidate", group="sv-list")
        + live.SENTENCE
    )
