"""Tables: digits by column, an index of names, dashes, escaped words."""

import re

import pandas as pd
import pytest

from seqviz.figures.tables import table_html


def cells(html):
    return [
        re.sub("<[^>]+>", "", cell) for cell in re.findall(r"<t[dh].*?</t[dh]>", html)
    ]


def test_one_form_is_for_every_number_and_words_stay():
    frame = pd.DataFrame({"model": ["a", "b"], "recall": [0.12345, 1.0]})
    assert cells(table_html(frame, ".3f")) == [
        *("model", "recall"),
        *("a", "0.123"),
        *("b", "1.000"),
    ]


def test_each_column_may_have_its_own_form():
    frame = pd.DataFrame({"items": [12345], "gain": [0.0512], "rest": [2.5]})
    found = cells(table_html(frame, {"items": ",", "gain": "+.1%"}))
    assert found[3:] == ["12,345", "+5.1%", "2.5"]


def test_an_index_of_names_is_the_first_column_and_a_count_is_none():
    frame = pd.DataFrame({"auc": [0.5]}, index=pd.Index(["coin"], name="model"))
    assert cells(table_html(frame, ".1f")) == ["model", "auc", "coin", "0.5"]
    assert cells(table_html(frame.reset_index(drop=True), ".1f")) == ["auc", "0.5"]


def test_an_index_with_a_name_stays_as_it_is():
    frame = pd.DataFrame({"auc": [0.5]}, index=pd.RangeIndex(4, 5, name="seed"))
    assert cells(table_html(frame, ".2f")) == ["seed", "auc", "4", "0.50"]


def test_what_rounds_to_zero_has_no_sign_and_a_minus_is_true():
    frame = pd.DataFrame({"gain": [-0.0004, 0.0004, -0.5]})
    assert cells(table_html(frame, "+.3f"))[1:] == ["0.000", "0.000", "−0.500"]
    frame = pd.DataFrame({"gain": ["-0.1, -0.2 to 0.1", "item-7"]})
    assert cells(table_html(frame))[1:] == ["−0.1, −0.2 to 0.1", "item-7"]


def test_what_is_missing_is_a_dash():
    frame = pd.DataFrame({"a": [None, 1.0], "b": ["x", None]})
    assert cells(table_html(frame, ".1f"))[2:] == ["–", "x", "1.0", "–"]


def test_words_are_escaped_and_the_caption_has_its_markup():
    html = table_html(pd.DataFrame({"<b>": ["<i>"]}), caption="see *this*")
    assert "<i>" not in html and "<b>" not in html
    assert "<figcaption>see <em>this</em></figcaption>" in html


def test_a_form_for_a_column_that_is_not_there_raises():
    with pytest.raises(KeyError, match="gian"):
        table_html(pd.DataFrame({"gain": [1.0]}), {"gian": ".1f"})
