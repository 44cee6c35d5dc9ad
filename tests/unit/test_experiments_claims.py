"""A word that the numbers do not carry fails the build."""

import numpy as np
import pandas as pd
import pytest

from seqviz.experiments import (
    Comparison,
    NotCarried,
    claim,
    comparison_in,
    corrected,
    interval,
)

UP = Comparison(0.03, 0.01, 0.05, 0.001)
DOWN = Comparison(-0.03, -0.05, -0.01, 0.001)
NEITHER = Comparison(0.01, -0.02, 0.04, 0.5)


def test_a_word_comes_with_its_numbers():
    assert claim("better", UP) == "better (+0.030, 0.010 to 0.050)"
    assert claim("worse", DOWN, digits=2) == "worse (-0.03, -0.05 to -0.01)"
    assert claim("not told apart", NEITHER).startswith("not told apart (+0.010")


@pytest.mark.parametrize(
    ("numbers", "written"),
    [
        ((-0.03, -0.05, -0.01), "-0.03, -0.05 to -0.01"),
        ((0.42, -0.004, 0.87), "+0.420, -0.004 to 0.870"),
        ((-0.02, -0.5, 0.4), "-0.02, -0.50 to 0.40"),
        ((0.42, 0.0, 0.87), "+0.4, 0.0 to 0.9"),
        ((0.42, -1e-9, 0.87), "+0.4, 0.0 to 0.9"),
    ],
)
def test_what_is_not_0_is_not_written_as_0(numbers, written):
    assert interval(Comparison(*numbers, p_value=0.5), 1) == written


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
    weak = UP._replace(p_value=0.03)
    assert claim("better", weak)
    first, second = corrected({"first": weak, "second": NEITHER}).values()
    assert first.p_value == 0.06 and second.p_value == 0.5
    with pytest.raises(NotCarried):
        claim("better", first)
    assert claim("alike", first) == (
        "alike (+0.030, 0.010 to 0.050; p = 0.06 after Holm)"
    )


def test_a_mark_says_which_way():
    marks = [found.mark for found in (UP, DOWN, NEITHER, UP._replace(p_value=0.06))]
    assert marks == ["+", "−", "", ""]


def test_pairs_as_names_keep_their_order():
    pairs = {("b", "a"): NEITHER, ("a", "b"): DOWN}
    assert list(corrected(pairs)) == list(pairs)
    assert corrected(pairs)["a", "b"].p_value == 0.002


def test_no_other_word():
    with pytest.raises(ValueError, match="got 'impressive'"):
        claim("impressive", UP)


def test_a_row_of_a_table_is_a_comparison():
    columns = ["mean", "difference", "low", "high", "p", "mark"]
    rows = {"her": (0.2, *UP, "+"), "base": (0.17, *[np.nan] * 4, "")}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    assert comparison_in(table, "her") == UP
    assert interval(comparison_in(table, "her").points, 1) == "+3.0, 1.0 to 5.0"
    assert UP.points.mark == "+" and UP.points.p_value == UP.p_value
    assert interval(comparison_in(table, "base")) == "–"
    with pytest.raises(KeyError, match="him"):
        comparison_in(table, "him")
