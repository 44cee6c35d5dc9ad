"""The pen of the still figures: colors, texts, the signs of the interests."""

from collections.abc import Iterable, Sequence
from html import escape
from math import hypot

from seqviz.explorers.core.elements import element
from seqviz.figures import tokens

#: The signs ● ▲ ■ ◆ within a box of -1..1, as in ``signs.js``; from the fifth on they
#: are hollow.
SIGNS = (
    "M0-.9A.9.9 0 1 1 0 .9A.9.9 0 1 1 0-.9Z",
    "M0-1L1 .8H-1Z",
    "M-.8-.8H.8V.8H-.8Z",
    "M0-1.05L1.05 0L0 1.05L-1.05 0Z",
)
#: As many interests as there are signs.
MAX_INTERESTS = len(tokens.SIGNS)


def color(name: str) -> str:
    """Return a token's color as CSS: the theme's, or else the light one."""
    return f"var(--sv-{name},{tokens.LIGHT[name]})"


def own(interest: int) -> str:
    """Return the color of interest 0, 1, ... as CSS."""
    return color(tokens.interest_name(interest))


def drawing(
    width: float, height: float, shapes: Iterable[str], **changes: object
) -> str:
    """Return an SVG of this size; ``changes`` are further attributes."""
    settings = {
        "width": width,
        "height": height,
        "viewBox": f"0 0 {width:g} {height:g}",
        "font_family": "var(--sv-font-text,sans-serif)",
        "font_size": 13,
    }
    return element("svg", *shapes, **{**settings, **changes})


def wide_drawing(width: float, height: float, shapes: Iterable[str], words: str) -> str:
    """Return a drawing that does not wrap: on a phone it scrolls inside its card."""
    picture = drawing(
        width,
        height,
        shapes,
        style="min-width:600px",
        role="img",
        aria_label=words,
    )
    return element(
        "div",
        picture,
        class_="sv-drawn",
        tabindex=0,
        role="group",
        aria_label=words,
        style="overflow-x:auto",
    )


def rect(x: float, y: float, width: float, height: float, **paint: object) -> str:
    """Return a rectangle with its upper left corner at a place."""
    return element("rect", x=x, y=y, width=width, height=height, **paint)


def circle(x: float, y: float, radius: float, **paint: object) -> str:
    """Return a circle around a place."""
    return element("circle", cx=x, cy=y, r=radius, **paint)


def path(way: str, **paint: object) -> str:
    """Return a path along ``way``."""
    return element("path", d=way, **paint)


def text(
    x: float,
    y: float,
    words: str,
    ink: str = "ink",
    *,
    size: int | None = None,
    bold: bool = False,
    anchor: str | None = None,
    code: bool = False,
) -> str:
    """Return a text at its baseline, in the color of a token."""
    return element(
        "text",
        escape(words),
        x=x,
        y=y,
        font_size=size,
        font_weight=600 if bold else None,
        font_family="var(--sv-font-mono,monospace)" if code else None,
        text_anchor=anchor,
        fill=color(ink),
    )


def sign(interest: int, x: float, y: float, radius: float) -> str:
    """Return the sign of interest 0, 1, ... around a place."""
    paint = {"fill": own(interest)}
    if interest >= len(SIGNS):
        paint = {"fill": "none", "stroke": own(interest), "stroke_width": ".35"}
    return path(
        SIGNS[interest % len(SIGNS)],
        **paint,
        transform=f"translate({x:.1f} {y:.1f}) scale({radius:.2f})",
    )


def apart(places: Iterable[Sequence[float]], least: float) -> list[tuple[float, float]]:
    """Return the places of numbered marks, moved where two would cover each other.

    Example:
        >>> apart([(0.0, 0.0), (6.0, 0.0), (50.0, 0.0)], least=10)
        [(-2.0, 0.0), (8.0, 0.0), (50.0, 0.0)]
    """
    moved = [list(map(float, place)) for place in places]
    for _ in range(20):
        for i, one in enumerate(moved):
            for other in moved[:i]:
                x, y = one[0] - other[0], one[1] - other[1]
                far = hypot(x, y)
                if far >= least:
                    continue
                push = (least - far) / 2
                u, v = (x / far * push, y / far * push) if far else (push, 0.0)
                one[0], one[1] = one[0] + u, one[1] + v
                other[0], other[1] = other[0] - u, other[1] - v
    return [(x, y) for x, y in moved]


def cut(words: str, most: int) -> str:
    """Return the text, with … at its end where it is longer than ``most``."""
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"
