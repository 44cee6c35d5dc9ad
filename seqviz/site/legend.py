"""The legend of a chapter: the letters of its shapes, and its names with theirs.

Every row comes from the notation page, which alone lists them. A chapter gets the rows
that it uses: a letter that stands in one of its shapes, a name that it writes beside
its shape, in code or in a sentence, and a name whose sign stands in its formulas.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from html import escape
from typing import NamedTuple

from docutils import nodes

_LENGTH = r"(?:\d*[A-Z](?: [+-] \d)?|\d+)"
_SHAPE = re.compile(rf"\[{_LENGTH}(?:, {_LENGTH})*\]")
_NAME = re.compile(r"[A-Za-z_]\w*")
_SENTENCE = re.compile(r"(?<=[.;:!?])\s")


class Row(NamedTuple):
    """A row of a table of the notation page.

    Attributes:
        signs: its formulas, as TeX without spaces; of a letter the letter.
        names: what the code calls it; none of a letter.
        shapes: as the page writes them; none of a letter or a number.
        cells: the cells of the row.
    """

    signs: frozenset[str]
    names: frozenset[str]
    shapes: frozenset[str]
    cells: Sequence[nodes.entry]

    @property
    def is_letter(self) -> bool:
        """Whether it is the length of an axis."""
        return len(self.cells) == 2


class Use(NamedTuple):
    """What a chapter writes: names beside shapes, names in its code, formulas."""

    shaped: frozenset[tuple[str, str]]
    coded: frozenset[str]
    formulas: str

    def has_shape(self, row: Row) -> bool:
        """Whether the chapter writes one of the names beside one of the shapes."""
        return any(
            (name, shape) in self.shaped for name in row.names for shape in row.shapes
        )

    def has_sign(self, row: Row) -> bool:
        """Whether a sign stands in a formula, and the name, if any, in the code."""
        signs = "|".join(re.escape(sign) for sign in row.signs)
        found = signs and re.search(
            rf"(?<![A-Za-z\\])(?:{signs})(?![A-Za-z])", self.formulas
        )
        return bool(found) and (not row.names or bool(row.names & self.coded))


def rows(notation: nodes.document) -> list[Row]:
    """Return the rows of the tables of letters and of names, in order.

    Args:
        notation: the notation page, as it was read.
    """
    found = []
    for row in notation.findall(nodes.row):
        cells = [cell for cell in row if isinstance(cell, nodes.entry)]
        signs = frozenset(_signs(cells[0])) if cells else None
        if not signs or len(cells) not in (2, 4):
            continue
        whole = len(cells) == 4
        found.append(
            Row(
                signs,
                frozenset(_codes(cells[1]) if whole else ()),
                frozenset(_codes(cells[2]) if whole else ()),
                cells,
            )
        )
    return found


def use(chapter: nodes.document) -> Use:
    """Return what a chapter writes."""
    shaped, coded, formulas = set(), set(), []
    for block in chapter.findall(nodes.literal_block):
        for line in block.astext().splitlines():
            shaped.update(_pairs(line))
        coded.update(_NAME.findall(block.astext()))
    for paragraph in chapter.findall(nodes.paragraph):
        for sentence in _SENTENCE.split(paragraph.astext()):
            shaped.update(_pairs(sentence))
    for kind in (nodes.math, nodes.math_block):
        formulas += [math.astext() for math in chapter.findall(kind)]
    return Use(
        frozenset(shaped), frozenset(coded), re.sub(r"\s", "", " ".join(formulas))
    )


def chosen(table: Sequence[Row], used: Use) -> list[Row]:
    """Return the rows that a chapter uses, in their order.

    Of several with one name and one shape it gets those whose sign it writes, and the
    first where it writes none.
    """
    lengths = {
        letter for _, shape in used.shaped for letter in re.findall("[A-Z]", shape)
    }
    found: list[Row] = []
    for row in table:
        if row.is_letter:
            fits = bool(row.signs & lengths)
        elif not row.shapes:
            fits = used.has_sign(row)
        else:
            rivals = [
                other
                for other in table
                if other.names & row.names and other.shapes & row.shapes
            ]
            signed = [other for other in rivals if used.has_sign(other)]
            fits = used.has_shape(row) and row in (signed or rivals[:1])
        if fits:
            found.append(row)
    return found


def button_and_legend(
    found: Sequence[Row], render: Callable[[nodes.Node], str], notation: str
) -> str:
    """Return the button of the head and what it opens, as HTML.

    Both need no script. The legend lies above the page, so nothing moves.

    Args:
        found: the rows of the chapter.
        render: gives the HTML of a node.
        notation: the address of the notation page.
    """
    letters = "".join(_letter(row, render) for row in found if row.is_letter)
    names = "".join(_name(row, render) for row in found if not row.is_letter)
    return (
        '<button class="btn btn-sm sv-legend-button" type="button" '
        'popovertarget="sv-legend" title="Letters and shapes of this chapter" '
        'aria-label="Letters and shapes of this chapter">[B,&nbsp;T,&nbsp;E]</button>'
        '<div id="sv-legend" class="sv-legend" popover="manual" role="region" '
        'aria-label="Letters and shapes of this chapter" tabindex="0">'
        f"<dl>{letters}</dl><dl>{names}</dl>"
        f'<p><a href="{escape(notation)}">All letters and names</a></p></div>'
    )


def _letter(row: Row, render: Callable[[nodes.Node], str]) -> str:
    # as in shapes; set as a formula each is a kilobyte
    signs = ", ".join(map(escape, sorted(row.signs)))
    says = _inside(row.cells[1], render)
    return f"<div><dt><code>{signs}</code></dt><dd>{says}</dd></div>"


def _name(row: Row, render: Callable[[nodes.Node], str]) -> str:
    sign, code, shape, says = (_inside(cell, render) for cell in row.cells)
    return f"<div><dt>{sign} {code} {shape}</dt><dd>{says}</dd></div>"


def _inside(cell: nodes.entry, render: Callable[[nodes.Node], str]) -> str:
    """Return the HTML of what stands in a cell, its code as bare as the letters."""
    words = [node.deepcopy() for one in cell for node in one.children]
    html = render(nodes.inline("", "", *words)).strip() if words else ""
    bare = re.sub(r"^<span>(.*)</span>$", r"\1", html, flags=re.DOTALL)
    return re.sub(r"<code class=\"[^\"]*\">", "<code>", bare)


def _signs(cell: nodes.entry) -> Iterator[str]:
    for math in cell.findall(nodes.math):
        for sign in re.split(r",\s*(?:\\dots,\s*)?", math.astext()):
            yield re.sub(r"\s", "", sign)


def _codes(cell: nodes.entry) -> Iterator[str]:
    return (code.astext() for code in cell.findall(nodes.literal))


def _pairs(line: str) -> Iterator[tuple[str, str]]:
    """Yield every name of a line with every shape of it."""
    shapes = _SHAPE.findall(line)
    if shapes:
        for name in _NAME.findall(_SHAPE.sub("", line)):
            yield from ((name, shape) for shape in shapes)
