"""The place of the live attention explorer."""

from collections.abc import Sequence

from seqviz.explorers.core import outline as live
from seqviz.explorers.core.elements import element


def outline(
    keys: Sequence[str],
    queries: Sequence[str] | None,
    users: Sequence[str],
    heads: Sequence[str],
    head_label: str,
    gaps: bool,
) -> str:
    """Return the parts of the live figure.

    Args:
        keys: T names.
        queries: Q names; None: the behaviors ask themselves.
        users: U names.
        heads: H names.
        head_label: what the heads are.
        gaps: whether there is padding.
    """
    own = queries is None
    press = ["press a tile to make it the query"] if own else []
    return (
        live.controls(
            live.select("User", users) if len(users) > 1 else "",
            live.segmented(head_label, heads) if len(heads) > 1 else "",
            live.slider("Temperature τ", "1"),
            live.toggle("Causal mask") if own and len(keys) > 1 else "",
            live.toggle("Padding mask") if gaps else "",
            live.toggle("Query mask") if own and gaps else "",
        )
        + live.halves(
            ("" if own else _asking(queries))
            + live.part("History" if own else "History, the keys", *press, live.SCALE)
            + live.tiles(
                [
                    live.tile(live.face(title, k), live.weight())
                    for k, title in enumerate(keys, 1)
                ]
            ),
            live.part("All weights", "pick a row: a click or the arrow keys")
            + _heat(len(keys), len(keys if own else queries))
            + live.key(
                live.ramp("weight 0", "0.25"),
                live.sample("masked", 14),
                live.sample("exactly 0", 14),
            ),
        )
        + live.sentence()
    )


def _asking(queries: Sequence[str]) -> str:
    tiles = [
        live.tile(live.face(title, q), kind="sv-candidate")
        for q, title in enumerate(queries, 1)
    ]
    return live.part("Query", "press one") + live.tiles(tiles)


def _heat(length: int, num_queries: int) -> str:
    """Return the heat map with one cell a row, which is as high as all."""
    rows = element("tr", element("th", "1"), element("td")) * num_queries
    head = element("thead", element("tr", element("th", "key")))
    style = f"--sv-count:{length}"
    body = element("tbody", rows)
    return live.box(
        "sv-scroll", element("table", head, body, class_="sv-heat", style=style)
    )
