"""Where a line may end beside a formula, and within one that stands alone.

A formula is drawn in boxes, and a browser may break a line beside any box: a comma
behind it could begin the next line. One that stands alone is never broken: on a phone
its second equation would lie beyond the edge.
"""

import re

_FORMULA = re.compile(r"<span class=\"math\b[^\"]*\">")
_TAG = re.compile(r"<(/?)span\b")
_OPENING = ("(", "[", "“")
_BEHIND = re.compile(r"[^\s<]*")
_VISIBLE = '<span class="katex-html"'
_ALONE = re.compile(rf"<span class=\"katex-display\">.*?(?={_VISIBLE})", re.S)
_STRUT = re.compile(r"<span class=\"strut\"[^>]*></span>")
_QUAD = re.compile(
    r"<span class=\"mspace\" style=\"margin-right:[12]em;\"></span>(?!</span>)"
)
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


def part(html: str) -> str:
    """Return a page in which a formula alone may go on below, behind a wide space.

    Only between its equations, not within a matrix. Doing it twice changes nothing.
    """
    parts, at = [], 0
    for found in _ALONE.finditer(html):
        end = _end(html, found.end())
        parts += [html[at : found.end()], _parted(html[found.end() : end])]
        at = end
    return "".join([*parts, html[at:]])


def _parted(formula: str) -> str:
    """Return the visible part of a formula with an end of a box behind wide spaces."""
    parts, at, depth, strut = [], 0, 0, ""
    for tag in _TAG.finditer(formula):
        if tag[1]:
            depth -= 1
            continue
        if depth == 1:  # a box begins, with what gives it its height
            strut = _STRUT.search(formula, tag.start())[0]
        quad = _QUAD.match(formula, tag.start())
        if depth == 2 and quad:
            parts += [formula[at : quad.end()], f"</span><wbr>{_BOX}{strut}"]
            at = quad.end()
        depth += 1
    return "".join([*parts, formula[at:]])


def _end(html: str, start: int) -> int:
    """Return where the span that begins at a place ends."""
    depth = 0
    for tag in _TAG.finditer(html, start):
        depth += -1 if tag[1] else 1
        if depth == 0:
            return tag.end() + 1  # behind the bracket
    raise ValueError(f"a formula does not end: {html[start : start + 80]}")
