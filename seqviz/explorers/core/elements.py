"""Markup from Python: one element of HTML or SVG as a text."""

from html import escape
from numbers import Integral, Real

_EMPTY = frozenset({"circle", "path", "polyline", "rect"})


def element(tag: str, *children: str, **attributes: object) -> str:
    """Return an element whose children are markup already.

    Args:
        attributes: by name, ``_`` for ``-`` and at the end for nothing (``class_``);
            numbers are rounded to a tenth, None and False are left out.
    """
    words = [tag]
    for name, value in attributes.items():
        if value is not None and value is not False:
            key = name.rstrip("_").replace("_", "-")
            words.append(f'{key}="{escape(_written(value))}"')
    inside = "".join(children)
    if not inside and tag in _EMPTY:
        return f"<{' '.join(words)}/>"
    return f"<{' '.join(words)}>{inside}</{tag}>"


def _written(value: object) -> str:
    if value is True:
        return ""
    if isinstance(value, Real) and not isinstance(value, Integral):
        return f"{round(float(value), 1) + 0:g}"  # + 0 makes of -0 a 0
    return str(value)
