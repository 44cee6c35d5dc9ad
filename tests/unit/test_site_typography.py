"""A number below zero has a minus, and code keeps its hyphen."""

import pytest
from docutils.core import publish_doctree

from seqviz.site import typography


def set_in(text):
    """Return the document of a text, with its minus."""
    doctree = publish_doctree(text, settings_overrides={"report_level": 5})
    typography.set_minus(doctree)
    return doctree


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("lower (-0.2, -.3 to -0.1)", "lower (−0.2, −.3 to −0.1)"),
        ("on 2026-11-29, item-1, T - 1", "on 2026-11-29, item-1, T - 1"),
        ("the option -v, ±-1", "the option -v, ±−1"),
    ],
    ids=["numbers", "dates, names and differences", "options"],
)
def test_a_hyphen_before_a_number_is_a_minus(typed, said):
    assert set_in(typed).astext() == said


def test_what_a_program_reads_stays_as_typed():
    text = "``x[:, -1]`` and :math:`-1`\n\n::\n\n   print(-1)\n"
    assert set_in(text).astext().count("-1") == 3
