"""A table of numbers as it stands in the book: each column in its own digits."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from seqviz.figures.markup import inline
from seqviz.figures.numbers import minus, unsigned_zero

if TYPE_CHECKING:
    import pandas as pd


def show_table(
    frame: "pd.DataFrame",
    digits: str | Mapping[str, str] = "",
    caption: str | None = None,
) -> None:
    """Show a table, without the index where that only counts the rows.

    Args:
        frame: the rows; an index of names, or with a name, becomes the first column.
        digits: how the numbers are written, as after the colon of an f-string: ".3f"
            for every column, or {"gain": "+.1%"} by column. Words stay as they are,
            and what is missing is a dash.
        caption: plain text, with `code` and *emphasis*.

    Raises:
        KeyError: ``digits`` names a column that the table does not have.

    Example:
        >>> import pandas as pd
        >>> from IPython.utils.capture import capture_output
        >>> with capture_output() as shown:
        ...     show_table(pd.DataFrame({"model": ["DIN"], "AUC": [0.6667]}), ".2f")
        >>> "0.67" in str(shown)
        True
    """
    from IPython.display import display

    bundle = {"text/html": table_html(frame, digits, caption)}
    display(bundle | {"text/plain": _written(frame, digits).to_string()}, raw=True)


def table_html(
    frame: "pd.DataFrame",
    digits: str | Mapping[str, str] = "",
    caption: str | None = None,
) -> str:
    """Return what :func:`show_table` shows."""
    rows = _written(frame, digits).to_html(index=False, border=0)
    below = f"<figcaption>{inline(caption)}</figcaption>" if caption else ""
    return (
        f'<figure class="sv-figure"><div class="sv-figure-box">{rows}</div>'
        f"{below}</figure>"
    )


def _written(frame: "pd.DataFrame", digits: str | Mapping[str, str]) -> "pd.DataFrame":
    import pandas as pd

    if isinstance(digits, str):
        digits = dict.fromkeys(frame.select_dtypes("number").columns, digits)
    if unknown := set(digits) - set(frame.columns):
        raise KeyError(f"digits names {sorted(unknown)}, which is no column")
    if frame.index.name or not isinstance(frame.index, pd.RangeIndex):
        frame = frame.reset_index(names=frame.index.name or "")
    columns = [
        [_cell(value, digits.get(name, "")) for value in frame[name]] for name in frame
    ]
    return pd.DataFrame(dict(enumerate(columns))).set_axis(frame.columns, axis=1)


def _cell(value: object, form: str) -> str:
    if value is None or value != value:  # NaN alone differs from itself
        return "–"
    return (
        minus(value) if isinstance(value, str) else unsigned_zero(format(value, form))
    )
