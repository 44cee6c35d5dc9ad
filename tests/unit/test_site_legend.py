"""The legend of a chapter: rows of the notation page, those that the chapter uses."""

import pytest
from docutils import nodes
from docutils.core import publish_doctree

from seqviz.site import legend

NOTATION = """
Notation
========

.. list-table::
   :header-rows: 1

   * - letter
     - meaning
   * - :math:`B`
     - users in a batch
   * - :math:`T`
     - behaviors in a history
   * - :math:`K`
     - interests of a user

.. list-table::
   :header-rows: 1

   * - formula
     - code
     - shape
     - what it is
   * - :math:`m_t`
     - ``mask``
     - ``[B, T]``
     - true where real
   * - :math:`\\mathbf{h}_t`
     - ``states``
     - ``[B, T, E]``
     - what is expected
   * - :math:`\\mathbf{X}^{l}`
     - ``states``
     - ``[B, T, E]``
     - a row behind a block
   * - :math:`\\tau`
     - ``temperature``
     - a number above 0
     - divides the scores
   * - :math:`a`
     - ``share``
     - a number
     - of the catalog

.. list-table::

   * - interest
     - 1
   * - sign
     - ●
"""


def doctree(text):
    return publish_doctree(text, settings_overrides={"report_level": 5})


def said(text):
    """Return the first cell of each row that a chapter gets."""
    table = legend.rows(doctree(NOTATION))
    found = legend.chosen(table, legend.use(doctree(text)))
    return [row.cells[0].astext() for row in found]


def test_the_notation_page_gives_letters_and_names_and_no_other_row():
    table = legend.rows(doctree(NOTATION))
    assert [row.is_letter for row in table] == [True] * 3 + [False] * 5
    assert table[3].names == {"mask"} and table[3].shapes == {"[B, T]"}
    assert not table[6].shapes


def test_a_chapter_gets_the_letters_of_its_shapes_and_the_names_beside_them():
    assert said("Read::\n\n    mask = ids > 0  # [B, T]\n") == ["B", "T", "m_t"]
    assert said("The ``mask`` is ``[B, T]``. More.") == ["B", "T", "m_t"]


def test_a_name_and_a_shape_apart_do_not_meet():
    assert said("The ``mask`` hides. A table is ``[B, T]``.") == ["B", "T"]
    assert said("Read::\n\n    mask = 1\n    x = y  # [B, T]\n") == ["B", "T"]
    assert said("An index: ``clicks[B]``, a list ``[user, item]``.") == ["B"]


@pytest.mark.parametrize(
    ("formula", "sign"),
    [(r"\mathbf{h}_t", r"\mathbf{h}_t"), (r"\mathbf{X}^{l}", r"\mathbf{X}^{l}")],
)
def test_of_two_with_one_name_and_shape_the_formula_decides(formula, sign):
    text = f"So :math:`{formula}` is::\n\n    states = f(x)  # [B, T, E]\n"
    assert said(text) == ["B", "T", sign]


def test_without_a_formula_it_is_the_first():
    text = "::\n\n    states = f(x)  # [B, T, E]\n"
    assert said(text) == ["B", "T", r"\mathbf{h}_t"]


def test_what_has_no_shape_is_found_by_its_sign_and_its_name():
    assert said("With :math:`s / \\tau`::\n\n    temperature = 1\n") == [r"\tau"]
    assert said("With :math:`s / \\tau` alone.") == []
    # a sign is no letter of another one
    assert said(":math:`\\alpha + \\mathrm{max}`::\n\n    share = 1\n") == []


def test_the_button_opens_what_stands_behind_it():
    table = legend.rows(doctree(NOTATION))

    def render(node):
        return node.astext().replace("<", "&lt;")

    html = legend.button_and_legend(table[:4], render, "../notation.html")
    assert 'popovertarget="sv-legend"' in html
    assert 'id="sv-legend"' in html
    assert "<div><dt><code>K</code></dt><dd>interests of a user</dd></div>" in html
    assert "<div><dt>m_t mask [B, T]</dt><dd>true where real</dd></div>" in html
    assert '<a href="../notation.html">' in html
    # the notation page keeps its cells
    assert isinstance(table[0].cells[0].parent, nodes.row)
    assert table[0].cells[0].astext() == "B"
