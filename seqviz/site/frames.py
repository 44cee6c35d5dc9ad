"""The tables of pandas on the finished pages: two ways to write them, one look.

A Styler names each cell for a style sheet that the book does without; ``to_html`` sets
a border. Here both become the same plain table, with the words of a column on the left
and its numbers on the right, each below the other also where a mark follows.
"""

import re
from collections.abc import Sequence
from html import unescape

from seqviz.figures.numbers import minus

_FRAME = re.compile(
    r"<table (?:(?:border=\"\d\" )?class=\"dataframe\"|id=\"T_\w+\")>(.*?)</table>",
    re.S,
)
_PART = re.compile(r"<(thead|tbody)>(.*?)</\1>", re.S)
_ROW = re.compile(r"<tr\b[^>]*>(.*?)</tr>", re.S)
_CELL = re.compile(r"<(t[hd])\b([^>]*)>(.*?)</t[hd]>", re.S)
_SPAN = re.compile(r"(?:col|row)span=\"\d+\"")
_TAG = re.compile(r"<[^>]*>")
#: What a test says of a number, behind it in its cell.
_MARK = re.compile(r"(?<=[\d%]) [+−]$")

_Cell = tuple[str, str, str]


def plain(html: str) -> str:
    """Return a page whose data frames are plain tables of the class ``dataframe``.

    In a column of words the cells have the class ``sv-text``. Doing it twice changes
    nothing.
    """
    return _FRAME.sub(lambda found: _plain(found[1]), html)


def _plain(inside: str) -> str:
    parts = {
        name: [_CELL.findall(row) for row in _ROW.findall(rows)]
        for name, rows in _PART.findall(inside)
    }
    words = _columns_of_words(parts.get("tbody", []))
    written = "".join(
        f"<{name}>{''.join(_row(cells, words) for cells in rows)}</{name}>\n"
        for name, rows in parts.items()
    )
    return f'<table class="dataframe">{written}</table>'


def _columns_of_words(rows: Sequence[Sequence[_Cell]]) -> set[int]:
    """Return the columns after the first in which most cells begin with a letter.

    A cell without a letter or a digit, such as a dash, says nothing.
    """
    if any(_SPAN.search(marks) for row in rows for _, marks, _ in row):
        return set()  # a cell's place in its row is not its column
    found = set()
    for place, column in enumerate(zip(*rows, strict=False)):
        said = [unescape(_TAG.sub("", text)).strip() for *_, text in column]
        said = [text for text in said if any(map(str.isalnum, text))]
        if place and 2 * sum(text[0].isalpha() for text in said) > len(said):
            found.add(place)
    return found


def _row(cells: Sequence[_Cell], words: set[int]) -> str:
    return f"<tr>{''.join(_cell(*one, n in words) for n, one in enumerate(cells))}</tr>"


def _cell(tag: str, marks: str, text: str, is_words: bool) -> str:
    text = text.strip()
    if text in ("", "&nbsp;"):
        tag, text = "td", ""  # the corner is a header of nothing
    if "<" not in text:
        text = _MARK.sub(r'<span class="sv-hung">\g<0></span>', minus(text))
    kept = _SPAN.findall(marks) + ['class="sv-text"'] * is_words
    return f"<{' '.join([tag, *kept])}>{text}</{tag}>"
