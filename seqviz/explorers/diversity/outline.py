"""The place of the live diversity explorer."""

from collections.abc import Sequence

from seqviz.explorers.core import outline as live
from seqviz.explorers.core.elements import element


def outline(
    names: Sequence[str],
    users: Sequence[str],
    user: str,
    lengths: Sequence[str],
    curve_label: str | None,
    notes: Sequence[str],
) -> str:
    """Return the parts of the live figure.

    Args:
        names: of the items of the list.
        users: U names.
        user: the one that is shown.
        lengths: to choose from.
        curve_label: of the curve for this length; None: there is none.
        notes: what the signs of the tiles mean.
    """
    columns = [_plot("This user")]
    if curve_label is not None:
        columns.append(_plot(curve_label))
    tiles = [_tile(name, place) for place, name in enumerate(names, 1)]
    shaded = f"shaded: not among the {len(names)} best scores"
    return (
        live.controls(
            live.select("User", users) if len(users) > 1 else "",
            live.segmented("List length n", lengths) if len(lengths) > 1 else "",
            live.slider("Diversity weight λ", "0.25"),
        )
        + live.part("The list", *notes, shaded)
        + live.tiles(tiles, kind="sv-tiles sv-list")
        + live.halves(*columns, kind="sv-halves" if curve_label is not None else "")
        + live.sentence()
    )


def _tile(name: str, place: int) -> str:
    face = element(
        "span",
        live.words("A", "sv-top"),
        live.words(f"{place} {name}", "sv-name"),
        class_="sv-face",
    )
    sums = live.words("score", "sv-sum") + live.words("gain", "sv-sum")
    return live.tile(face, live.weight(), sums, kind="sv-candidate")


def _plot(title: str) -> str:
    return live.part(title, "at λ = 0.25") + element("svg", class_="sv-plot")
