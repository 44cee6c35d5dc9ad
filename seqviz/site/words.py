"""The first mention of a term in a chapter leads to the glossary and says its meaning.

It is a link to the glossary. With JavaScript ``page.js`` shows at once, below the word,
what the page carries of the terms that it marks.
"""

import re
from collections.abc import Iterator, Sequence
from html import escape

from docutils import nodes

from seqviz.site.glossary import Term

#: Terms that are everyday words as well, and mostly meant so.
EVERYDAY = {"field", "head", "key", "label", "value"}
_TEXT = (nodes.emphasis, nodes.strong)


def mark(doctree: nodes.document, terms: Sequence[Term], glossary: str) -> None:
    """Mark the first mention of each term.

    Args:
        doctree: of a chapter; it is changed.
        terms: of the glossary.
        glossary: the address of its page from the chapter.
    """
    left = {term.name.lower(): term for term in terms if term.name not in EVERYDAY}
    found = []
    for text in list(doctree.findall(nodes.Text)):
        if not left:
            break
        if not _is_prose(text):
            continue
        pieces: list[nodes.Node] = []
        start = 0
        words = text.astext()
        for match in _pattern(left).finditer(words):
            term = left.pop(match[1].lower(), None)
            if term is None:  # met a moment ago in this very text
                continue
            found.append(term)
            pieces.append(nodes.Text(words[start : match.start()]))
            address = f"{glossary}#{term.anchor}"
            pieces.append(
                nodes.reference(
                    "", match[0], refuri=address, internal=True, classes=["sv-word"]
                )
            )
            start = match.end()
        if pieces:
            text.parent.replace(text, [*pieces, nodes.Text(words[start:])])
    if found:
        doctree.append(nodes.raw("", "".join(_said(found)), format="html"))


def _is_prose(text: nodes.Text) -> bool:
    """Whether a text is part of a sentence, up to the block that holds it."""
    node = text.parent
    while isinstance(node, nodes.Inline):
        if not isinstance(node, _TEXT):
            return False
        node = node.parent
    if not isinstance(node, nodes.paragraph):
        return False
    around = node.parent
    while around is not None:
        if isinstance(around, (nodes.table, nodes.figure, nodes.footnote)):
            return False
        around = around.parent
    return True


def _pattern(terms: dict[str, Term]) -> re.Pattern[str]:
    longest = sorted(terms, key=len, reverse=True)
    either = "|".join(map(re.escape, longest))
    return re.compile(rf"(?<![\w-])({either})(?:s|es)?(?![\w-])", re.IGNORECASE)


def _said(terms: Sequence[Term]) -> Iterator[str]:
    """Return what the marked terms mean, for the script alone."""
    yield '<template class="sv-words">'
    for term in terms:
        says = f"{term.says[:1].upper()}{term.says[1:]}."
        yield (
            f'<p data-term="{term.anchor}"><dfn>{escape(term.name)}</dfn> '
            f'<span lang="zh-Hans">{escape(term.chinese)}</span> {escape(says)}</p>'
        )
    yield "</template>"
