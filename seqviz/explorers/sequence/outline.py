"""The place of the live sequence explorer."""

from collections.abc import Mapping
from typing import Any

from seqviz.explorers.core import outline as live
from seqviz.explorers.core.elements import element


def outline(state: Mapping[str, Any]) -> str:
    """Return the parts of the live figure."""
    count, table = len(state["users"]), state["embeddings"]
    strip = live.box("sv-strip") if table else ""
    # One cell per row: all are equally high.
    rows = live.box("sv-cell", live.box("sv-cell-face"), strip) * count
    width = table["shape"][1] if table else 0
    legend = live.box(
        "sv-legend",
        f"strip: the embedding, {width} numbers from −0.25",
        element("i"),
        "0.25; zero is left empty",
    )
    return (
        live.controls(
            live.slider("Length", f"T = {state['length']}"),
            live.segmented("Padding", ["left", "right"]),
            live.segmented("Cut the", ["oldest", "newest"]),
            live.segmented("Show", ["titles", "ids", "mask"]),
        )
        + live.part(
            "Batch",
            f"[B, T] = [{count}, {state['length']}]",
            "inside the frame; the dashed cells are cut",
        )
        + live.box(
            "sv-frame-box", live.box("sv-grid", live.words("t", "sv-place"), rows)
        )
        + (legend if table else "")
        + live.SENTENCE
    )
