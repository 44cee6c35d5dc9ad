"""The place of the live learning explorer."""

from collections.abc import Mapping
from typing import Any

from seqviz.explorers.core import outline as live
from seqviz.explorers.core.elements import element

_SETTINGS = "Settings of A and B: K, temperature, learning rate, negatives, seed"


def outline(state: Mapping[str, Any]) -> str:
    """Return the parts of the live figure."""
    names = [comparison["name"] for comparison in state["comparisons"]]
    people = [person["name"] for person in state["people"]]
    return (
        live.controls(
            live.select("Compare", [*names, "your own"]),
            live.button("Start"),
            live.button("Step"),
            live.button("Reset"),
            live.slider("Epoch", "0.0"),
            element("details", element("summary", _SETTINGS), class_="sv-settings"),
            live.segmented("Person", people),
            live.select("Mark", ["nothing", *state["categories"]]),
        )
        + live.halves(*(_map(name, state[name]) for name in ("a", "b")))
        + live.key(
            live.sample(
                "item, with the sign of her interest that scores it highest", 16
            ),
            live.sample("clicked", 16),
            live.sample("her interest", 20),
            live.sample("another person's", 16),
            live.sample("A", 32),
            live.sample("B", 32),
        )
        + live.halves(
            *map(_chart, ("Loss", "Recall@20", "Cosine of interests")),
            kind="sv-halves sv-charts",
            data_columns=3,
        )
        + live.SENTENCE
    )


def _map(name: str, setting: Mapping[str, Any]) -> str:
    K = setting["interests"]
    title = f"ComiRec-SA, K = {K}" if K else "one vector, the mean"
    words = (
        f"τ {setting['temperature']:g}, learning rate {setting['learning_rate']:g}, "
        f"S {setting['negatives']}, log-Q, seed {setting['seed']}. "
        "The map shows 00% of the items' variance."
    )
    return (
        live.part(f"{name.upper()}: {title}")
        + live.box("sv-map-box", element("svg", class_="sv-map"))
        + live.hint(words)
    )


def _chart(title: str) -> str:
    numbers = (live.words(f"{run} 0.00") for run in "AB")
    head = element("p", live.words(title, "sv-of"), *numbers, class_="sv-head")
    return live.box("sv-chart-of", head, live.box("sv-plot"))
