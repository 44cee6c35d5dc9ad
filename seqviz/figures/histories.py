"""A history as a row of tiles that wraps, in plain HTML: it needs no script."""

from collections.abc import Sequence
from html import escape

from seqviz.figures import tokens
from seqviz.figures.markup import inline

TILE = (
    "display:inline-block;margin:0;padding:.25em .6em;border-radius:8px;"
    "border:1.5px solid {border};background:var(--sv-tile,{tile});"
    "color:var(--sv-ink,{ink});line-height:1.3"
)
ROW = "display:flex;flex-wrap:wrap;gap:.4em;list-style:none;padding:0;margin:.4em 0"


def show_history(
    titles: Sequence[str],
    interests: Sequence[int] | None = None,
    caption: str | None = None,
) -> None:
    """Show a history as tiles in order of time.

    Args:
        titles: T names of items, oldest first.
        interests: T numbers from 0; each tile gets the color and the sign of its
            interest, -1 for none.
        caption: what to look at: plain text, with `code` and *emphasis*.

    Raises:
        ValueError: if ``interests`` has another length than ``titles``.

    Example:
        >>> from IPython.utils.capture import capture_output
        >>> with capture_output() as shown:
        ...     show_history(["tent", "seeds"], interests=[0, 1])
        >>> "●" in str(shown), "seeds" in str(shown)
        (True, True)
    """
    from IPython.display import display

    html = history_html(titles, interests, caption)
    display({"text/html": html, "text/plain": " → ".join(titles)}, raw=True)


def history_html(
    titles: Sequence[str],
    interests: Sequence[int] | None = None,
    caption: str | None = None,
) -> str:
    """Return what :func:`show_history` shows."""
    if interests is None:
        interests = [-1] * len(titles)
    if len(interests) != len(titles):
        raise ValueError(
            f"interests must have one entry a title, "
            f"got {len(interests)} for {len(titles)}"
        )
    tiles = "".join(
        _tile(title, int(k)) for title, k in zip(titles, interests, strict=True)
    )
    below = f"<figcaption>{inline(caption)}</figcaption>" if caption else ""
    return f'<figure class="sv-figure"><ol style="{ROW}">{tiles}</ol>{below}</figure>'


def _tile(title: str, interest: int) -> str:
    light = tokens.LIGHT
    if interest < 0:
        name, mark = "line", ""
        border = f"var(--sv-line,{light['line']})"
    else:
        name = tokens.interest_name(interest)
        border = f"var(--sv-{name},{tokens.interest_color(interest)})"
        sign = tokens.interest_sign(interest)
        mark = f'<span aria-hidden="true" style="color:{border}">{sign}</span> '
    style = TILE.format(border=border, tile=light["tile"], ink=light["ink"])
    return f'<li style="{style}">{mark}{escape(title)}</li>'
