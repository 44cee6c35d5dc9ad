"""The place of the live sequence explorer."""

from collections.abc import Sequence

from seqviz.explorers.core import outline as live
from seqviz.explorers.core.elements import element


def outline(users: Sequence[str], length: int, width: int | None) -> str:
    """Return the parts of the live figure.

    Args:
        users: B names.
        length: T.
        width: E; None: no embeddings are drawn.
    """
    # One cell a row: all are equally high.
    strip = "" if width is None else live.box("sv-strip")
    cells = live.box("sv-cell", live.box("sv-cell-face"), strip) * len(users)
    legend = live.box(
        "sv-legend",
        f"strip: the embedding, {width} numbers from −0.25",
        element("i"),
        "0.25; zero is left empty",
    )
    shape = f"[B, T] = [{len(users)}, {length}]"
    return (
        live.controls(
            live.slider("Length", f"T = {length}"),
            live.segmented("Padding", ["left", "right"]),
            live.segmented("Cut the", ["oldest", "newest"]),
            live.segmented("Show", ["titles", "ids", "mask"]),
        )
        + live.part("Batch", shape, "inside the frame; the dashed cells are cut")
        + live.box(
            "sv-frame-box",
            live.box("sv-grid", live.words("t", "sv-place"), cells),
        )
        + ("" if width is None else legend)
        + live.sentence()
    )
