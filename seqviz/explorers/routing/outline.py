"""The place of the live routing explorer."""

from collections.abc import Mapping
from typing import Any

from seqviz.explorers.core import outline as live
from seqviz.explorers.core.elements import element


def outline(state: Mapping[str, Any]) -> str:
    """Return the parts of the live figure."""
    history, names = state["history"], state["names"]
    active = state["forms"][state["form"]]["active"]
    numbers = [str(k + 1) for k in range(len(active))]
    off = ", ".join(
        number for number, on in zip(numbers, active, strict=True) if not on
    )
    inactive = (
        f"Interests {off} are inactive. A hatched cell takes no part in the softmax."
    )
    return (
        live.controls(
            live.segmented("Form", names) if names[1:] else "",
            live.box(
                "sv-stepper",
                live.segmented(
                    "Iteration", ["start", *range(1, state["iterations"] + 1)]
                ),
                live.button("Back"),
                live.button("Next"),
            ),
        )
        + live.halves(
            live.part("Coupling", "press a behavior to see its votes")
            + live.row("sv-heads", "behavior", map(live.words, numbers))
            + live.lines(history)
            + live.row("sv-totals", "length of interest", [live.WEIGHT] * len(active))
            + (live.hint(inactive) if off else ""),
            live.part("Plane", f"votes and interests of {names[state['form']]}")
            + live.box("sv-map-box sv-routes-box", element("svg", class_="sv-routes"))
            + live.key(
                live.sample("vote, size: coupling", 24),
                live.sample("interest and its way", 24),
            )
            + live.hint(
                "Circle: length 1 for interests, 2.5 for votes. The plane holds 25% "
                "and 25% of their squared lengths."
            )
            + live.part("In numbers", history[state["behavior"]])
            + _sums(numbers)
            + live.hint("Logit + agreement: the next logit."),
            style=f"--sv-count:{len(active)}",
        )
        + live.SENTENCE
    )


def _sums(numbers: list[str]) -> str:
    rows = (element("tr", element("th", number)) for number in ["Interest", *numbers])
    return element("table", element("tbody", *rows), class_="sv-sums")
