import pytest

from seqviz.figures import tokens
from seqviz.figures.histories import history_html


def test_tiles_stand_in_order_with_sign_and_color():
    html = history_html(["tent", "seeds", "slip"], [0, 5, -1], "What is *third*?")
    assert html.index("tent") < html.index("seeds") < html.index("slip")
    assert html.count("<li") == 3
    for interest in (0, 5):
        assert tokens.interest_sign(interest) in html
        assert tokens.interest_color(interest) in html
    assert "<figcaption>What is <em>third</em>?</figcaption>" in html


def test_titles_are_escaped():
    assert "<script>" not in history_html(["<script>"])


def test_interests_need_one_entry_a_title():
    with pytest.raises(ValueError, match="interests must have one.*got 1 for 2"):
        history_html(["a", "b"], [0])
