"""The parts of the live figure without life, to keep its place until it is there.

They have the elements, classes and texts of the parts that the page makes (``card.js``,
``controls.js``, ``tiles.js``), so that the browser gives them the same room, whatever
its fonts. They are never seen: a text that changes may be any of its length.
"""

from collections.abc import Iterable, Sequence
from html import escape

from seqviz.explorers.core.elements import element

#: What a bar's scale and the like say, in as many letters.
SCALE = "a full bar is a weight of 0.25"


def box(kind: str, *children: str, **attributes: object) -> str:
    """Return a ``<div>`` of these classes."""
    return element("div", *children, class_=kind or None, **attributes)


def halves(*columns: str, kind: str = "sv-halves", **attributes: object) -> str:
    """Return columns side by side where there is room for them."""
    return box(kind, *map(box, [""] * len(columns), columns), **attributes)


def words(text: str, kind: str | None = None) -> str:
    """Return a text in a ``<span>``."""
    return element("span", escape(text), class_=kind)


def hint(text: str) -> str:
    """Return a small paragraph."""
    return element("p", escape(text), class_="sv-hint")


def part(title: str, *notes: str) -> str:
    """Return the heading of a part with its notes."""
    text = " · ".join(["", *notes])
    return element("p", element("b", escape(title)), escape(text), class_="sv-part")


def sentence() -> str:
    """Return the live sentence, which has room of its own."""
    return element("p", class_="sv-sentence")


# ---- Controls ----------------------------------------------------------------


def controls(*nodes: str) -> str:
    """Return the row of controls; "" stands for one that is not there."""
    return box("sv-controls", *nodes)


def select(label: str, options: Iterable[str]) -> str:
    """Return a drop-down list, as wide as its longest option."""
    longest = element("option", escape(max(options, key=len)))
    return box(
        "sv-control", element("label", escape(label)), element("select", longest)
    )


def segmented(label: str, options: Iterable[str]) -> str:
    """Return buttons of which one is chosen."""
    buttons = (element("label", words(text)) for text in options)
    return element(
        "fieldset",
        element("legend", escape(label)),
        box("", *buttons),
        class_="sv-control sv-segmented",
    )


def slider(label: str, number: str) -> str:
    """Return a slider with its number."""
    return box(
        "sv-control sv-slider",
        element("label", f"{escape(label)} ", element("output", escape(number))),
        '<input type="range">',
    )


def toggle(label: str) -> str:
    """Return a switch."""
    box_ = '<input type="checkbox">'
    return element("label", box_, words(label), class_="sv-control sv-switch")


def button(text: str) -> str:
    """Return a button."""
    return element("button", escape(text), type="button", class_="sv-button")


# ---- Tiles and bars ----------------------------------------------------------


def face(title: str, number: int | None = None) -> str:
    """Return what a behavior is, with its number from 1 where it has one."""
    place = f"<small>{number}</small> " if number else ""
    name = element("span", place, escape(title), class_="sv-name")
    return element("span", name, class_="sv-face")


def weight() -> str:
    """Return the bar of one weight."""
    return element("span", "<span></span>", class_="sv-weight")


def tile(*children: str, kind: str = "") -> str:
    """Return a tile."""
    return element("span", *children, class_=f"sv-tile {kind}".rstrip())


def tiles(nodes: Sequence[str], kind: str = "sv-tiles") -> str:
    """Return a list of tiles or of lines; none where there are none."""
    if not nodes:
        return element("p", "No behaviors yet.", class_="sv-none")
    return element("ol", *(element("li", node) for node in nodes), class_=kind)


def line(title: str, number: int, count: int) -> str:
    """Return a behavior with ``count`` bars beside it."""
    bars = [weight()] * count
    return element(
        "button", face(title, number), *bars, type="button", class_="sv-tile sv-line"
    )


def row(kind: str, head: str, cells: Iterable[str]) -> str:
    """Return a line above or below the lines of behaviors."""
    return element("p", words(head), *map(words, cells), class_=f"sv-line {kind}")


def ramp(low: str, high: str) -> str:
    """Return the scale of colors between its ends, for a legend."""
    return element("span", escape(low), element("i", class_="sv-ramp"), escape(high))


def sample(text: str, width: int = 20) -> str:
    """Return a sample in a legend."""
    mark = element("svg", class_="sv-sign", width=width, height=20)
    return element("span", mark, escape(text))


def key(*samples: str) -> str:
    """Return a legend."""
    return element("p", *samples, class_="sv-hint sv-key")
