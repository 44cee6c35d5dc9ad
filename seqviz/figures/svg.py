"""A Matplotlib figure as inline SVG that follows the theme of its page."""

import hashlib
import io
import re
from typing import TYPE_CHECKING

from seqviz.figures import fonts, tokens

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: No text in a figure gets smaller than this many CSS pixels, on a phone neither.
SMALLEST_TEXT = 12

_PIXELS_PER_POINT = 4 / 3
_NO_METADATA = dict.fromkeys(("Creator", "Date", "Format", "Type"))
_ID = "\0"  # stands for the picture's own mark until the picture is known
_COLOR = re.compile(r"#[0-9a-fA-F]{6}\b")


def themed_svg(figure: "Figure", alt: str) -> str:
    """Return ``figure`` as an ``<svg>`` whose token colors are CSS variables.

    The same figure gives the same text, byte for byte: no date, no random ids. Ids
    carry a hash of the picture, so that two figures on a page do not meet. A color
    that is no token stays as it is, and so do pure black and pure white.

    Args:
        figure: any Matplotlib figure; it is not changed.
        alt: what a reader who does not see the picture is told.
    """
    svg = _draw(figure)
    width, height = _size(svg)
    body = svg[svg.index(">", svg.index("<svg")) + 1 :]
    # Its one rule would reach every element of the page.
    body = re.sub(r"<style type=\"text/css\">.*?</style>", "", body, flags=re.DOTALL)
    body = re.sub(r"<defs>\s*</defs>", "", body)
    body = _own_ids(body)
    body = re.sub(r"style=\"[^\"]*\"", lambda match: themed(match[0]), body)
    body = re.sub(r"; font-family: ([^;\"]*)", _family, body)
    body = _light(body)
    pixels = width * _PIXELS_PER_POINT
    return (
        f'<svg role="img" aria-label="{_escape(alt)}" viewBox="0 0 {width:g} '
        f'{height:g}" style="display: block; width: 100%; height: auto; '
        f"max-width: {pixels:.0f}px; min-width: {_least_width(body, pixels):.0f}px; "
        f"font-family: var(--sv-font-text, sans-serif); "
        f'stroke-linejoin: round; stroke-linecap: butt">\n{body}'
    )


def themed(text: str) -> str:
    """Return ``text`` with each light token color as its variable, the color behind."""
    return _COLOR.sub(lambda match: _VARIABLES.get(match[0].lower(), match[0]), text)


def _family(match: re.Match[str]) -> str:
    """Return nothing for the text face, which the whole picture has."""
    code = f"'{fonts.CODE}'" in match[1]
    return "; font-family: var(--sv-font-mono, monospace)" if code else ""


def _variables() -> dict[str, str]:
    names: dict[str, str] = {}
    for name, color in tokens.LIGHT.items():
        if color != "#ffffff":
            names.setdefault(color, f"var(--sv-{name}, {color})")
    names[tokens.PAGE_IN_SVG] = f"var(--sv-page, {tokens.LIGHT['page']})"
    return names


_VARIABLES = _variables()


def _draw(figure: "Figure") -> str:
    from matplotlib import rc_context

    buffer = io.StringIO()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "seqviz"}):
        figure.savefig(buffer, format="svg", metadata=_NO_METADATA)
    return buffer.getvalue()


def _size(svg: str) -> tuple[float, float]:
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    assert box, "Matplotlib always writes a viewBox"
    return float(box[1]), float(box[2])


def _own_ids(body: str) -> str:
    """Drop the ids that nothing points at and make the others the picture's own.

    They are numbered in the order of the text: some versions of Matplotlib (3.10.0)
    make them from addresses in memory, so that they differ from drawing to drawing.
    """
    used: dict[str, int] = {}
    for name in re.findall(r"(?:url\(|href=\")#([\w.-]+)", body):
        used.setdefault(name, len(used) + 1)

    def define(match: re.Match[str]) -> str:
        return f' id="{_ID}{used[match[1]]}"' if match[1] in used else ""

    def point(match: re.Match[str]) -> str:
        return f"{match[1]}{_ID}{used[match[2]]}"

    body = re.sub(r"\s+id=\"([^\"]*)\"", define, body)
    body = re.sub(r"(url\(#|href=\"#)([\w.-]+)", point, body)
    return body.replace(_ID, f"sv{hashlib.sha256(body.encode()).hexdigest()[:8]}-")


def _light(body: str) -> str:
    """Places to a hundredth of a point, no turn by nothing, no space without need."""
    body = re.sub(r" (?:d|x|y)=\"[^\"]*\"", lambda place: _rounded(place[0]), body)
    body = re.sub(r" transform=\"rotate\(-0 [^\"]*\"", "", body)
    return re.sub(r"\s*\n\s*", "\n", body).strip()


def _rounded(place: str) -> str:
    place = re.sub(r"-?\d+\.\d{3,}", lambda number: f"{float(number[0]):.2f}", place)
    return re.sub(r"\s*\n", "", place)


def _least_width(body: str, pixels: float) -> float:
    """Return the width, in CSS pixels, at which the smallest text is still legible."""
    sizes = [float(size) for size in re.findall(r"font-size: ([\d.]+)px", body)]
    sizes += [float(size) for size in re.findall(r"font: (?:\w+ )*([\d.]+)px", body)]
    # Matplotlib's "px" are units of the viewBox, which are points.
    smallest = min(sizes, default=float("inf")) * _PIXELS_PER_POINT
    return min(pixels, pixels * SMALLEST_TEXT / smallest)


def _escape(text: str) -> str:
    from html import escape

    return escape(" ".join(text.split()), quote=True)
