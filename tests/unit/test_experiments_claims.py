"""A word that the numbers do not carry fails the build."""

import pytest

from seqviz.experiments import Comparison, NotCarried, claim, interval

UP = Comparison(0.03, 0.01, 0.05, 0.001)
DOWN = Comparison(-0.03, -0.05, -0.01, 0.001)
NEITHER = Comparison(0.01, -0.02, 0.04, 0.5)


def test_a_word_comes_with_its_numbers():
    assert claim("better", UP) == "better (+0.030, 0.010 to 0.050)"
    assert claim("worse", DOWN, digits=2) == "worse (-0.03, -0.05 to -0.01)"
    assert claim("not told apart", NEITHER).startswith("not told apart (+0.010")
    assert interval(DOWN, 1) == "-0.0, -0.1 to -0.0"


@pytest.mark.parametrize(
    ("word", "comparison"),
    [
        ("better", DOWN),
        ("more", NEITHER),
        ("worse", UP),
        ("alike", UP),
        ("alike", DOWN),
    ],
)
def test_what_is_not_carried_stops_the_page(word, comparison):
    with pytest.raises(NotCarried, match=word):
        claim(word, comparison)


def test_the_corrected_test_decides():
    with pytest.raises(NotCarried):
        claim("better", UP, p_value=0.06)
    assert claim("alike", UP, p_value=0.06)


def test_no_other_word():
    with pytest.raises(ValueError, match="got 'impressive'"):
        claim("impressive", UP)
