"""The still figure of the funnel explorer: the way of each item, and the list."""

from collections.abc import Sequence
from html import escape

import torch

from seqviz.explorers.core.elements import element
from seqviz.retrieval import Trace
from seqviz.retrieval.funnel import STAGES


def draw(trace: Trace, truths: Sequence[int], titles: Sequence[str], size: int) -> str:
    """Return the figure as HTML.

    Args:
        trace: of one user.
        truths: ids that she chose next.
        titles: N + 1 names.
        size: the length of the list that was asked for.
    """
    wanted = torch.tensor([list(truths)])
    ways = trace.places(wanted)[0].tolist()  # [R, 3]
    counts = [int((ids > 0).sum()) for ids in trace.stages.values()]
    there = [sum(way[stage] > 0 for way in ways) for stage in range(3)]
    ceilings = [min(found, size) / len(truths) for found in there]
    cell = {"style": "text-align:right;padding:2px 8px"}
    name = {"style": "text-align:left;padding:2px 8px", "scope": "row"}
    head = element("th", "clicked next", scope="col") + "".join(
        element("th", f"{stage}: {count}", scope="col", **cell)
        for stage, count in zip(STAGES, counts, strict=True)
    )
    rows = [
        element("th", escape(titles[item]), **name)
        + "".join(element("td", str(place) if place else "–", **cell) for place in way)
        for item, way in zip(truths, ways, strict=True)
    ]
    rows.append(
        element("th", "best recall", **name)
        + "".join(element("td", f"{value:.2f}", **cell) for value in ceilings)
    )
    body = "".join(element("tr", row) for row in rows)
    table = element(
        "table", element("thead", element("tr", head)), element("tbody", body)
    )
    shown = [titles[item] for item in trace.listed[0].tolist() if item]
    listed = ", ".join(f"{place} {title}" for place, title in enumerate(shown, 1))
    label = escape(words(counts, there))
    return (
        f'<div class="sv-drawn" role="group" aria-label="{label}">{table}'
        '<p class="sv-drawn-row"><b>The list</b> '
        f"<span>{escape(listed)}</span></p></div>"
    )


def words(counts: Sequence[int], there: Sequence[int]) -> str:
    """Return the state in words: how many items a stage keeps, how many true ones."""
    return "; ".join(
        f"{stage} {count}, {found} clicked next"
        for stage, count, found in zip(STAGES, counts, there, strict=True)
    )
