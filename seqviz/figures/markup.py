"""The little markup of captions, titles, quizzes and hints."""

import re
from html import escape

_MARKS = re.compile(
    r"`(?P<code>[^`]+)`|(?<!\w)\*(?P<em>\S|\S[^*`]*[^\s*`])\*(?!\w)",
    re.ASCII,  # as in the browser
)


def inline(text: str) -> str:
    """Return plain text as HTML, with `code` and *emphasis*.

    Everything else means itself: ``<``, ``&``, and an asterisk inside a word or
    between spaces. ``elements.js`` reads the same markup in the live explorers.
    """
    parts, last = [], 0
    for mark in _MARKS.finditer(text):
        tag = mark.lastgroup
        parts.append(escape(text[last : mark.start()]))
        parts.append(f"<{tag}>{escape(mark[tag])}</{tag}>")
        last = mark.end()
    return "".join([*parts, escape(text[last:])])
