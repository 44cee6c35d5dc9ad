"""Numbers, quotes, marks: Python's figures and the page's are alike."""

import numpy as np
import pytest
from front_end import in_node

from seqviz.explorers.core.svg import apart
from seqviz.figures.markup import curly
from seqviz.figures.numbers import fixed, with_sign

NUMBERS = [0, -0.0, 0.0004, -0.0004, 0.0625, -0.0625, 0.1875, -0.5, 0.9996, 12.3456]
TEXTS = [
    'Ana\'s clicks ask "why?"',
    "\"a\" ('b', *\"c\"*), the *K*'s and `x['a']`'s \"`y`\"",
    "",
]


@pytest.mark.parametrize("places", [0, 2, 3])
def test_numbers_are_written_alike(places):
    found = in_node(
        {"words": "core/words.js"},
        "return given.all.map((x) =>"
        " [words.fixed(x, given.places), words.withSign(x, given.places)]);",
        {"all": NUMBERS, "places": places},
    )
    assert found == [[fixed(x, places), with_sign(x, places)] for x in NUMBERS]


def test_quotes_are_curled_alike():
    found = in_node(
        {"elements": "core/elements.js"}, "return given.map(elements.curly);", TEXTS
    )
    assert found == [curly(text) for text in TEXTS]
    assert found[0] == "Ana’s clicks ask “why?”"


def test_marks_that_would_cover_each_other_are_moved_apart_alike():
    places = [[0, 0], [3, 4], [100, 0], [100, 0], [300, 50]]
    moved = apart(places, least=20)
    gaps = np.linalg.norm(
        np.subtract.outer(moved, moved).diagonal(axis1=1, axis2=3), axis=-1
    )
    assert gaps[~np.eye(len(places), dtype=bool)].min() > 19.9
    assert moved[-1] == (300.0, 50.0)
    found = in_node(
        {"pictures": "core/pictures.js"}, "return pictures.apart(given, 20);", places
    )
    np.testing.assert_allclose(found, moved, atol=1e-9)
