"""The place of the live history explorer."""

from collections.abc import Mapping
from typing import Any

from seqviz.explorers.core import outline as live
from seqviz.explorers.core.elements import element

#: More readers than these stand in narrow columns.
MANY = 6


def outline(state: Mapping[str, Any]) -> str:
    """Return the parts of the live figure."""
    titles, names = state["titles"], [one["name"] for one in state["readers"]]
    shelf = [
        title
        for title, category in zip(titles, state["category_of"], strict=True)
        if category == 1
    ]
    line = element("li", element("button", live.words(titles[0]), class_="sv-entry"))
    nothing = element("li", "nothing to read", class_="sv-hint")
    answers = {"popularity", "own counts", "sdm", "din"}  # without a click, too
    columns = [
        live.box(
            "sv-list",
            live.part(one["name"]),
            element(
                "ol",
                line * state["shown"]
                if state["history"] or one["kind"] in answers
                else nothing,
            ),
        )
        for one in state["readers"]
    ]
    bars = element("span", live.words("", "sv-row") * _rows(state), class_="sv-weights")
    return (
        live.controls(
            live.select("Shelf", state["categories"]),
            live.box(
                "sv-control",
                element("label", "Search the shop"),
                '<input type="search">',
            ),
            live.select("Weights of", names[2:]),
            live.slider("Variety λ", "0.00"),
        )
        + element(
            "ul",
            *(element("li", element("button", title)) for title in shelf),
            class_="sv-shop",
        )
        + live.part("History", "oldest first; press one to see the lists without it")
        + live.tiles(len(state["history"]), bars)
        + live.box(
            "sv-acts",
            *(
                live.button(name)
                for name in ("Earlier", "Later", "Remove", "Undo", "Clear")
            ),
            element("a", "Link to this history"),
        )
        + live.part("Lists", "press an item to follow it")
        + live.box("sv-columns", *columns, data_many=len(columns) > MANY)
        + live.SENTENCE
    )


def _rows(state: Mapping[str, Any]) -> int:
    """Return how many bars stand under a click."""
    one, weights = (state[part][state["reader"]] for part in ("readers", "weights"))
    if one["kind"] == "comirec_sa":
        return weights["attention.W2"]["shape"][1]
    if one["kind"] in ("comirec_dr", "mind"):
        return weights["routing.first_logits"]["shape"][1]
    return {"gru4rec": 0, "sdm": 2}.get(one["kind"], 1)
