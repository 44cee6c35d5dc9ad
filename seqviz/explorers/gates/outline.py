"""The place of the live explorer of gates."""

from collections.abc import Mapping
from typing import Any

from seqviz.explorers.core import outline as live
from seqviz.explorers.core.elements import element


def outline(state: Mapping[str, Any]) -> str:
    """Return the parts of the live figure."""
    names = ["nothing", *(job["name"] for job in state["jobs"])]
    return (
        live.controls(
            *(live.select(name, values) for name, values in state["inputs"]),
            live.select("Freeze", names),
        )
        + live.box("sv-jobs", *map(_job, state["jobs"]))
        + live.SENTENCE
    )


def _job(job: Mapping[str, Any]) -> str:
    return live.box(
        "", live.part(job["name"], "chance 0.25"), PICTURES[job["kind"]](job)
    )


def _bars(job: Mapping[str, Any]) -> str:
    line = element("li", live.words("a", "sv-of"), live.WEIGHT, class_="sv-coefficient")
    return element("ol", line * len(job["names"]), class_="sv-bars")


def _dials(job: Mapping[str, Any]) -> str:
    dials = (
        element("li", element("svg", width=64, height=38), live.words(name, "sv-of"))
        for name in job["names"]
    )
    return element("ol", *dials, class_="sv-dials")


def _flow(job: Mapping[str, Any]) -> str:
    return element("svg", class_="sv-flow", width=280, height=_height(job))


def _height(job: Mapping[str, Any]) -> int:
    return 34 * max(len(job["names"]), len(job["labels"])) + 8


PICTURES = {"bars": _bars, "dials": _dials, "flow": _flow}
