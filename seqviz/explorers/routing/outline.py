"""The place of the live routing explorer."""

from collections.abc import Sequence

from seqviz.explorers.core import outline as live
from seqviz.explorers.core.elements import element


def outline(
    history: Sequence[str],
    names: Sequence[str],
    iterations: int,
    active: Sequence[bool],
    behavior: str,
) -> str:
    """Return the parts of the live figure.

    Args:
        history: T names.
        names: of the forms.
        iterations: R.
        active: ``[K]``, of the form that is shown.
        behavior: the one whose numbers are shown.
    """
    count = len(active)
    numbers = [str(k + 1) for k in range(count)]
    rounds = ["start", *(str(r + 1) for r in range(iterations))]
    off = [number for number, on in zip(numbers, active, strict=True) if not on]
    inactive = (
        f"Interests {', '.join(off)} are inactive. A hatched cell takes no part in the "
        "softmax."
    )
    return (
        live.controls(
            live.segmented("Form", names) if len(names) > 1 else "",
            live.box(
                "sv-stepper",
                live.segmented("Iteration", rounds),
                live.button("Back"),
                live.button("Next"),
            ),
        )
        + live.halves(
            live.part("Coupling", "press a behavior to see its votes")
            + live.row("sv-heads", "behavior", numbers)
            + live.tiles(
                [live.line(title, t, count) for t, title in enumerate(history, 1)],
                kind="sv-lines",
            )
            + element(
                "p",
                live.words("length of interest"),
                live.weight() * count,
                class_="sv-line sv-totals",
            )
            + (live.hint(inactive) if off else ""),
            live.part("Plane", f"votes and interests of {names[0]}")
            + live.box("sv-map-box sv-routes-box", element("svg", class_="sv-routes"))
            + live.key(
                live.sample("vote, size: coupling", 24),
                live.sample("interest and its way", 24),
            )
            + live.hint(
                "Circle: length 1 for interests, 2.5 for votes. The plane holds 25% "
                "and 25% of their squared lengths."
            )
            + live.part("In numbers", behavior)
            + _sums(numbers)
            + live.hint("Logit + agreement: the next logit."),
            style=f"--sv-count:{count}",
        )
        + live.sentence()
    )


def _sums(numbers: Sequence[str]) -> str:
    rows = (element("tr", element("th", number)) for number in ["Interest", *numbers])
    return element("table", element("tbody", *rows), class_="sv-sums")
