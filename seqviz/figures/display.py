"""One way to show a figure: with its description, in the theme of the page."""

import os
import sys
from typing import TYPE_CHECKING, Any

from seqviz.colab import in_colab
from seqviz.figures import fonts, tokens
from seqviz.figures.charts import (
    CONFIG,
    chart_html,
    drawn_html,
    neutral,
)
from seqviz.figures.markup import inline
from seqviz.figures.svg import themed_svg

if TYPE_CHECKING:
    import matplotlib.figure
    import plotly.graph_objects as go


def use_style() -> None:
    """Give Matplotlib the book's faces and style; importing this package does it.

    Example:
        >>> import matplotlib
        >>> use_style()
        >>> matplotlib.rcParams["axes.spines.top"]
        False
    """
    import matplotlib

    fonts.register()
    matplotlib.rcParams.update(tokens.matplotlib_style())


def show(
    figure: "matplotlib.figure.Figure | go.Figure",
    alt: str,
    caption: str | None = None,
) -> None:
    """Show a Matplotlib or Plotly figure in the page, in JupyterLab or in Colab.

    The figure follows the light and the dark theme of the page: a color of
    ``seqviz.figures.tokens`` is exchanged for its twin. A Matplotlib figure becomes
    inline SVG and is closed; a Plotly chart is drawn when it comes into view.

    Args:
        figure: the figure to show.
        alt: what the picture says, for a reader who does not see it.
        caption: what to look at, in one sentence: plain text, with `code` and
            *emphasis*.

    Raises:
        TypeError: if ``figure`` is neither of the two or a text is not a ``str``.
        ValueError: if ``alt`` or ``caption`` is blank.

    Example:
        >>> import matplotlib.pyplot as plt
        >>> figure, axis = plt.subplots()
        >>> try:
        ...     show(figure, alt="")
        ... except ValueError:
        ...     print("a figure needs words for those who do not see it")
        a figure needs words for those who do not see it
        >>> plt.close(figure)
    """
    from IPython.display import display

    bundle = mimebundle(figure, alt, caption)
    if _is_matplotlib(figure):
        import matplotlib.pyplot as plt

        plt.close(figure)
    display(bundle, raw=True)


def mimebundle(
    figure: "matplotlib.figure.Figure | go.Figure",
    alt: str,
    caption: str | None = None,
) -> dict[str, Any]:
    """Return what :func:`show` displays: the figure by mime type, never empty."""
    _check_text("alt", alt)
    if caption is not None:
        _check_text("caption", caption)
    if _is_matplotlib(figure):
        box = '<div class="sv-figure-box" style="overflow-x: auto">{}</div>'
        html = _figure("sv-figure", box.format(themed_svg(figure, alt)), caption)
        return {"text/html": html, "text/plain": alt}
    if _is_plotly(figure):
        colab = in_colab()
        content = drawn_html(figure, alt) if colab else chart_html(figure, alt)
        html = _figure("sv-chart", content, caption)
        bundle = {"text/html": html, "text/plain": alt}
        if not in_book() and not colab:
            bundle["application/vnd.plotly.v1+json"] = _for_lab(figure)
        return bundle
    raise TypeError(
        "figure must be a matplotlib or a plotly Figure, "
        f"got {type(figure).__module__}.{type(figure).__qualname__}"
    )


def _figure(name: str, content: str, caption: str | None) -> str:
    style = "" if in_book() else f"<style>{tokens.css()}</style>"
    legend = f"<figcaption>{inline(caption)}</figcaption>" if caption else ""
    return f'{style}<figure class="{name}">{content}{legend}</figure>'


def _for_lab(figure: "go.Figure") -> dict[str, Any]:
    import json

    spec = json.loads(neutral(figure).to_json())
    return {**spec, "config": CONFIG}


def in_book() -> bool:
    """Whether the book is being built (``SEQVIZ_BOOK=1``).

    Its pages have no kernel and bring the style themselves.
    """
    return os.environ.get("SEQVIZ_BOOK") == "1"


def _is_matplotlib(figure: Any) -> bool:
    module = sys.modules.get("matplotlib.figure")
    return module is not None and isinstance(figure, module.Figure)


def _is_plotly(figure: Any) -> bool:
    module = sys.modules.get("plotly.basedatatypes")
    return module is not None and isinstance(figure, module.BaseFigure)


def _check_text(name: str, text: Any) -> None:
    if not isinstance(text, str):
        raise TypeError(f"{name} must be a str, got {type(text).__name__}")
    if not text.strip():
        raise ValueError(f"{name} must say what the figure shows, got a blank text")
