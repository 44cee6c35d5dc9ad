"""The place of the live activation explorer."""

from collections.abc import Sequence

from seqviz.explorers.core import outline as live


def outline(
    history: Sequence[str],
    candidates: Sequence[str],
    names: Sequence[str],
    behavior: str,
    candidate: str,
    width: int,
) -> str:
    """Return the parts of the live figure.

    Args:
        history: T names.
        candidates: M names.
        names: of the mechanisms.
        behavior: the one whose weight the map shows.
        candidate: the one that the map begins with.
        width: E.
    """
    count = len(names)
    spans = " and ".join(f"from −0.25 to 0.25 ({name})" for name in names)
    return (
        live.controls(
            live.select("Candidate", candidates),
            live.segmented(f"Weights of {names[0]}", ["raw", "softmax"]),
            live.segmented("Color of the map", names),
        )
        + live.halves(
            live.part("Plane", "drag the candidate or press a dot")
            + live.box("sv-map-box sv-plane-box")
            + live.box(
                "sv-under-plane",
                live.key(live.ramp("−0.25", "0.25")),
                live.button("Back to the item"),
            )
            + live.hint(
                f"The color is the weight that {names[0]} gives {behavior}. The plane "
                f"shows 25% of the variance of {width} dimensions; the rest stays that "
                f"of {candidate}."
            ),
            live.part("History", "press one to see its weight on the map")
            + live.row("sv-heads", "", names)
            + live.tiles(
                [live.line(title, t, count) for t, title in enumerate(history, 1)],
                kind="sv-lines",
            )
            + live.row("sv-totals", "strength, their sum", ["0.25"] * count)
            + live.hint(f"The bars run {spans}; hollow: below zero."),
            style=f"--sv-count:{count}",
        )
        + live.sentence()
    )
