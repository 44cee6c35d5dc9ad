"""The place of the live one-list explorer."""

from collections.abc import Mapping
from typing import Any

from seqviz.explorers.core import outline as live
from seqviz.explorers.core.codec import decode
from seqviz.explorers.core.elements import element


def outline(state: Mapping[str, Any]) -> str:
    """Return the parts of the live figure."""
    count = state["logits"]["shape"][0]
    clicks = int((decode(state["item_ids"]) > 0).sum())
    bars = element("span", live.words("", "sv-bar") * count, class_="sv-bars")
    item = element("li", live.words("item"), class_="sv-listed")
    return (
        live.part("Her clicks", "press one to take it away", live.SCALE)
        + live.tiles(clicks, bars, kind="sv-shares")
        + live.part("What she is shown", "each for the interest that scores it highest")
        + element("ol", item * state["length"], class_="sv-shelf")
        + live.SENTENCE
    )
