"""The glossary: every term in English and in Chinese, what it means, who builds it.

The terms stand in ``book/glossary.yml``. With JavaScript ``page.js`` adds a search.
"""

from html import escape
from pathlib import Path
from typing import NamedTuple

import yaml
from docutils.nodes import make_id


class Term(NamedTuple):
    """A term, its Chinese name, a line of explanation, and a page of the book."""

    name: str
    chinese: str
    says: str
    here: str
    #: Pages where the word means something else.
    not_on: tuple[str, ...] = ()

    @property
    def anchor(self) -> str:
        """The part of an address that leads to the term."""
        return f"term-{make_id(self.name)}"


def read(path: Path) -> list[Term]:
    """Read the terms, in the order of their names.

    Raises:
        ValueError: an entry is not whole, or stands there twice.
    """
    terms = []
    for entry in yaml.safe_load(path.read_text(encoding="utf-8")):
        *said, not_on = entry if len(entry) == len(Term._fields) else [*entry, ()]
        if len(said) != len(Term._fields) - 1 or not all(said):
            raise ValueError(f"a term must have {', '.join(Term._fields)}, got {entry}")
        if isinstance(not_on, str):
            raise ValueError(f"not_on must be a list of pages, got {not_on!r}")
        terms.append(Term(*map(str, said), tuple(not_on)))
    names = [term.name for term in terms]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"terms must stand there once, got {sorted(twice)} twice")
    return sorted(terms, key=lambda term: term.name.lower())


#: For who has scripts: page.css hides it from others.
SEARCH = (
    '<form class="sv-map-choices sv-find"><label>Find in English or Chinese'
    '<input name="words" type="search" autocomplete="off"></label>'
    '<p role="status">All terms</p></form>'
)


def opening(term: Term) -> str:
    """Return the head of a term; what it means stands behind it, then ``CLOSING``."""
    return (
        f'<div class="sv-term" id="{term.anchor}"><p><dfn>{escape(term.name)}</dfn> '
        f'<span lang="zh-Hans">{escape(term.chinese)}</span></p>'
    )


CLOSING = "</div>"
