"""The place of the live interest explorer."""

from collections.abc import Sequence
from html import escape

import numpy as np

from seqviz.explorers.core import outline as live
from seqviz.explorers.core.elements import element


def outline(
    ids: np.ndarray,
    titles: Sequence[str],
    categories: Sequence[str],
    num_interests: int,
    num_retrieved: int,
    width: int,
    users: Sequence[str],
    choices: Sequence[int],
    truth: bool,
    exclude_history: bool,
) -> str:
    """Return the parts of the live figure.

    Args:
        ids: ``[T]`` item ids, 0 for padding.
        titles: N+1 names.
        categories: N+1 names.
        num_interests: K.
        num_retrieved: how many items an interest retrieves.
        width: E.
        users: U names.
        choices: the K to choose from.
        truth: whether the true interests are known.
        exclude_history: whether the history is left out of what is retrieved.
    """
    clicks = [
        _tile(titles[item], categories[item], num_interests) for item in ids if item
    ]
    excluded = " Items of the history are left out." if exclude_history else ""
    return (
        live.controls(
            live.select("User", users),
            live.segmented("Interests", map(str, choices)) if len(choices) > 1 else "",
            live.toggle("Show the true interest") if truth else "",
            live.button("Reset"),
        )
        + live.part(
            "History", "oldest first", "press a tile to leave its click out", live.SCALE
        )
        + live.tiles(clicks)
        + live.halves(
            live.part("Item map")
            + element("svg", class_="sv-map")
            + live.key(
                *map(live.sample, ("item", "in the history", "retrieved")),
                *map(live.sample, ("interest vector", "zero")),
            )
            + live.hint(f"The map shows 25% of the variance of {width} dimensions."),
            live.part("What each interest retrieves")
            + live.box(
                "sv-rows",
                *(_row(k + 1, num_retrieved) for k in range(num_interests)),
            )
            + element(
                "p",
                f"Score: dot product of interest and item.{excluded}",
                class_="sv-hint sv-foot",
            ),
        )
        + live.sentence()
    )


def _tile(title: str, category: str, num_interests: int) -> str:
    bars = element(
        "span", *["<span class=sv-bar></span>"] * num_interests, class_="sv-bars"
    )
    face = element(
        "span",
        element("span", live.words(category, "sv-category"), class_="sv-top"),
        element("span", escape(title), class_="sv-name"),
        class_="sv-face",
    )
    return live.tile(face, bars)


def _row(interest: int, count: int) -> str:
    buttons = live.button("Hide") + live.button("Solo")
    head = live.words(f"Interest {interest}", "sv-row-name")
    chips = [element("li", live.words("item"), class_="sv-chip")] * count
    return live.box(
        "sv-row",
        live.box("sv-row-head", head, element("span", buttons, class_="sv-row-keys")),
        element("ol", *chips, class_="sv-chips"),
    )
