"""The parts of the live figure without life, to keep its place until it is there.

They have the elements, classes and texts of the parts that the page makes (``card.js``,
``controls.js``, ``tiles.js``), so that the browser gives them the same room, whatever
its fonts. They are never seen: a text that changes may be any of its length, and what
has a height of its own needs no text.
"""

from collections.abc import Iterable
from html import escape

from seqviz.explorers.core.elements import element

#: What a bar's scale says.
SCALE = "a full bar is a weight of 0.25"


def box(kind: str, *children: str, **attributes: object) -> str:
    """Return a ``<div>`` of these classes."""
    return element("div", *children, class_=kind or None, **attributes)


def words(text: str, kind: str | None = None) -> str:
    """Return a text in a ``<span>``."""
    return element("span", escape(text), class_=kind)


def hint(text: str) -> str:
    """Return a small paragraph."""
    return element("p", escape(text), class_="sv-hint")


def part(title: str, *notes: str | bool | None) -> str:
    """Return the heading of a part with its notes, of which some may not be there."""
    text = " · ".join(["", *filter(None, notes)])
    return element("p", element("b", escape(title)), escape(text), class_="sv-part")


def halves(*columns: str, kind: str = "sv-halves", **attributes: object) -> str:
    """Return columns side by side where there is room for them."""
    return box(kind, *(box("", column) for column in columns), **attributes)


#: The live sentence has room of its own.
SENTENCE = element("p", class_="sv-sentence")


# ---- Controls: "" stands for one that is not there ---------------------------


def controls(*nodes: str) -> str:
    """Return the row of controls."""
    return box("sv-controls", *nodes)


def select(label: str, options: Iterable[str]) -> str:
    """Return a drop-down list, as wide as its longest option."""
    longest = element("option", escape(max(options, key=len)))
    return box(
        "sv-control", element("label", escape(label)), element("select", longest)
    )


def segmented(label: str, options: Iterable[object]) -> str:
    """Return buttons of which one is chosen."""
    buttons = (element("label", words(str(text))) for text in options)
    legend = element("legend", escape(label))
    return element(
        "fieldset", legend, box("", *buttons), class_="sv-control sv-segmented"
    )


def slider(label: str, number: str) -> str:
    """Return a slider with its number."""
    shown = element("label", f"{escape(label)} ", element("output", escape(number)))
    return box("sv-control sv-slider", shown, '<input type="range">')


def toggle(label: str) -> str:
    """Return a switch."""
    switch = '<input type="checkbox">'
    return element("label", switch, words(label), class_="sv-control sv-switch")


def button(text: str) -> str:
    """Return a button."""
    return element("button", escape(text), class_="sv-button")


# ---- Tiles, lines, legends ---------------------------------------------------


def tiles(count: int, *below: str, kind: str = "", group: str = "") -> str:
    """Return as many tiles, each with what stands below its face.

    Args:
        kind: a class of each tile.
        group: a class of the whole.
    """
    if not count:
        return element("p", "No behaviors yet.", class_="sv-none")
    tile = words("", "sv-face") + "".join(below)
    one = element("li", element("span", tile, class_=f"sv-tile {kind}".rstrip()))
    return element("ol", one * count, class_=f"sv-tiles {group}".rstrip())


WEIGHT = words("", "sv-weight")


def lines(titles: Iterable[str]) -> str:
    """Return a line for each behavior; the bars beside it are not as high."""
    return element("ol", *map(_line, titles), class_="sv-lines")


def _line(title: str) -> str:
    face = element("span", words(f"1 {title}", "sv-name"), class_="sv-face")
    return element("li", element("button", face, class_="sv-tile sv-line"))


def row(kind: str, head: str, cells: Iterable[str]) -> str:
    """Return a line above or below those of behaviors."""
    return element("p", words(head), *cells, class_=f"sv-line {kind}")


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
