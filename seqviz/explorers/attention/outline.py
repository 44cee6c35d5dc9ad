"""The place of the live attention explorer."""

from collections.abc import Mapping
from typing import Any

from seqviz.explorers.core import outline as live
from seqviz.explorers.core.elements import element


def outline(state: Mapping[str, Any]) -> str:
    """Return the parts of the live figure."""
    length = len(state["titles"][0])
    own = state["queries"] is None
    num_queries = length if own else len(state["queries"][0])
    gaps = state["mask"] is not None and not all(map(all, state["mask"]))
    asking = live.tiles(num_queries, kind="sv-candidate")
    return (
        live.controls(
            live.select("User", state["users"]) if state["users"][1:] else "",
            live.segmented(state["head_label"], state["heads"])
            if state["heads"][1:]
            else "",
            live.slider("Temperature τ", "1"),
            live.toggle("Causal mask") if own and length > 1 else "",
            live.toggle("Padding mask") if gaps else "",
            live.toggle("Query mask") if own and gaps else "",
        )
        + live.halves(
            ("" if own else live.part("Query", "press one") + asking)
            + live.part(
                "History" if own else "History, the keys",
                own and "press a tile to make it the query",
                live.SCALE,
            )
            + live.tiles(length, live.WEIGHT),
            live.part("All weights", "pick a row: a click or the arrow keys")
            + _heat(length, num_queries)
            + live.key(
                live.ramp("weight 0", "0.25"),
                live.sample("masked", 14),
                live.sample("exactly 0", 14),
            ),
        )
        + live.SENTENCE
    )


def _heat(length: int, num_queries: int) -> str:
    """Return the heat map with one cell per row, which is as high as all."""
    rows = element("tr", element("th", "1"), element("td")) * num_queries
    head = element("thead", element("tr", element("th", "key")))
    table = {"class_": "sv-heat", "style": f"--sv-count:{length}"}
    return live.box(
        "sv-scroll", element("table", head, element("tbody", rows), **table)
    )
