"""The page for authors: every color, sign, tile, control in both themes, all figures.

It is made of what makes the chapters: the design tokens, the parts of a live figure
(:mod:`seqviz.explorers.core.outline`) and the still figures of the finished pages,
which the end of the build copies into their places.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape

import numpy as np

from seqviz.explorers import MODULES
from seqviz.explorers.core import outline as live
from seqviz.explorers.core.interest_tile import tile
from seqviz.figures import tokens
from seqviz.figures.histories import history_html
from seqviz.site import paper

THEMES: Mapping[str, Mapping[str, str]] = {"light": tokens.LIGHT, "dark": tokens.DARK}

_COPY = re.compile(
    r"(<!-- light -->(.*?)<!-- end of light -->.*?<!-- dark -->)"
    r".*?(<!-- end of dark -->)",
    re.S,
)
_STILLS = re.compile(r"(<!-- stills -->).*?(<!-- end of stills -->)", re.S)
_CHART = re.compile(r"(<!-- chart -->).*?(<!-- end of chart -->)", re.S)
_FIGURE = re.compile(
    r"<figure class=\"sv-explorer\" data-module=\"(\w+)\">.*?</figure>", re.S
)
_A_CHART = re.compile(r"<figure class=\"sv-chart\".*?</figure>", re.S)
_CHANNEL = re.compile(r"[0-9a-f]{2}")


def opening(theme: str) -> str:
    """Return what stands before the pieces in a theme."""
    return f'<div class="sv-theme-{theme}"><!-- {theme} -->'


def closing(theme: str) -> str:
    """Return what stands behind them."""
    return f"<!-- end of {theme} --></div>"


def both(html: str) -> str:
    """Return pieces in the light theme, and beside them a place for the dark."""
    light = opening("light") + html + closing("light")
    return f'<div class="sv-themes">{light}{opening("dark")}{closing("dark")}</div>'


# ---- The parts that the page asks for ----------------------------------------


def colors() -> str:
    """Return every color by its name, with its contrast to the page."""
    rules = "".join(
        f".sv-theme-{theme} {{ "
        + " ".join(f"--sv-{name}: {color};" for name, color in palette.items())
        + " }\n"
        for theme, palette in THEMES.items()
    )
    heads = "".join(f'<th scope="col" colspan="2">{theme}</th>' for theme in THEMES)
    rows = "".join(
        f'<tr><th scope="row"><code>{name}</code></th>'
        + "".join(_swatch(palette, name) for palette in THEMES.values())
        + "</tr>"
        for name in tokens.LIGHT
    )
    return (
        f"<style>{rules}</style>"
        '<div class="pst-scrollable-table-container"><table class="table sv-colors">'
        f"<thead><tr><td></td>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colors ``#rrggbb`` as WCAG defines it, from 1.

    Example:
        >>> contrast("#000000", "#ffffff")
        21.0
    """
    darker, lighter = sorted(map(_luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def signs() -> str:
    """Return the signs of all interests."""
    named = "".join(
        f'<span><span class="sv-sign-{k % 4 + 1}">{sign}</span> {k + 1}</span>'
        for k, sign in enumerate(tokens.SIGNS)
    )
    return both(f'<p class="sv-row">{named}</p>')


def tiles() -> str:
    """Return tiles of a history, of still figures, and of live ones by their state."""
    weights = np.array([0.5, 0.1, 0.05, 0.2])
    drawn = "".join(
        tile(f"read by {k + 1}", "category", np.roll(weights, k), full=0.5)
        for k in range(4)
    )
    drawn += tile("taken away", "category", np.zeros(4), full=0.5)
    bar = live.WEIGHT.replace("></span>", f"><span>{_LENGTH}</span></span>")
    states = {
        "a behavior": live.tiles(1, bar),
        "under the hand": live.tiles(1, bar, kind="sv-hot"),
        "chosen": live.tiles(1, bar).replace("sv-tile", 'sv-tile" aria-current="true'),
        "a candidate": live.tiles(1, bar, kind="sv-candidate"),
        "a weight below 0": live.tiles(1, bar.replace("<i", '<i class="sv-minus"')),
        "a weight of 0": live.tiles(1, live.WEIGHT),
        "a masked weight": live.tiles(1, bar.replace("weight", "weight sv-masked", 1)),
    }
    shown = "".join(
        re.sub(r"</?ol[^>]*>", "", one).replace(_FACE, live.words(name, "sv-face"))
        for name, one in states.items()
    )
    history = history_html(["no interest", "interest 1", "interest 2"], [-1, 0, 1])
    return both(
        f'{history}<div class="sv-still"><div class="sv-drawn-tiles">{drawn}</div>'
        '</div><div class="sv-root"><div class="sv-card">'
        f'<ol class="sv-tiles">{shown}</ol></div></div>'
    )


def controls() -> str:
    """Return one control of each kind, as the live figures have them."""
    off = live.button("Not now").replace(">", ' aria-disabled="true">', 1)
    on = live.button("Pressed").replace(">", ' aria-pressed="true">', 1)
    shown = live.controls(
        live.select("A list", ["Mia", "Jonas"]),
        live.segmented("One of three", ("0.5", "1", "2")),
        live.slider("Temperature τ ", "1.0"),
        live.toggle("A switch"),
        live.button("A button"),
        on,
        off,
    )
    # The parts that keep a place are never set; here one is.
    shown = shown.replace("<label><span>1<", f"<label>{_CHOSEN}<span>1<")
    shown = shown.replace('type="checkbox"', 'type="checkbox" checked')
    said = live.SENTENCE.replace("></p>", ">The live sentence says the state.</p>")
    return both(
        f'<div class="sv-root" inert><div class="sv-card">{shown}{said}</div></div>'
    )


PLACE_OF_STILLS = "<!-- stills --><!-- end of stills -->"
PLACE_OF_A_CHART = "<!-- chart --><!-- end of chart -->"

PARTS: Mapping[str, Callable[[], str]] = {
    "colors": colors,
    "signs": signs,
    "tiles": tiles,
    "controls": controls,
    "chart": lambda: PLACE_OF_A_CHART,
    "stills": lambda: PLACE_OF_STILLS,
}

# ---- The end of the build ----------------------------------------------------


def fill(html: str, pages: Mapping[str, str], titles: Mapping[str, str]) -> str:
    """Return the page with all stills, a chart and the dark copies in their places.

    A page that was filled before gets the new ones.

    Args:
        html: the page.
        pages: the finished pages by name, in order.
        titles: of the pages, by name.
    """
    shown = "".join(_stills(pages, titles))
    chart = next(filter(None, map(_A_CHART.search, pages.values())), None)
    html = _STILLS.sub(lambda found: found[1] + shown + found[2], html)
    html = _CHART.sub(
        lambda found: found[1] + (chart[0] if chart else "") + found[2], html
    )
    return _COPY.sub(
        lambda found: found[1] + paper.with_own_ids(found[2], "dark") + found[3], html
    )


def _stills(pages: Mapping[str, str], titles: Mapping[str, str]) -> Iterator[str]:
    """Yield every explorer as it stands still where it comes first; name the others."""
    left = {name for name in MODULES if "." not in name}
    for page, html in pages.items():
        for figure in _FIGURE.finditer(html):
            name = figure[1]
            if name not in left:
                continue
            left.remove(name)
            still = paper.with_own_ids(paper.still(figure[0]), name)
            where = f'<a href="{page}.html">{escape(titles[page])}</a>'
            yield f"<h3><code>{name}</code></h3>\n<p>Live in {where}.</p>\n"
            yield still
    if left:
        missing = ", ".join(f"<code>{name}</code>" for name in sorted(left))
        yield f"<p>On no page: {missing}.</p>\n"


# ---- Small parts -------------------------------------------------------------

_LENGTH = '<i style="width:62%"></i>'
_CHOSEN = '<input type="radio" checked>'
#: The face of a tile of :func:`seqviz.explorers.core.outline.tiles`.
_FACE = live.words("", "sv-face")


def _swatch(palette: Mapping[str, str], name: str) -> str:
    color = palette[name]
    return (
        f'<td><span class="sv-swatch" style="background:{color}"></span>{color}</td>'
        f"<td>{contrast(color, palette['page']):.1f}:1</td>"
    )


def _luminance(color: str) -> float:
    parts: Sequence[float] = [int(two, 16) / 255 for two in _CHANNEL.findall(color)]
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts
    ]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
