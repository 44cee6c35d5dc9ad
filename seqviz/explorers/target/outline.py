"""The place of the live target explorer."""

from collections.abc import Sequence

from seqviz.explorers.core import outline as live


def outline(
    titles: Sequence[str],
    asking: Sequence[str],
    names: Sequence[str],
    users: Sequence[str],
    temperatures: Sequence[str],
    answers: bool,
) -> str:
    """Return the parts of the live figure.

    Args:
        titles: of the real behaviors.
        asking: M names.
        names: of the mechanisms.
        users: U names.
        temperatures: to choose from.
        answers: whether some mechanism's answer is shown.
    """
    scale = "full bar: 0.25" if len(names) > 2 else live.SCALE
    tiles = live.tiles([live.tile(live.face(title), live.weight()) for title in titles])
    answer = live.hint("chance of a click: 25%") if answers else ""
    columns = [live.part(name, scale) + answer + tiles for name in names]
    kind = "sv-halves" if len(names) > 1 else ""
    candidates = [live.tile(live.face(title), kind="sv-candidate") for title in asking]
    return (
        live.controls(
            live.select("User", users) if len(users) > 1 else "",
            live.segmented("Temperature τ", temperatures),
        )
        + live.part("Candidate", "press one")
        + live.tiles(candidates)
        + live.halves(*columns, kind=kind, data_columns=len(names))
        + live.sentence()
    )
