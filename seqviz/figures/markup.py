"""The little markup of captions, titles, quizzes and hints, and their quotes."""

import re
from html import escape

_MARKS = re.compile(
    r"`(?P<code>[^`]+)`|(?<!\w)\*(?P<em>\S|\S[^*`]*[^\s*`])\*(?!\w)",
    re.ASCII,  # as in the browser
)
#: Code, which keeps its quotes, or a quote.
_QUOTES = re.compile(r"`[^`]+`|['\"]")


def curly(text: str) -> str:
    r"""Return a text with the quotes and apostrophes of a printed page.

    Example:
        >>> curly("Ana's clicks ask \"why?\"")
        'Ana’s clicks ask “why?”'
    """

    def printed(mark: re.Match[str]) -> str:
        before = text[: mark.start()].removesuffix("*")[-1:]
        opens = before in "([{–—/" or before.isspace()
        return {"'": "’‘", '"': "”“"}.get(mark[0], 2 * [mark[0]])[opens]

    return _QUOTES.sub(printed, text)


def inline(text: str) -> str:
    """Return plain text as HTML, with `code`, *emphasis* and curly quotes.

    Everything else means itself: ``<``, ``&``, and an asterisk inside a word or
    between spaces. ``elements.js`` reads the same markup in the live explorers.
    """
    text = curly(text)
    parts, last = [], 0
    for mark in _MARKS.finditer(text):
        tag = mark.lastgroup
        parts.append(escape(text[last : mark.start()]))
        parts.append(f"<{tag}>{escape(mark[tag])}</{tag}>")
        last = mark.end()
    return "".join([*parts, escape(text[last:])])
