"""The design tokens: every color, size and sign of the book, once.

From here come the style sheet of the pages and explorers (:func:`css`), the
Matplotlib style (:func:`matplotlib_style`) and the Plotly template
(:func:`plotly_template`). An interest keeps its color and its sign throughout;
everything else is ink, grays and one accent for the thing under the hand.

``tests/unit/test_figures_tokens.py`` holds the palette to its promises: the
distance of any two interests under each color deficiency, and every contrast.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from seqviz.figures import fonts

LIGHT: Mapping[str, str] = MappingProxyType(
    {
        "page": "#ffffff",
        "ink": "#1b2027",
        "ink-soft": "#545d69",
        "line": "#8b939d",
        "faint": "#eef1f4",
        "accent": "#3b0b8f",
        "on-accent": "#ffffff",
        "interest-1": "#305270",
        "interest-2": "#804620",
        "interest-3": "#36a385",
        "interest-4": "#e15ce2",
        "tile": "#f7f8fa",
        "hatch": "#b4bac2",
    }
)

DARK: Mapping[str, str] = MappingProxyType(
    {
        "page": "#14181e",
        "ink": "#e6e9ed",
        "ink-soft": "#a6aeb8",
        "line": "#66707c",
        "faint": "#232931",
        "accent": "#b894ff",
        "on-accent": "#14181e",
        "interest-1": "#97b7d2",
        "interest-2": "#e0a450",
        "interest-3": "#307055",
        "interest-4": "#ac21b9",
        "tile": "#1c2129",
        "hatch": "#4a535e",
    }
)

#: For hosts whose theme Python cannot know (a Plotly chart in JupyterLab or Colab):
#: every color stands 3:1 or more against white and against JupyterLab's dark page.
NEUTRAL: Mapping[str, str] = MappingProxyType(
    {
        "ink": "#767b82",
        "ink-soft": "#767b82",
        "line": "#767b82",
        "faint": "rgba(128,128,128,0.25)",
        "tile": "#eef1f4",
        "interest-1": "#4d7196",
        "interest-2": "#9c5f2e",
        "interest-3": "#36a385",
        "interest-4": "#e15ce2",
    }
)

#: What does not change with the theme: faces, sizes, spaces.
SCALE: Mapping[str, str] = MappingProxyType(
    {
        # The systems' faces serve where the book's own are not: in live notebooks.
        "font-text": (
            f'"{fonts.TEXT}", "{fonts.SIGNS}", "{fonts.STAND_IN}", system-ui, '
            '-apple-system, "Segoe UI", Roboto, "Helvetica Neue", '
            '"Noto Sans", "Liberation Sans", Arial, sans-serif'
        ),
        "font-mono": (
            f'"{fonts.CODE}", "{fonts.SIGNS}", ui-monospace, "SF Mono", '
            '"Cascadia Mono", Menlo, Consolas, "Liberation Mono", '
            '"DejaVu Sans Mono", monospace'
        ),
        "size-text": "17px",
        "size-caption": "15px",
        "size-small": "13px",
        "radius": "6px",
        "space": "8px",
        "motion": "200ms",
    }
)

#: The sign of each interest, beside its color; from the fifth on the color repeats.
SIGNS: tuple[str, ...] = ("●", "▲", "■", "◆", "○", "△", "□", "◇")

#: The one sequential scale, for weights and every other matrix.
SEQUENTIAL = "cividis"

# Where a host shows its dark theme: the book, JupyterLab, VS Code, Colab.
_DARK_HOSTS = (
    'html[data-theme="dark"]',
    '[data-jp-theme-light="false"]',
    ".vscode-dark",
    'html[theme="dark"]',
)

#: What is no interest, a method for instance, is ink or gray; its sign or its dashes
#: tell it apart.
SERIES: tuple[str, ...] = ("ink", "line")

# Plain Matplotlib has no variables, so a figure is drawn in the light colors and
# these become variables afterwards. Pure white is left alone (white on a dark
# matrix cell must stay white), hence a page color that differs by one step.
PAGE_IN_SVG = "#fefefe"


def interest_name(interest: int) -> str:
    """Return the token of interest 0, 1, ...: ``interest-1`` to ``interest-4``."""
    return f"interest-{_checked(interest) % 4 + 1}"


def interest_color(interest: int, dark: bool = False) -> str:
    """Return the color of interest 0, 1, ... as ``#rrggbb``; it repeats after four.

    Example:
        >>> interest_color(0), interest_color(0, dark=True), interest_color(4)
        ('#305270', '#97b7d2', '#305270')
    """
    return (DARK if dark else LIGHT)[interest_name(interest)]


def interest_sign(interest: int) -> str:
    """Return the sign of interest 0 to 7; the signs of 4 to 7 are hollow.

    Example:
        >>> [interest_sign(k) for k in range(8)]
        ['●', '▲', '■', '◆', '○', '△', '□', '◇']
    """
    _checked(interest)
    if interest >= len(SIGNS):
        raise ValueError(
            f"interest must be under {len(SIGNS)} to have a sign of its own, "
            f"got {interest}"
        )
    return SIGNS[interest]


def ink_on(value: float, dark_below: float = 0.47) -> str:
    """Return black or white, whichever is legible on the sequential scale.

    Args:
        value: a position on the scale, 0 (dark blue) to 1 (yellow).
        dark_below: where the scale turns from dark to light.

    Example:
        >>> ink_on(0.0), ink_on(1.0)
        ('#ffffff', '#000000')
    """
    if not 0 <= value <= 1:
        raise ValueError(f"value must lie in 0 to 1 (the scale's ends), got {value}")
    return "#ffffff" if value < dark_below else "#000000"


def css() -> str:
    """Return the tokens as CSS variables ``--sv-…``, for the light and dark theme."""
    light = _declarations({**LIGHT, **SCALE})
    dark = _declarations(DARK)
    return (
        f":root {{\n{light}\n}}\n"
        f"{', '.join(_DARK_HOSTS)} {{\n{dark}\n}}\n"
        # The page prints in its light colors, whatever the screen shows.
        f"@media print {{\n  :root, {', '.join(_DARK_HOSTS)} {{\n"
        f"{_declarations(LIGHT)}\n}}\n}}\n"
        "@media (prefers-reduced-motion: reduce) {\n  :root { --sv-motion: 0ms; }\n}\n"
    )


def matplotlib_style() -> dict[str, Any]:
    """Return the Matplotlib settings of the book, for ``rcParams.update``."""
    from cycler import cycler

    ink, soft, faint = LIGHT["ink"], LIGHT["ink-soft"], LIGHT["faint"]
    return {
        "figure.figsize": (6.4, 3.6),
        "figure.facecolor": "none",
        "figure.constrained_layout.use": True,
        "savefig.facecolor": "none",
        "axes.facecolor": "none",
        "axes.edgecolor": LIGHT["line"],
        "axes.labelcolor": ink,
        "axes.titlecolor": ink,
        "axes.titlelocation": "left",
        "axes.titlesize": 11.25,
        "axes.titleweight": "bold",
        "axes.labelsize": 10.5,
        "axes.grid": True,
        "axes.grid.axis": "y",
        "axes.axisbelow": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.prop_cycle": cycler(color=[LIGHT[name] for name in SERIES]),
        # Names, not what the machine calls sans-serif: one figure everywhere.
        "font.family": [fonts.TEXT, "DejaVu Sans"],
        "font.sans-serif": [fonts.TEXT, "DejaVu Sans"],
        "font.monospace": [fonts.CODE, "DejaVu Sans Mono"],
        "font.size": 10.5,
        "grid.color": faint,
        "grid.linewidth": 1.0,
        "image.cmap": SEQUENTIAL,
        "legend.frameon": False,
        "legend.fontsize": 9.75,
        "lines.linewidth": 1.75,
        "lines.markersize": 5.5,
        "lines.markeredgecolor": PAGE_IN_SVG,
        "mathtext.fontset": "custom",
        "mathtext.rm": fonts.TEXT,
        "mathtext.sf": fonts.TEXT,
        "mathtext.it": f"{fonts.TEXT}:italic",
        "mathtext.cal": f"{fonts.TEXT}:italic",
        "mathtext.bf": f"{fonts.TEXT}:bold",
        "mathtext.bfit": f"{fonts.TEXT}:italic:bold",
        "mathtext.tt": fonts.CODE,
        "mathtext.fallback": "stixsans",
        "patch.edgecolor": "none",
        "svg.fonttype": "none",
        "svg.hashsalt": "seqviz",
        "text.color": ink,
        "xtick.color": LIGHT["line"],
        "ytick.color": LIGHT["line"],
        "xtick.labelcolor": soft,
        "ytick.labelcolor": soft,
        "xtick.labelsize": 9.75,
        "ytick.labelsize": 9.75,
    }


def plotly_template(color: Mapping[str, str] = LIGHT) -> dict[str, Any]:
    """Return the Plotly template of the book as plain data.

    Args:
        color: the theme to take the colors from: ``LIGHT``, ``DARK`` or ``NEUTRAL``.
            The three templates differ in nothing else, so a change of theme moves
            nothing.
    """
    axis = {
        "color": color["ink-soft"],
        "gridcolor": color["faint"],
        "linecolor": color["line"],
        "tickcolor": color["line"],
        "zeroline": False,
        "automargin": True,
        "ticklabelstandoff": 5,  # the first labels of two axes stand apart
        "title": {"font": {"color": color["ink"], "size": 14}},
        "tickfont": {"size": 13},
    }
    return {
        "layout": {
            "font": {
                "family": SCALE["font-text"],
                "size": 14,
                "color": color["ink"],
            },
            "title": {"x": 0, "xref": "container", "font": {"size": 15}},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": [color[name] for name in SERIES],
            "colorscale": {"sequential": _cividis()},
            "hoverlabel": {
                "bgcolor": color["tile"],
                "bordercolor": color["line"],
                "font": {"color": LIGHT["ink"] if color is NEUTRAL else color["ink"]},
            },
            "legend": {"orientation": "h", "y": -0.25, "font": {"size": 13}},
            "margin": {"l": 56, "r": 12, "t": 36, "b": 48},
            "xaxis": {**axis, "showgrid": False},
            "yaxis": axis,
            "dragmode": False,
        },
        "data": {
            "heatmap": [
                {
                    "colorscale": _cividis(),
                    "colorbar": {"thickness": 12, "outlinewidth": 0},
                }
            ],
            "scatter": [{"marker": {"size": 7}, "line": {"width": 2}}],
        },
    }


def _cividis() -> list[list[Any]]:
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    scale = colormaps[SEQUENTIAL]
    return [[step / 8, to_hex(scale(step / 8))] for step in range(9)]


def _declarations(tokens: Mapping[str, str]) -> str:
    return "\n".join(f"  --sv-{name}: {value};" for name, value in tokens.items())


def _checked(interest: int) -> int:
    if interest < 0:
        raise ValueError(f"interest must be 0 or more, got {interest}")
    return interest
