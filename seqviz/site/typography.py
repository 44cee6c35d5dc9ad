"""A minus before the numbers below zero, as the figures have it."""

import re

from docutils import nodes
from sphinx import addnodes

#: A hyphen that stands for a minus: a number follows, and no word or digit precedes.
_HYPHEN = re.compile(r"(?<![^\s(\[“±])-(?=\.?\d)")
#: What is written as a program reads it.
_AS_TYPED = (
    nodes.FixedTextElement,
    nodes.literal,
    nodes.math,
    nodes.raw,
    nodes.comment,
    addnodes.desc_signature,
)


def minus(text: str) -> str:
    """Return a text whose negative numbers have a minus in the place of a hyphen.

    Example:
        >>> minus("lower (-0.2, -0.3 to -0.1), on 2026-11-29")
        'lower (−0.2, −0.3 to −0.1), on 2026-11-29'
    """
    return _HYPHEN.sub("−", text)


def set_minus(doctree: nodes.document) -> None:
    """Give the negative numbers of a page their minus, but for what is code."""
    for text in list(doctree.findall(nodes.Text)):
        said = minus(text.astext())
        if said != text.astext() and not _is_typed(text):
            text.parent.replace(text, nodes.Text(said))


def _is_typed(text: nodes.Text) -> bool:
    node = text.parent
    while node is not None:
        if isinstance(node, _AS_TYPED):
            return True
        node = node.parent
    return False
