"""The place of the live worlds explorer."""

from collections.abc import Mapping, Sequence
from typing import Any

from seqviz.explorers.core import outline as live
from seqviz.explorers.core.elements import element


def outline(state: Mapping[str, Any]) -> str:
    """Return the parts of the live figure."""
    axes, texts, names = state["axes"], state["texts"], state["names"]
    lines = [_line(name, "+0.000 – not told apart") for name in names[1:]]
    spanning = state["rows"], state["columns"]
    return (
        live.controls(
            live.select("Model", names[1:]),
            *(
                live.segmented(name, of)
                for n, (name, of) in enumerate(zip(axes, texts, strict=True))
                if n not in spanning
            ),
        )
        + live.part(f"{names[state['model']]} less {names[0]}", state["metric"])
        + live.box(
            "sv-scroll",
            _map(*(axes[n] for n in spanning), *(texts[n] for n in spanning)),
        )
        + live.hint(
            "▲ better, ▼ worse, – not told apart, after Holm. A bar to the edge of its "
            "cell is a difference of .000."
        )
        + live.part(
            "All models in the picked world",
            f"difference to {names[0]}, 95% interval",
        )
        + live.box("sv-models", _line(names[0], "the middle line"), *lines)
        + live.box("sv-model sv-scale", live.box("", live.words("0")))
        + live.SENTENCE
    )


def _map(
    rows: str, columns: str, row_texts: Sequence[str], column_texts: Sequence[str]
) -> str:
    cell = element(
        "td",
        element(
            "button",
            live.words("+0.000 ▲"),
            live.words("", "sv-length"),
            class_="sv-world",
        ),
    )
    heads = (
        element("th", live.words(rows), rowspan=2),
        element("th", live.words(columns), colspan=len(column_texts)),
    )
    top = (
        element("tr", *heads),
        element("tr", *(element("th", live.words(text)) for text in column_texts)),
    )
    body = (
        element(
            "tr", element("th", live.words(text), scope="row"), cell * len(column_texts)
        )
        for text in row_texts
    )
    return element(
        "table", element("thead", *top), element("tbody", *body), class_="sv-map"
    )


def _line(name: str, says: str) -> str:
    return live.box(
        "sv-model",
        live.words(name, "sv-who"),
        live.words(".000", "sv-mean"),
        live.box("sv-track"),
        live.words(says, "sv-says"),
    )
