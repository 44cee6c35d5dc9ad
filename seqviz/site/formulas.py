"""What stands against a formula within a line stays on its line.

A formula is drawn in boxes, and a browser may break a line beside any box: a comma
behind it could begin the next line.
"""

import re

_FORMULA = re.compile(r"<span class=\"math\b[^\"]*\">")
_TAG = re.compile(r"<(/?)span\b")
_OPENING = ("(", "[", "“")
_BEHIND = re.compile(r"[^\s<]*")
_KEPT = '<span class="sv-keep">'
_BOX = '<span class="base">'


def keep(html: str) -> str:
    """Return a page in which no line ends between a formula and its punctuation.

    The line may still end within the formula. Doing it twice changes nothing.
    """
    parts, at = [], 0
    for found in _FORMULA.finditer(html):
        end = _end(html, found.start())
        start = found.start()
        while html[start - 1 : start] in _OPENING:
            start -= 1
        behind = _BEHIND.match(html, end).end()
        if (start, behind) == (found.start(), end) or html.endswith(_KEPT, 0, start):
            continue
        kept = html[start:behind].replace(f"</span>{_BOX}", f"</span><wbr>{_BOX}")
        parts += [html[at:start], _KEPT, kept, "</span>"]
        at = behind
    return "".join([*parts, html[at:]])


def _end(html: str, start: int) -> int:
    """Return where the span that begins at a place ends."""
    depth = 0
    for tag in _TAG.finditer(html, start):
        depth += -1 if tag[1] else 1
        if depth == 0:
            return tag.end() + 1  # behind the bracket
    raise ValueError(f"a formula does not end: {html[start : start + 80]}")
