"""A minus before the numbers below zero, as the figures have it."""

from docutils import nodes
from sphinx import addnodes

from seqviz.figures.numbers import minus

#: What is written as a program reads it.
_AS_TYPED = (
    nodes.FixedTextElement,
    nodes.literal,
    nodes.math,
    nodes.raw,
    nodes.comment,
    addnodes.desc_signature,
)


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
